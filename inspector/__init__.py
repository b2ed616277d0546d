"""See, record, check and replay the raw event stream of the Claude Messages API.

recording = inspector.load("recordings/hello.jsonl")     # one response, whole
inspector.tap("recordings/")                             # event hooks that record your own client
inspector.replay("recordings/hello.jsonl")               # a transport that answers it offline
"""

from inspector._version import __version__
from inspector.errors import (
    AddressError,
    FormatError,
    InspectorError,
    RecordingError,
    RecordingWarning,
    UsageError,
)
from inspector.recording import (
    End,
    Ending,
    Event,
    Head,
    Recording,
    Request,
    Response,
    TimedBlock,
    load,
    load_all,
    save,
)
from inspector.wire.replay import replay
from inspector.wire.tap import tap

__all__ = [
    "AddressError",
    "End",
    "Ending",
    "Event",
    "FormatError",
    "Head",
    "InspectorError",
    "Recording",
    "RecordingError",
    "RecordingWarning",
    "Request",
    "Response",
    "TimedBlock",
    "UsageError",
    "__version__",
    "load",
    "load_all",
    "replay",
    "save",
    "tap",
]
