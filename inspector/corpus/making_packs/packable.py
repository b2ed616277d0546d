"""A file as the lines that stand for it in a pack: a recording's own, byte for byte, or its import's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inspector.corpus.member_reading import NoRecordingsError, is_something_else, reader_of
from inspector.errors import FormatError, RecordingError
from inspector.recording import Head, Reader, dump
from inspector.recording.loading import whole
from inspector.recording.redacted import redacted
from inspector.recording.sniffing import Form
from inspector.redact import Redaction
from inspector.storage import Member
from inspector.storage.kinds import plain_name
from inspector.storage.piecewise import buffered

__all__ = ["PackableText"]


class PackableText:
    """An iterable of the text of one file, in pieces. It can be iterated once.

    Each line is read as `check` reads it before it is handed out, so what iterates is sound. `recordings` and
    `notices` are complete after the last piece. `converted` is then the name of the format if the file was
    none of recordings.

    Raises `RecordingError` where the file stops being one, or cannot be read; `NoRecordingsError` if it holds
    something else and its name promises no recordings.
    """

    def __init__(self, member: Member, redaction: Redaction) -> None:
        self.recordings = 0
        self.notices: list[str] = []
        self.converted = ""
        self._member, self._redaction = member, redaction
        self._reader: Reader | None = None

    def __iter__(self) -> Iterator[bytes]:
        outer = reader_of(self._member)
        form, pieces = outer.unpacked()
        try:
            yield from self._copied(pieces) if form is Form.RECORDING else self._imported(pieces)
        except RecordingError as error:
            self._refuse_cut(outer)  # which says more
            if not self._member.sure and is_something_else(error):
                raise NoRecordingsError(error.reason, path=self._member.name) from error
            raise
        self._refuse_cut(outer)

    def packed_name(self, name: str) -> str:
        """Return the name in a pack of the file that is called `name`: one that says what stands there."""
        uncompressed = name[: len(plain_name(name))]
        return f"{uncompressed}.jsonl" if self.converted else uncompressed

    def _refuse_cut(self, outer: Reader) -> None:
        """Raise if compressed data breaks off or is damaged: what is missing is no fault of the text."""
        if not outer.tear(None):
            return
        message, name = f"{outer.cut}: it is in no pack", self._member.name
        raise (
            FormatError(message, path=name, line=self._line)
            if self._line
            else RecordingError(message, path=name)
        )

    @property
    def _line(self) -> int:
        """The line up to which the text was read; 0 if nothing of it was."""
        return self._reader.line if self._reader else 0

    def _copied(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        kept = _Kept(pieces)
        self._reader = Reader(buffered(kept), self._member.name)
        for value in self._reader:
            if isinstance(value, Head):
                self.recordings += 1
            if kept.pieces:
                yield kept.taken()
        yield kept.taken()

    def _imported(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        member = self._member
        reader = reader_of(Member(member.source, buffered(pieces), name=member.name, sure=member.sure))
        self._reader = reader
        for recording in whole(reader):
            self.recordings += 1
            yield from dump(redacted(recording, self._redaction))
        self.converted, self.notices = reader.format, reader.notices
        if reader.torn:
            raise RecordingError(
                reader.cut or "the file breaks off here", path=f"{member.name}:{reader.torn[-1]}"
            )


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
