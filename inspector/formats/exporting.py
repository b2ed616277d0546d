"""Recordings in other people's formats, and what each of these cannot hold.

A format is a function from recordings to bytes. `lacks` says, in the terms that an import uses (`Absent`),
what it has no place for. `losses` compares that with what the recordings have: nothing is lost silently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import NamedTuple

from inspector.errors import UsageError
from inspector.recording import Absent, Ending, Recording, is_binary

__all__ = ["EXPORT_FORMATS", "ExportFormat", "export", "losses"]

_NAMED = 3  # recordings that a loss names
_TEXTS = {
    Absent.TIMES: "the times of the reads",
    Absent.READS: "the chunk boundaries",
    Absent.FRAMING: "the lines around the payloads",
    Absent.EVENTS: "the events; it has the whole message",
    Absent.HEADERS: "the response's headers and status",
    Absent.REQUEST: "the request",
}


class ExportFormat(NamedTuple):
    """A format that recordings are exported to.

    `writer` names the module beside this one and the function that makes the bytes. `single` says that a file
    holds one recording. `ending` is that of the file's name. A `binary` file is not for a terminal.
    """

    name: str
    what: str
    writer: str
    ending: str
    lacks: frozenset[Absent]
    single: bool = False
    binary: bool = False

    def write(self, recordings: Sequence[Recording]) -> bytes:
        """Return the bytes of a file with these recordings."""
        module, _, function = self.writer.partition(":")
        function_of: Callable[[Sequence[Recording]], bytes] = getattr(
            import_module(f"inspector.formats.{module}"), function
        )
        return function_of(recordings)


_PACE = frozenset({Absent.TIMES, Absent.READS})
_BODY = _PACE | {Absent.END, Absent.REQUEST, Absent.SENT}
_TABLE = frozenset({Absent.READS, Absent.FRAMING, Absent.END, Absent.HEADERS, Absent.REQUEST})

EXPORT_FORMATS = {
    each.name: each
    for each in (
        ExportFormat(
            "sse",
            "the body of an event stream",
            "body_texts:body",
            ".sse",
            _BODY | {Absent.HEADERS},
            single=True,
        ),
        ExportFormat(
            "curl", "what `curl -i` prints", "body_texts:heads_and_body", ".txt", _BODY, single=True
        ),
        ExportFormat(
            "data",
            "the payloads of the events, one a line",
            "body_texts:payloads",
            ".data.jsonl",
            _BODY | {Absent.HEADERS, Absent.FRAMING},
            single=True,
        ),
        ExportFormat(
            "har",
            "an HTTP archive (HAR 1.2) with the list of events of Chrome's DevTools",
            "har_writing:archive",
            ".har",
            frozenset({Absent.READS, Absent.END}),
        ),
        ExportFormat(
            "vcrpy",
            "a cassette of vcrpy in YAML",
            "vcrpy_writing:cassette",
            ".yaml",
            _PACE | {Absent.END, Absent.SENT},
        ),
        ExportFormat(
            "aimock",
            "fixtures of aimock",
            "aimock_writing:fixtures",
            ".json",
            _BODY | {Absent.EVENTS, Absent.HEADERS, Absent.FRAMING},
        ),
        ExportFormat("trace", "a trace for Perfetto and Chrome", "trace_events:trace", ".trace.json", _TABLE),
        ExportFormat("csv", "a table of the events", "event_table:csv_table", ".csv", _TABLE),
        ExportFormat(
            "parquet",
            'the same table in Parquet; needs `pip install "sse-inspector[parquet]"`',
            "event_table:parquet_table",
            ".parquet",
            _TABLE,
            binary=True,
        ),
    )
}
"""The formats by name."""


def export(recordings: Sequence[Recording], name: str) -> bytes:
    """Return recordings in the format `name`.

    Raises `UsageError` for an unknown format, for several recordings in a format that holds one, and if a
    recording lacks what the format is made of.
    """
    if name not in EXPORT_FORMATS:
        raise UsageError(f"there is no format {name!r} to export to; there are {', '.join(EXPORT_FORMATS)}")
    chosen = EXPORT_FORMATS[name]
    if chosen.single and len(recordings) != 1:
        message = f"a file in the format {name} holds one recording, and these are {len(recordings)}"
        raise UsageError(f"{message}; export to a folder (-o FOLDER/), a file each")
    return chosen.write(recordings)


def losses(recordings: Sequence[Recording], name: str) -> Iterator[str]:
    """Yield what the format has no place for and the recordings have: a phrase for each thing."""
    chosen = EXPORT_FORMATS[name]
    for what, text in _TEXTS.items():
        if what in chosen.lacks and any(_has(recording, what) for recording in recordings):
            yield text
    if Absent.END in chosen.lacks:
        cut = [each for each in recordings if each.end is None or each.end.how is not Ending.COMPLETE]
        if cut:
            yield f"how the response ended ({_listed(cut)})"
    unanswered = [each for each in recordings if each.response is None]
    if unanswered:
        yield f"requests without a response ({len(unanswered)} of {len(recordings)})"
    if Absent.FRAMING not in chosen.lacks and name in ("sse", "har"):
        binary = sum(is_binary(each.head) for each in recordings)
        if binary and name == "sse":
            yield "the binary frames of AWS; their events are written as text"


def _has(recording: Recording, what: Absent) -> bool:
    if what in recording.head.absent:
        return False
    if what is Absent.FRAMING:
        return any(block.raw for block in recording.blocks)
    if what is Absent.REQUEST:
        return bool(recording.request.url or recording.request.body)
    if what is Absent.HEADERS:
        return recording.response is not None and bool(recording.response.headers)
    return bool(recording.blocks)


def _listed(recordings: Sequence[Recording]) -> str:
    named = [
        f"{each.source or 'a recording'}: {each.end.how if each.end else 'unknown'}" for each in recordings
    ]
    return ", ".join(named[:_NAMED]) + (f", and {len(named) - _NAMED} more" if len(named) > _NAMED else "")
