"""The types of what results hold and functions take, for annotations.

    from inspector.types import Gaps

    def too_slow(gaps: Gaps) -> bool: ...

The results themselves are in `inspector`: `inspector.stats` returns an `inspector.Statistics`, and the times
between its reads are `Gaps`. Names are imported at their first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspector.checker.buffering import Buffering, BufferingKind
    from inspector.conformance.probes import Kind, Probe
    from inspector.conformance.scoring.scorecard import Deviation, Exchange, ProbeResult, State
    from inspector.play.matching import Match
    from inspector.play.player import Answer
    from inspector.play.received import IncomingRequest
    from inspector.play.sources import Playback, Source
    from inspector.protocol.watchdogs import Measure
    from inspector.pytest_plugin._virtual import VirtualTime
    from inspector.resilience import Conclusion, Program, Standing
    from inspector.views.block_times import BlockStatistics
    from inspector.views.changes import Note, Part
    from inspector.views.distribution import Distribution
    from inspector.views.silences import Silence, WatchdogResult
    from inspector.views.statistics import Gaps, LongestGap, Pings, Rates, Share, Silences, Tokens
    from inspector.views.time_windows import Window
    from inspector.views.usage_points import TokenInterval, UsagePoint

__all__ = [
    "Answer",
    "BlockStatistics",
    "Buffering",
    "BufferingKind",
    "Conclusion",
    "Deviation",
    "Distribution",
    "Exchange",
    "Gaps",
    "IncomingRequest",
    "Kind",
    "LongestGap",
    "Match",
    "Measure",
    "Note",
    "Part",
    "Pings",
    "Playback",
    "Probe",
    "ProbeResult",
    "Program",
    "Rates",
    "Share",
    "Silence",
    "Silences",
    "Source",
    "Standing",
    "State",
    "TokenInterval",
    "Tokens",
    "UsagePoint",
    "VirtualTime",
    "WatchdogResult",
    "Window",
]

_HOMES = {
    "inspector.checker.buffering": "Buffering BufferingKind",
    "inspector.conformance.probes": "Kind Probe",
    "inspector.conformance.scoring.scorecard": "Deviation Exchange ProbeResult State",
    "inspector.play.matching": "Match",
    "inspector.play.player": "Answer",
    "inspector.play.received": "IncomingRequest",
    "inspector.play.sources": "Playback Source",
    "inspector.protocol.watchdogs": "Measure",
    "inspector.pytest_plugin._virtual": "VirtualTime",
    "inspector.resilience": "Conclusion Program Standing",
    "inspector.views.block_times": "BlockStatistics",
    "inspector.views.changes": "Note Part",
    "inspector.views.distribution": "Distribution",
    "inspector.views.silences": "Silence WatchdogResult",
    "inspector.views.statistics": "Gaps LongestGap Pings Rates Share Silences Tokens",
    "inspector.views.time_windows": "Window",
    "inspector.views.usage_points": "TokenInterval UsagePoint",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'inspector.types' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
