"""A file as the lines that stand for it in a pack: a recording's own, byte for byte, or its import's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

from inspector.errors import RecordingError
from inspector.formats.door import NEVER_NATIVE, importing
from inspector.formats.importing import NothingToImportError
from inspector.recording import Head, Reader, dump
from inspector.recording.loading import whole
from inspector.recording.redacted import redacted
from inspector.recording.sniffing import NATIVE, Form
from inspector.redact import Redaction
from inspector.storage.kinds import plain_name
from inspector.storage.piecewise import buffered

__all__ = ["NoRecordingError", "PackableText"]


class NoRecordingError(RecordingError):
    """A file of something else, whose name did not promise recordings."""


class PackableText:
    """An iterator of the text of one file, in pieces; `name` is the file's, and `file` is read once.

    Each line is read as `check` reads it before it is handed out, so what iterates is sound. `recordings` and
    `notices` are complete after the last piece. `converted` is the name of the format if the file was none of
    recordings, and `packed_name` is its name in a pack: that of a text of recordings.

    Raises `RecordingError` where the file stops being one, or cannot be read; `NoRecordingError` if it holds
    something else and is not `sure` to hold recordings.
    """

    def __init__(self, file: IO[bytes], name: str, *, sure: bool = True, redaction: Redaction) -> None:
        self.name = name
        self.recordings = 0
        self.notices: list[str] = []
        self.converted = ""
        self._file, self._sure, self._redaction = file, sure, redaction

    def __iter__(self) -> Iterator[bytes]:
        outer = Reader(self._file, self.name, importing)
        form, pieces = outer.unpacked()
        if not self._sure and form in NATIVE and self.name.lower().endswith(NEVER_NATIVE):
            raise NoRecordingError("holds no recordings", path=self.name)
        try:
            yield from self._copied(pieces) if form is Form.RECORDING else self._imported(form, pieces)
        except RecordingError:
            outer.tear(None)  # which raises if the compressed data is damaged: that says more
            raise
        if outer.tear(None):
            raise RecordingError("the compressed data breaks off", path=self.name)

    def packed_name(self, name: str) -> str:
        """Return the name in a pack of the file that is called `name`: one that says what stands there."""
        uncompressed = name[: len(plain_name(name))]
        return f"{uncompressed}.jsonl" if self.converted else uncompressed

    def _copied(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        kept = _Kept(pieces)
        reader = Reader(buffered(kept), self.name)
        for value in reader:
            if isinstance(value, Head):
                self.recordings += 1
            if kept.pieces:
                yield kept.taken()
        yield kept.taken()

    def _imported(self, form: Form, pieces: Iterable[bytes]) -> Iterator[bytes]:
        reader = Reader(buffered(pieces), self.name, importing)
        try:
            for recording in whole(reader):
                self.recordings += 1
                yield from dump(redacted(recording, self._redaction))
        except NothingToImportError as error:
            raise self._nothing(error) from error
        except RecordingError as error:
            claimed = form in NATIVE or reader.format != form.value
            raise (error if claimed else self._nothing(error)) from None
        self.converted = reader.format
        self.notices = reader.notices
        if reader.torn:
            raise RecordingError("breaks off", path=f"{self.name}:{reader.torn[-1]}")

    def _nothing(self, error: RecordingError) -> RecordingError:
        """Return the error for a file of something else, whose name may have promised recordings."""
        return error if self._sure else NoRecordingError(error.reason, path=self.name)


class _Kept:
    """Pieces that go by, and are kept until they are taken."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.pieces: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.pieces.append(piece)
            yield piece

    def taken(self) -> bytes:
        """Return what went by since the last call."""
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)
