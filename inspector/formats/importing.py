"""What a file of another tool holds, and its exchanges as the values of recordings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from inspector.errors import FormatError, RecordingError
from inspector.formats.conversion import belongs, host_of, values_of
from inspector.formats.documents import Document, documents
from inspector.formats.importers import BINARY_FORMATS, DOCUMENT_FORMATS, JSON_MARK, TEXT_MARK
from inspector.formats.interaction import Interaction, as_mapping
from inspector.recording import Line, Reader
from inspector.recording.bare import bare_values
from inspector.recording.pieces import Rewindable
from inspector.recording.sniffing import Form

__all__ = ["NothingToImportError", "imported"]

_START = 64 * 1024
_HOSTS = 3  # that a notice names


class NothingToImportError(RecordingError):
    """A file of a known format without an exchange of the Messages API."""


def imported(pieces: Rewindable, reader: Reader) -> Iterator[tuple[int, Line]] | None:
    """Return the values of a file, each with its line; None if no format claims it.

    The reader's `format` is set to the name of the format; `notices` gets the number of the exchanges that
    are left out. Raises `FormatError` for a file that looks like one of a format and is broken.
    """
    start = _start_of(pieces)
    for binary in BINARY_FORMATS:
        if binary.claims(start):
            reader.format = binary.name
            return _values(binary.interactions(pieces.rewound(), reader.name), reader)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    is_text = TEXT_MARK.search(text) is not None
    is_json = not is_text and text.startswith((b"{", b"["))
    if not (is_json or is_text):
        return None
    again = Rewindable(pieces)
    read = documents(again, reader.name, text=is_text)
    try:
        first = next(read, None)
    except FormatError:
        if is_text or JSON_MARK.search(text):
            raise
        return None
    if first is None:
        return None
    if is_json and _is_body(first[1]):
        reader.format = "response body"
        return bare_values(Form.BODY, again.rewound(), reader.name)
    return _claimed(first, read, reader)


def _start_of(pieces: Iterable[bytes]) -> bytes:
    start, size = [], 0
    for piece in pieces:
        start.append(piece)
        size += len(piece)
        if size >= _START:
            break
    return b"".join(start)


def _is_body(value: object) -> bool:
    """Whether a value is a whole message, or the body of an error."""
    body = as_mapping(value)
    kind = body.get("type")
    if kind == "message":
        return body.get("role") == "assistant" and isinstance(body.get("content"), list)
    return kind == "error" and isinstance(body.get("error"), dict)


def _claimed(first: Document, rest: Iterator[Document], reader: Reader) -> Iterator[tuple[int, Line]] | None:
    for each in DOCUMENT_FORMATS:
        if each.claims(first[1]):
            reader.format = each.name
            return _values(each.interactions(chain([first], rest)), reader)
    return None


def _values(interactions: Iterator[Interaction], reader: Reader) -> Iterator[tuple[int, Line]]:
    left_out: Counter[str] = Counter()
    kept = 0
    for interaction in interactions:
        if not belongs(interaction):
            left_out[host_of(interaction)] += 1
            continue
        kept += 1
        for value in values_of(interaction):
            yield interaction.line, value
    if left_out:
        reader.notices.append(_notice(left_out))
    if not kept:
        message = f"this {reader.format} has no exchange of the Messages API in it"
        raise NothingToImportError(message + (f": {_notice(left_out)}" if left_out else ""), path=reader.name)


def _notice(left_out: Counter[str]) -> str:
    count = left_out.total()
    named = [f"{number} of {host}" for host, number in left_out.most_common(_HOSTS) if host]
    others = f" ({', '.join(named)}{', …' if len(left_out) > _HOSTS else ''})" if named else ""
    what = "1 exchange is" if count == 1 else f"{count} exchanges are"
    return f"{what} left out, not of the Messages API{others}"
