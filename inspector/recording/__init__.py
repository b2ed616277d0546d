"""The recording: one response, whole, and the file it lives in.

`values` is what a recording is, `dumping` and `parsing` how each line of the file is spelt, `reader` and
`writer` the file, `recorder` how reads become timed blocks.
"""

from inspector.recording.dumping import dump_block, dump_blocks, dump_end, dump_head
from inspector.recording.parsing import parse_line
from inspector.recording.reader import (
    LINE_LIMIT,
    Line,
    Other,
    Torn,
    load,
    load_all,
    opened,
    read,
    recordings,
    recordings_in,
)
from inspector.recording.recorder import Recorder
from inspector.recording.values import (
    FORMAT_VERSION,
    End,
    Ending,
    Event,
    Head,
    Recording,
    Request,
    Response,
    TimedBlock,
    chunks,
    events,
)
from inspector.recording.writer import dump, save

__all__ = [
    "FORMAT_VERSION",
    "LINE_LIMIT",
    "End",
    "Ending",
    "Event",
    "Head",
    "Line",
    "Other",
    "Recorder",
    "Recording",
    "Request",
    "Response",
    "TimedBlock",
    "Torn",
    "chunks",
    "dump",
    "dump_block",
    "dump_blocks",
    "dump_end",
    "dump_head",
    "events",
    "load",
    "load_all",
    "opened",
    "parse_line",
    "read",
    "recordings",
    "recordings_in",
    "save",
]
