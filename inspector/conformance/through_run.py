"""Run the probes of a hop: start the upstream, start the gateway if there is a command for it, and probe."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from inspector.conformance import through as _through  # noqa: F401 - registers the probes of a hop
from inspector.conformance.calling import Settings
from inspector.conformance.chat_completions import as_chat_completion
from inspector.conformance.defaults import PROTOCOLS, STALL
from inspector.conformance.gateway_process import GatewayProcess
from inspector.conformance.hop import HopCaller
from inspector.conformance.probes import Probe
from inspector.conformance.runner import run_probes
from inspector.conformance.scoring.scorecard import Scorecard
from inspector.conformance.scripted_upstream import Rendering, ScriptedUpstream, as_messages
from inspector.conformance.settings import check_seconds
from inspector.errors import UsageError

__all__ = ["Behind", "run_through"]

_RENDERINGS: dict[str, Rendering] = dict(zip(PROTOCOLS, (as_messages, as_chat_completion), strict=True))

FIRST = "verbatim"


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind the gateway: an upstream on 127.0.0.1 and `port` that speaks `protocol`.

    `command` starts the gateway; its variables `variables` then have the upstream's URL. `stall` is for how
    long the upstream is silent, in seconds. Raises `UsageError` for what makes no sense.
    """

    port: int = 0
    protocol: str = PROTOCOLS[0]
    command: Sequence[str] = ()
    variables: Sequence[str] = ()
    stall: float = STALL

    def __post_init__(self) -> None:
        if not isinstance(self.port, int) or not 0 <= self.port <= 65535:
            raise UsageError(f"behind is {self.port!r}; give a port, or 0 for any free one")
        if self.protocol not in PROTOCOLS:
            known = ", ".join(PROTOCOLS)
            raise UsageError(f"{self.protocol!r} is no protocol of an upstream; known are {known}")
        for name, texts in (("command", self.command), ("variables", self.variables)):
            if isinstance(texts, str):
                raise UsageError(f"{name} is one text; give a list of words")
        if self.variables and not self.command:
            raise UsageError("variables are for the command that starts the gateway: give one")
        check_seconds("stall", self.stall)


def run_through(
    settings: Settings,
    probes: Sequence[Probe],
    behind: Behind,
    *,
    report: Callable[[str], object] = lambda line: None,
    **options: Any,
) -> Scorecard:
    """Run the probes of a hop; `options` are those of `run_probes`.

    `report` gets the last lines of a gateway that ended before its end. Raises `AddressError` if the port is
    taken, and `UsageError` if the gateway does not start.
    """
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(ScriptedUpstream(behind.port, _RENDERINGS[behind.protocol]))
        stack.enter_context(_gateway(behind, settings.base_url, upstream.url, report))
        make = partial(HopCaller, upstream=upstream, stall=behind.stall)
        return run_probes(settings, probes, first=FIRST, make_caller=make, **options)


@contextlib.contextmanager
def _gateway(behind: Behind, base_url: str, upstream: str, report: Callable[[str], object]) -> Iterator[None]:
    if not behind.command:
        yield
        return
    with GatewayProcess(behind.command, base_url, upstream, behind.variables) as gateway:
        yield
        for line in gateway.end:
            report(line)
