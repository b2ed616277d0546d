"""Send the requests of probes, and record every byte that comes back.

A `Caller` has the HTTP client, the key and the limits of a whole run. An `Endpoint` is what one run of one
probe sees: it names the exchanges `PROBE-1`, `PROBE-2`, …, and keeps them. Whatever goes wrong on the wire is
in the recording; nothing raises.

Rule 1: each request has a connection of its own, so that no answer spoils the next one.
Rule 2: no exchange takes longer than its time limit, even if a byte comes every second.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector import _json
from inspector._version import __version__
from inspector.conformance.deadline import Deadline
from inspector.conformance.evidence import BUSY, Answer
from inspector.conformance.keeping import Keeper
from inspector.conformance.scorecard import Exchange
from inspector.http_library import sdk_library
from inspector.record.decoding import DecodingError, decoder_for

__all__ = ["Caller", "Endpoint", "Settings"]

_MOST_BYTES = 64 * 1024 * 1024  # of one body
_VERSION = "2023-06-01"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where requests go, and the limits of each, in seconds.

    `key` goes into the header that `authorization` names. `timeout` is for a whole exchange, `silence` for
    the time in which nothing comes, `patience` the longest `retry-after` that is waited for.
    """

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    authorization: str = "x-api-key"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 60.0
    silence: float = 30.0
    patience: float = 30.0


class Caller:
    """Send requests, and record them. It is shared by all threads of a run; `close` ends it."""

    def __init__(self, settings: Settings, *, keep: str | None = None, clock: Callable[[], float]) -> None:
        self.settings = settings
        self.clock = clock
        self.stop = threading.Event()
        """Is set when the run is interrupted: nobody waits any more."""
        self._keeper = Keeper(keep)
        library = sdk_library()
        limits = library.Limits(max_connections=None, max_keepalive_connections=0)
        timeout = library.Timeout(min(settings.silence, settings.timeout))
        self._client = library.Client(timeout=timeout, limits=limits, event_hooks=self._keeper.tap)

    def close(self) -> None:
        """Close the client, and finish all that is being recorded."""
        self._client.close()
        self._keeper.close()

    def send(
        self, name: str, method: str, path: str, *, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Answer, Exchange]:
        """Send one request, and read its response to the end or to a limit."""
        url = self.settings.base_url.rstrip("/") + path
        began = self.clock()
        with self._keeper.recording(name) as kept:
            received, stopped = self._read(method, url, content, dict(headers))
        recording = kept.recording()
        exchange = Exchange(name, recording, began=began, ended=self.clock(), file=kept.file)
        return Answer(name, recording, _decoded(received, recording.response), stopped), exchange

    def _read(
        self, method: str, url: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[bytes, str]:
        """Send a request; return the body as it came, and why reading was stopped."""
        until = self.clock() + self.settings.timeout
        with Deadline(self.settings.timeout) as deadline:
            extensions = {"trace": deadline.trace}
            request = self._client.build_request(
                method, url, content=content, headers=headers, extensions=extensions
            )
            try:
                response = self._client.send(request, stream=True)
            except Exception as error:
                self._keeper.tap.on_error(request, deadline.error or error)
                return b"", deadline.text
        pieces: list[bytes] = []
        size, stopped = 0, ""
        with contextlib.closing(response), contextlib.suppress(Exception):  # the tap has noted what failed
            for chunk in response.iter_raw():
                pieces.append(chunk)
                size += len(chunk)
                if size > _MOST_BYTES:
                    stopped = f"the answer is longer than {_MOST_BYTES:,} bytes"
                elif self.clock() > until:
                    stopped = f"the answer did not end within {self.settings.timeout:g} s"
                if stopped or self.stop.is_set():
                    break
        return b"".join(pieces), stopped


class Endpoint:
    """The endpoint, as one run of the probe `probe` sees it. `first` is the number of its first exchange."""

    def __init__(self, caller: Caller, probe: str, first: int = 1) -> None:
        self._caller = caller
        self._probe = probe
        self._next = first
        self._lock = threading.Lock()
        self.exchanges: list[Exchange] = []
        """What was sent so far."""

    @property
    def model(self) -> str:
        """The model that requests name."""
        return self._caller.settings.model

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
        body = {"model": self.model, "max_tokens": max_tokens, "messages": messages, **members}
        return self.post("/v1/messages", body | ({"stream": True} if stream else {}), headers=headers)

    def post(
        self, path: str, body: Mapping[str, Any] | bytes, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST a body to a path below the base URL."""
        return self.request("POST", path, body if isinstance(body, bytes) else _json.dumps(body), headers)

    def request(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request. If the endpoint is too busy, wait as it says, and send it once more."""
        answer = self._once(method, path, content, headers or {})
        seconds = _retry_after(answer)
        if seconds is None or seconds > self._caller.settings.patience or self._caller.stop.wait(seconds):
            return answer
        return self._once(method, path, content, headers or {})

    def _once(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        with self._lock:
            name = f"{self._probe}-{self._next}"
            self._next += 1
        answer, exchange = self._caller.send(
            name, method, path, content=content, headers=self._fields(headers)
        )
        with self._lock:
            self.exchanges.append(exchange)
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


def _retry_after(answer: Answer) -> float | None:
    """Return how many seconds to wait before the request is sent again; None if it is not to be sent."""
    if answer.status not in BUSY:
        return None
    try:
        return max(0.0, float(answer.headers.get("retry-after", "1")))
    except ValueError:
        return 1.0


def _decoded(body: bytes, response: Any) -> bytes:
    """Undo the content coding of a body that is whole; return as much as decodes."""
    decode = decoder_for(response.headers.get("content-encoding", "")) if response else None
    if decode is None:
        return body
    pieces: list[bytes] = []
    with contextlib.suppress(DecodingError):
        pieces.extend(decode(body))
    return b"".join(pieces)
