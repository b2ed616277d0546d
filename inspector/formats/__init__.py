"""Other people's spellings of a recording, and the one door for input.

Whatever reads recordings from files comes in here: `opened`, `load`, `load_all`. The native forms
(recordings, bare event streams, what `curl -i` prints, bare payloads) are read by `inspector.recording`. Only
for a file that holds none of them are the modules of the other formats imported.

    opened ─ recording.Reader ─┬─ a native form
                               └─ importing ─┬─ documents (YAML, JSON, JSON Lines, TOML) ─┐
                                             └─ binary data ──────────────────────────────┤
                                     one module a format: a document in, `Interaction`s out
                                     conversion: an `Interaction` in, the values of a recording out
"""

from inspector.formats.door import (
    has_native_form,
    holds_several,
    load,
    load_all,
    names_of,
    opened,
    recording_paths,
    recordings,
)

__all__ = [
    "has_native_form",
    "holds_several",
    "load",
    "load_all",
    "names_of",
    "opened",
    "recording_paths",
    "recordings",
]
