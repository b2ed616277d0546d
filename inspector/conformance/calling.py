"""Send the requests of probes, and record every byte that comes back.

A `Caller` has the HTTP client, the key and the limits of a whole run. An `Endpoint` is what one run of one
probe sees: it names the exchanges `PROBE-1`, `PROBE-2`, …, and keeps them. Whatever goes wrong on the wire is
in the recording; nothing raises.

Rule 1: each request has a connection of its own, so that no answer spoils the next one.
Rule 2: no exchange takes longer than its time limit, even if a byte comes every second.
"""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from inspector import _json
from inspector._version import __version__
from inspector.conformance.evidence import Answer
from inspector.conformance.keeping import Keeper
from inspector.conformance.receiving import OutgoingRequest, received
from inspector.conformance.scoring.scorecard import Exchange
from inspector.conformance.settings import Limits, Settings
from inspector.http_library import sdk_library

__all__ = ["Caller", "Endpoint", "Limits", "Settings"]

_VERSION = "2023-06-01"


class Caller:
    """Send requests, and record them. It is shared by all threads of a run; `close` ends it."""

    def __init__(
        self,
        settings: Settings,
        *,
        keep: str | None = None,
        overwrite: bool = False,
        clock: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.stop = threading.Event()
        """Is set when the run is interrupted: nobody waits any more."""
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._keeper = Keeper(keep, settings.key, settings.authorization, overwrite=overwrite)
        library = sdk_library()
        options = {"verify": _tls_context(library), "event_hooks": self._keeper.tap}
        limits = library.Limits(max_connections=None, max_keepalive_connections=0)
        self._client = library.Client(limits=limits, **options)
        self._new_client: Callable[[], Any] = functools.partial(library.Client, **options)

    def next_name(self, probe: str) -> str:
        """Return the name of the next exchange of a probe, also if several runs of it go on."""
        with self._lock:
            self._counts[probe] += 1
            return f"{probe}-{self._counts[probe]}"

    def close(self) -> None:
        """Close the client, and finish all that is being recorded."""
        self._client.close()
        self._keeper.close()

    @property
    def unkept(self) -> str:
        """Why recordings are not kept; empty while all are."""
        return self._keeper.failure

    def keep_behind(self, exchange: Exchange) -> None:
        """Keep what a scripted upstream sent for an exchange, in a file beside its own."""
        self._keeper.save_behind(exchange)

    def new_client(self) -> Any:
        """Return a client of its own, which keeps its connections. Whoever gets it closes it."""
        return self._new_client()

    def endpoint(self, probe: str) -> Endpoint:
        """Return the endpoint for one run of a probe."""
        return Endpoint(self, probe)

    def send(
        self,
        name: str,
        method: str,
        path: str,
        *,
        content: bytes | None,
        headers: Mapping[str, str],
        client: Any = None,
        limits: Limits | None = None,
    ) -> tuple[Answer, Exchange]:
        """Send one request, and read its response to the end or to a limit. `client` has kept connections.

        `limits` stand in for those of the settings.
        """
        url = path if "://" in path else self.settings.base_url.rstrip("/") + path
        began = self.clock()
        with self._keeper.recording(name) as kept:
            limits = limits or Limits(self.settings.timeout, self.settings.silence)
            request = OutgoingRequest(method, url, content, headers)
            came = received(
                request,
                client or self._client,
                limits,
                clock=self.clock,
                stop=self.stop,
                on_error=self._keeper.tap.on_error,
            )
        recording = kept.recording()
        # Not the clock, which has gone on while the recording was written.
        ended = began + (recording.end.t if recording.end else 0.0)
        exchange = Exchange(
            name,
            recording,
            began=began,
            ended=ended,
            file=kept.file,
            stopped=came.stopped,
            late=came.late,
        )
        answer = Answer(
            name,
            recording,
            came.decoded,
            came.stopped,
            came.connected,
            came.fields,
            came.late,
            self.settings.patience,
        )
        return answer, exchange


class Endpoint:
    """The endpoint, as one run of the probe `probe` sees it."""

    def __init__(self, caller: Caller, probe: str) -> None:
        self._caller = caller
        self._probe = probe
        self._lock = threading.Lock()
        self.exchanges: list[Exchange] = []
        """What was sent so far."""

    @property
    def model(self) -> str:
        """The model that requests name."""
        return self._caller.settings.model

    @property
    def authorization(self) -> str:
        """The header that carries the key."""
        return self._caller.settings.authorization

    def ask(
        self,
        messages: list[dict[str, Any]],
        *,
        max_tokens: int,
        stream: bool = True,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> Answer:
        """Send a request for a message, and return what came. `members` are further members of its body."""
        body = self.body(messages, max_tokens, stream=stream, **members)
        return self.post("/v1/messages", body, headers=headers)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | bytes,
        *,
        headers: Mapping[str, str] | None = None,
        client: Any = None,
    ) -> Answer:
        """POST a body to a path below the base URL, or to a whole URL."""
        content = body if isinstance(body, bytes) else _json.dumps(body)
        return self.request("POST", path, content, headers, client)

    def request(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        client: Any = None,
    ) -> Answer:
        """Send a request. If the endpoint is too busy, wait as it says, and send it once more."""
        answer = self._once(method, path, content, headers or {}, client)
        seconds, clock = answer.retry_after, self._caller.clock
        began = clock()
        if seconds is None or seconds > self._caller.settings.patience or self._caller.stop.wait(seconds):
            return answer
        return self._once(method, path, content, headers or {}, client, held=clock() - began)

    def ask_together(self, turns: Sequence[list[dict[str, Any]]], *, max_tokens: int) -> list[Answer]:
        """Send requests for streams at the same time; return their answers in the order of the requests."""
        with ThreadPoolExecutor(len(turns)) as threads:
            return list(threads.map(lambda each: self.ask(each, max_tokens=max_tokens), turns))

    def ask_on_one_connection(
        self, turns: Sequence[list[dict[str, Any]]], *, max_tokens: int
    ) -> list[Answer]:
        """Send requests for streams one after another, on one connection if the endpoint keeps it."""
        with self._caller.new_client() as client:
            return [self.post("/v1/messages", self.body(each, max_tokens), client=client) for each in turns]

    def body(
        self, messages: list[dict[str, Any]], max_tokens: int, *, stream: bool = True, **members: Any
    ) -> dict[str, Any]:
        """Return the body of a request for a message."""
        body = {"model": self.model, "max_tokens": max_tokens, "messages": messages, **members}
        return body | ({"stream": True} if stream else {})

    def key_in(self, header: str, key: str | None = None) -> dict[str, str] | None:
        """Return headers that authenticate with the key, or another, in this header alone; None without one.

        `header` is `x-api-key` or `authorization`.
        """
        key = key or self._caller.settings.key
        if not self._caller.settings.key:
            return None
        return {"x-api-key": "", "authorization": ""} | authorization(header, key)

    def _once(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str],
        client: Any = None,
        limits: Limits | None = None,
        held: float = 0.0,
    ) -> Answer:
        name = self._caller.next_name(self._probe)
        fields = self._fields(headers)
        answer, exchange = self._caller.send(
            name, method, path, content=content, headers=fields, client=client, limits=limits
        )
        with self._lock:
            self.exchanges.append(replace(exchange, held=held))
        return answer

    def _fields(self, headers: Mapping[str, str]) -> dict[str, str]:
        settings = self._caller.settings
        fields = {
            "accept": "application/json",
            "content-type": "application/json",
            "anthropic-version": _VERSION,
            "user-agent": f"sse-inspector/{__version__}",
        }
        fields |= authorization(settings.authorization, settings.key)
        fields |= {name.lower(): value for name, value in settings.headers.items()}
        fields |= headers
        return {name: value for name, value in fields.items() if value}


def authorization(name: str, key: str) -> dict[str, str]:
    """Return the header that authenticates with a key, in the header of that name; none without a key."""
    if not key:
        return {}
    return {name: f"Bearer {key}" if name == "authorization" else key}


def _tls_context(library: Any) -> Any:
    """Return what verifies the endpoint, made once for all clients of a run, as the library makes it."""
    return library.create_ssl_context()
