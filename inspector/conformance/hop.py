"""A hop between a client and an upstream, as one run of a probe sees it: both ends are ours.

`play` sends one request in front, which the upstream behind answers by script, and returns both sides. What
was sent behind is kept beside the recording of the front: `cut-1.jsonl` and `cut-1.behind.jsonl`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from inspector import _json
from inspector.conformance.both_sides import Pair
from inspector.conformance.calling import Caller, Endpoint, Limits, Settings
from inspector.conformance.scripted_upstream import Script, ScriptedUpstream, as_messages
from inspector.recording import Recording

__all__ = ["Hop", "HopCaller"]

_AFTER = 5.0
"""Seconds within which the connection behind must end when the one in front has: the limit of `cancel`."""
_MAX_TOKENS = 1024
_AUTHORIZATION = (b"x-api-key", b"authorization", b"api-key")


class HopCaller(Caller):
    """Send the requests of probes to a hop before `upstream`, which is silent for `stall` seconds at most."""

    def __init__(
        self, settings: Settings, *, upstream: ScriptedUpstream, stall: float, **options: Any
    ) -> None:
        super().__init__(settings, **options)
        self._upstream = upstream
        self._stall = stall

    def endpoint(self, probe: str) -> Endpoint:
        """Return the hop for one run of a probe."""
        return Hop(self, probe, self._upstream, self._stall)


class Hop(Endpoint):
    """The endpoint in front, and the scripted upstream behind it."""

    def __init__(self, caller: Caller, probe: str, upstream: ScriptedUpstream, stall: float) -> None:
        super().__init__(caller, probe)
        self.upstream = upstream
        self.stall = stall
        """For how long an upstream stays silent, in seconds."""

    @property
    def key(self) -> str:
        """What requests in front authenticate with; empty if with nothing."""
        return self._caller.settings.key

    def play(
        self,
        *answers: Recording,
        limits: Limits | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> Pair:
        """Send a request that the upstream answers with `answers`: the first try by the first, and so on.

        `limits` say when the client leaves; `members` are further members of the body.
        """
        with self.upstream.script(self._probe, *answers) as script:
            content = f"This is a test. Please answer with this word: {script.marker}"
            body = {
                "model": self.model,
                "max_tokens": _MAX_TOKENS,
                "messages": [{"role": "user", "content": content}],
                "stream": True,
                **members,
            }
            front = self._once("POST", "/v1/messages", _json.dumps(body), headers or {}, limits=limits)
            behind = script.sent(_AFTER)
            ended = self._caller.clock()
            pair = Pair(front, tuple(behind), answers, _keys(script), self._is_translated)
        self._keep(front.name, pair.behind, ended)
        return pair

    def play_all(self, plays: Iterable[Callable[[], Pair]], at_a_time: int = 16) -> list[Pair]:
        """Play several at a time; return them in order."""
        with ThreadPoolExecutor(at_a_time, thread_name_prefix="inspector-probe") as pool:
            return list(pool.map(lambda play: play(), plays))

    @property
    def _is_translated(self) -> bool:
        return self.upstream.rendering is not as_messages

    def _keep(self, name: str, behind: tuple[Recording, ...], ended: float) -> None:
        """Keep what was sent behind with the exchange in front, which has ended when both sides have."""
        with self._lock:
            at = next(at for at, each in enumerate(self.exchanges) if each.name == name)
            exchange = self.exchanges[at] = replace(self.exchanges[at], behind=behind, ended=ended)
        self._caller.keep_behind(exchange)


def _keys(script: Script) -> tuple[str, ...]:
    """Return what the requests behind authenticated with, each secret once."""
    fields = (
        value.decode("latin-1").removeprefix("Bearer ")
        for request in script.requests
        for name, value in request.raw_headers
        if name.lower() in _AUTHORIZATION
    )
    return tuple(dict.fromkeys(field for field in fields if field))
