"""See, record, check and replay the raw event stream of the Claude Messages API.

    recording = inspector.load("recordings/hello.jsonl")     # one response, whole
    inspector.check(recording)                               # what is wrong with it, and where
    inspector.stats(recording)                               # how it flowed: times, silences, rates
    inspector.observe(recording)                             # what the installed SDK does with it
    inspector.tap("recordings/")                             # event hooks that record your own client
    inspector.replay("recordings/hello.jsonl")               # a transport that answers a client offline
    inspector.Server("recordings/hello.jsonl")               # the same answers over a socket, for any client

Names are imported at their first use, so that a program pays only for what it uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from inspector._version import __version__

if TYPE_CHECKING:
    from inspector.checker import Finding, Limits, Profile, Report, Severity, Verdict, assert_clean, check
    from inspector.conformance.probing import probe
    from inspector.conformance.scoring.scorecard import Scorecard
    from inspector.errors import (
        AddressError,
        FormatError,
        InapplicableFaultError,
        InspectorError,
        NetworkBlockedError,
        RecordingError,
        RecordingWarning,
        UsageError,
    )
    from inspector.faults import DIRTY_DOZEN
    from inspector.formats import load, load_all
    from inspector.page.building import report
    from inspector.play.observation import Observation, Outcome, observe
    from inspector.play.received import ReceivedRequest
    from inspector.play.transport import ReplayTransport, replay
    from inspector.record.tap import Tap, tap
    from inspector.recording import (
        End,
        Ending,
        Event,
        Head,
        Recording,
        Request,
        Response,
        TimedBlock,
        save,
    )
    from inspector.recording.redacted import redacted
    from inspector.redact import Redaction
    from inspector.resilience import ClientFinding, ClientLimits, ClientVerdict
    from inspector.serve.connection import Delivery
    from inspector.serve.limits import ServerLimits
    from inspector.serve.server import Server
    from inspector.views.changes import Change
    from inspector.views.diff_api import assert_same, diff
    from inspector.views.difference_tree import Difference
    from inspector.views.measuring import stats
    from inspector.views.statistics import Statistics

__all__ = [
    "DIRTY_DOZEN",
    "AddressError",
    "Change",
    "ClientFinding",
    "ClientLimits",
    "ClientVerdict",
    "Delivery",
    "Difference",
    "End",
    "Ending",
    "Event",
    "Finding",
    "FormatError",
    "Head",
    "InapplicableFaultError",
    "InspectorError",
    "Limits",
    "NetworkBlockedError",
    "Observation",
    "Outcome",
    "Profile",
    "ReceivedRequest",
    "Recording",
    "RecordingError",
    "RecordingWarning",
    "Redaction",
    "ReplayTransport",
    "Report",
    "Request",
    "Response",
    "Scorecard",
    "Server",
    "ServerLimits",
    "Severity",
    "Statistics",
    "Tap",
    "TimedBlock",
    "UsageError",
    "Verdict",
    "__version__",
    "assert_clean",
    "assert_same",
    "check",
    "diff",
    "load",
    "load_all",
    "observe",
    "probe",
    "redacted",
    "replay",
    "report",
    "save",
    "stats",
    "tap",
]

_HOMES = {
    "inspector.checker": "Finding Limits Profile Report Severity Verdict assert_clean check",
    "inspector.conformance.probing": "probe",
    "inspector.conformance.scoring.scorecard": "Scorecard",
    "inspector.errors": "AddressError FormatError InapplicableFaultError InspectorError "
    "NetworkBlockedError RecordingError RecordingWarning UsageError",
    "inspector.faults": "DIRTY_DOZEN",
    "inspector.formats": "load load_all",
    "inspector.page.building": "report",
    "inspector.play.observation": "Observation Outcome observe",
    "inspector.play.received": "ReceivedRequest",
    "inspector.play.transport": "ReplayTransport replay",
    "inspector.record.tap": "Tap tap",
    "inspector.recording": "End Ending Event Head Recording Request Response TimedBlock save",
    "inspector.recording.redacted": "redacted",
    "inspector.redact": "Redaction",
    "inspector.resilience": "ClientFinding ClientLimits ClientVerdict",
    "inspector.serve.connection": "Delivery",
    "inspector.serve.limits": "ServerLimits",
    "inspector.serve.server": "Server",
    "inspector.views.changes": "Change",
    "inspector.views.difference_tree": "Difference",
    "inspector.views.diff_api": "assert_same diff",
    "inspector.views.measuring": "stats",
    "inspector.views.statistics": "Statistics",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'inspector' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
