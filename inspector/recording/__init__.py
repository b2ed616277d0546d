"""The recording: one response, whole, and the file that holds it.

`values` defines it. `dumping` writes the lines of its file and `writer` the file; `parsing` reads the lines.
`reader` reads anything that holds a recording, value by value, and `loading` whole recordings, which an
`assembly` puts together. `recorder`
makes timed blocks out of reads, also of the binary frames that `bedrock` sends.
"""

from inspector.recording.absent import Absent
from inspector.recording.assembly import Assembly
from inspector.recording.bedrock import is_binary, with_data
from inspector.recording.dumping import dump_block, dump_blocks, dump_end, dump_head, dump_part
from inspector.recording.loading import holds_several, load, load_all, recordings
from inspector.recording.parsing import parse_line
from inspector.recording.paths import (
    means_files,
    recording_paths,
    waiting_folder,
    waiting_notices,
    without_ending,
)
from inspector.recording.pieces import LINE_LIMIT
from inspector.recording.reader import Reader, opened
from inspector.recording.recorder import Recorder
from inspector.recording.values import (
    FORMAT_VERSION,
    End,
    Ending,
    Event,
    Head,
    Line,
    Other,
    Recording,
    Request,
    Response,
    TimedBlock,
    Torn,
    chunks,
    events,
)
from inspector.recording.writer import dump, replace_file, save

__all__ = [
    "FORMAT_VERSION",
    "LINE_LIMIT",
    "Absent",
    "Assembly",
    "End",
    "Ending",
    "Event",
    "Head",
    "Line",
    "Other",
    "Reader",
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
    "dump_part",
    "events",
    "holds_several",
    "is_binary",
    "load",
    "load_all",
    "means_files",
    "opened",
    "parse_line",
    "recording_paths",
    "recordings",
    "replace_file",
    "save",
    "waiting_folder",
    "waiting_notices",
    "with_data",
    "without_ending",
]
