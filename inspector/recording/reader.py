"""Reading anything that holds a recording, as a stream of values.

A `Reader` keeps one line or block in memory, so that a file of any length can be shown, checked or replayed
while it is read. The first bytes of a file decide what it holds (`sniffing`): a recording, or a response
without one (`bare`). A body that is no event stream, such as a JSON error, is read only from standard input
and from files that are named like a body (`.sse`, `.txt`).

Compressed data is decompressed if a head is inside, a recording's or HTTP's, or if the file is named like
compressed data (`.gz`, `.zst`). Otherwise it is a body as a server sent it, and stays as it came.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from itertools import chain
from typing import IO, TYPE_CHECKING

from inspector import storage
from inspector.errors import FormatError, RecordingError
from inspector.recording.bedrock import is_binary
from inspector.recording.broken_lines import NO_HEAD, line_ahead, not_a_recording, unglued
from inspector.recording.parsing import HEAD_START, NotJSONError, parse_line, parse_plain
from inspector.recording.paths import named_body, named_compressed
from inspector.recording.pieces import LINE_LIMIT, Rewindable, long_line, skip_blank_lines
from inspector.recording.sniffing import NATIVE, Form, form_of
from inspector.recording.unfinished import Unfinished
from inspector.recording.values import End, Ending, Head, Line, Other, Part, TimedBlock, Torn
from inspector.storage.piecewise import buffered, pieces_of

if TYPE_CHECKING:
    from inspector.storage.compression import Inflated

__all__ = ["Importing", "Reader", "opened"]

_COMPRESSED = (Form.GZIP, Form.ZSTD)

Importing = Callable[[Rewindable, "Reader"], Iterator[tuple[int, Line]] | None]


class Reader:
    """An iterator of the values in a file, in order. Each recording begins with its `Head`.

    `file` may be a pipe: it is neither peeked into nor sought in. `name` is the file's name in messages, `-`
    for standard input. `line` is the number, from 1, of the line at which the last value begins; 0 before the
    first value. The lines of a compressed file are those of the decompressed text. `torn` lists the
    lines that were torn so far.

    `importing` reads the files of other tools: it takes the bytes of a file that has no native form, and
    returns its values with their lines, or None. `format` names what the file holds, from the first value on.
    `notices` has messages for the user about what was not read, complete after the last value.

    A line that its writer did not finish comes as `Torn`. Raises `FormatError` at the first line that is not
    one of a recording, and `RecordingError` if the file cannot be read or holds no recording. The values
    before that line come first.
    """

    def __init__(self, file: IO[bytes], name: str | None = None, importing: Importing | None = None) -> None:
        self.name = name
        self.format = ""
        self.notices: list[str] = []
        self._importing = importing
        self.line = 0
        self.torn: list[int] = []
        self._inflated: Inflated | None = None
        self._begun = False  # a head has come
        self._open = False  # the last head has no end yet
        self._first = False  # and no block yet
        self._by_hand = False  # a person wrote the last head
        self._binary = False  # and its body is AWS's binary event stream
        self._unfinished = Unfinished()
        self._pieces = pieces_of(file, name)
        self._values = chain.from_iterable(self._read())

    def __iter__(self) -> Iterator[Line]:
        return self._values  # not `self`: a call of `__next__` for each value would be felt

    def __next__(self) -> Line:
        return next(self._values)

    @property
    def cut(self) -> str:
        """How compressed data breaks off, in words; empty if it does not, or is not known to yet."""
        return self._inflated.problem if self._inflated and self._inflated.torn else ""

    def unpacked(self) -> tuple[Form, Iterator[bytes]]:
        """Return, instead of the values, what the file holds and its bytes in pieces.

        They are decompressed if the rule of this module says so.
        """
        outer = Rewindable(self._pieces)
        form = form_of(outer)
        if form not in _COMPRESSED:
            return form, outer.rewound()
        from inspector.storage.compression import Compression, Inflated

        inflated = Inflated(outer, Compression[form.name], self.name)
        inner = Rewindable(inflated)
        inside = form_of(inner)
        if not (named_compressed(self.name or "") or inside in (Form.RECORDING, Form.HTTP)):
            return Form.BODY, outer.rewound()
        outer.forget()
        self._inflated = inflated
        return Form.BODY if inside in _COMPRESSED else inside, inner.rewound()

    def _read(self) -> Iterator[Iterator[Line]]:
        """Yield one iterator, of all values, once the first bytes have shown what the file holds."""
        form, pieces = self.unpacked()
        self.format = form.value
        yield (self._values_of if self._inflated is None else self._explained)(form, pieces)

    def _values_of(self, form: Form, pieces: Iterator[bytes]) -> Iterator[Line]:
        if form not in NATIVE and self._importing:
            again = Rewindable(pieces)
            imported = self._importing(again, self)
            if imported is not None:
                again.forget()
                return self._numbered(imported)
            pieces = again.rewound()
        bare = form in NATIVE and form is not Form.RECORDING
        if bare or (form is Form.BODY and named_body(self.name or "")):
            from inspector.recording.bare import bare_values  # rarely needed, and commands start quickly

            return self._numbered(bare_values(form, pieces, self.name))
        return self._recorded(buffered(pieces))  # which says why, if it is no recording

    def _explained(self, form: Form, pieces: Iterator[bytes]) -> Iterator[Line]:
        """Yield the values of compressed data; if it is not whole, say so in the error that this causes."""
        try:
            yield from self._values_of(form, pieces)
        except FormatError as error:
            problem = self._inflated.problem if self._inflated else ""
            if not problem:
                raise
            reason = error.reason.removeprefix(f"line {error.line}: ")
            raise FormatError(f"{problem} ({reason})", path=self.name, line=error.line) from error.__cause__

    def _numbered(self, values: Iterable[tuple[int, Line]]) -> Iterator[Line]:
        """Yield the values of a response without a recording around it, and keep count of its lines."""
        from inspector.recording.bare import END

        value: Line = END
        for line, value in values:
            self.line = line
            if isinstance(value, Torn):
                self.torn.append(line)
            if value is not END:
                yield value
        if torn := self.tear(value):
            self.torn.append(torn.line)
            yield torn
        elif value is END:
            yield END

    def tear(self, last: Line | Part | None) -> Torn | None:
        """Return the end of a compressed file that breaks off, after its value `last`; raise if damaged."""
        inflated = self._inflated
        if inflated is None:
            return None
        if inflated.damage:
            message = f"{inflated.damage} (after line {self.line} of the decompressed text)"
            raise RecordingError(message, path=self.name)
        return Torn(b"", self.line) if inflated.torn and not isinstance(last, Torn) else None

    # The lines of a recording

    def _recorded(self, file: BufferedReader) -> Iterator[Line]:
        readline, limit, unfinished = file.readline, LINE_LIMIT + 1, self._unfinished
        value: Line | Part | None = None
        number, text, t = 1, readline(limit), 0.0
        while text:
            block = parse_plain(text) if self._open and len(text) < limit else None
            if block is not None:  # nearly all lines
                self._first = False
                self.line = number
                number += 1
                t = block[0]
                if unfinished.parts:
                    unfinished.clear()
                yield block
                text = readline(limit)
                continue
            if len(text) == limit:
                raise long_line(LINE_LIMIT, self.name, number)
            glued, following, blanks = b"", None, 0
            if text.strip():
                try:
                    value = self._parse(text, t)
                except ValueError as error:
                    # Read ahead only after a broken line: a file that still grows is shown line by line.
                    text, glued = unglued(text)
                    following, blanks = (glued, 0) if glued else line_ahead(readline, limit)
                    value = self._broken(text, following, error, number)
                yield from self._in_place(value, number, t)
                t = 0.0 if isinstance(value, Head) else getattr(value, "t", t)
            else:
                blanks = skip_blank_lines(file)
            number += (not glued) + blanks
            text = readline(limit) if following is None else following
        yield from self._tail()
        torn = self.tear(value)
        if not torn and not isinstance(value, Torn):
            yield from self._closing(number, t)
        if not self._begun:
            why = f"cut off: no recording in it ({self.cut})" if torn else "empty: no recording in it"
            raise RecordingError(f"is {why}", path=self.name)
        if torn:
            self.torn.append(torn.line)
            yield torn

    def _in_place(self, value: Line | Part, number: int, t: float) -> Iterator[Line]:
        """Yield the value of a line, and before it the block that its recorder did not finish."""
        if isinstance(value, Part):
            self._require_open(number)
            if not self._unfinished.add(value, number):
                message = "the parts of one block are longer than any block"
                raise FormatError(message, path=self.name, line=number)
            return
        if isinstance(value, TimedBlock):
            self._unfinished.clear()  # it replaces its parts
        elif not isinstance(value, Other):
            yield from self._tail()
            if isinstance(value, Head):
                yield from self._closing(number, t)
        self._follow(value, number)
        self.line = number
        if isinstance(value, Torn):
            self.torn.append(number)
        yield value

    def _tail(self) -> Iterator[TimedBlock]:
        """Yield what is there of a block that did not finish: its recorder died."""
        if self._unfinished.parts:
            self.line = self._unfinished.line
            yield self._unfinished.block(first=self._first, binary=self._binary)
            self._unfinished.clear()

    def _closing(self, number: int, t: float) -> Iterator[End]:
        """Yield the end of a recording that was written by hand without one: no recorder died."""
        if self._open and self._by_hand:
            self._open = False
            self.line = max(number - 1, 1)
            yield End(t, Ending.COMPLETE)

    def _parse(self, text: bytes, t: float = 0.0) -> Line | Part:
        line = parse_line(text, first=self._first, binary=self._binary, t=t)
        return Other(text if text.endswith(b"\n") else text + b"\n") if line is None else line

    def _broken(self, text: bytes, following: bytes, error: ValueError, number: int) -> Line | Part:
        """Return the value of a line that did not parse: torn, or what stood before a head; else raise.

        A writer that dies leaves a part of a line, at the end of the file. A later writer ends that line, and
        begins with a head.
        """
        before_head = following.startswith(HEAD_START)
        if not self._begun and not (before_head and text.startswith(HEAD_START)):
            raise FormatError(not_a_recording(text, error), path=self.name, line=number) from None
        torn = isinstance(error, NotJSONError) or not text.endswith(b"\n")
        if before_head or (torn and not following):
            with contextlib.suppress(ValueError):
                return self._parse(text)
            if not (self._open and self._by_hand) or text.startswith(HEAD_START):
                return Torn(text, number)  # in a recording by hand it is a typing error: no writer died
        raise FormatError(f"not a line of a recording: {error}", path=self.name, line=number) from None

    def _follow(self, value: Line, number: int) -> None:
        """Note which value has come; raise if it may not come here."""
        if isinstance(value, Head):
            self._begun = self._open = self._first = True
            self._by_hand = (value.extra or {}).get("by_hand") is True
            self._binary = is_binary(value)
        elif isinstance(value, TimedBlock | End):
            self._require_open(number)
            self._open = isinstance(value, TimedBlock)
            self._first = False
        elif not self._begun and not isinstance(value, Torn):
            raise FormatError(NO_HEAD, path=self.name, line=number)

    def _require_open(self, number: int) -> None:
        if not self._begun:
            raise FormatError(NO_HEAD, path=self.name, line=number)
        if not self._open:
            message = "this line comes after the recording's end; a head must come first"
            raise FormatError(message, path=self.name, line=number)


@contextlib.contextmanager
def opened(path: str | os.PathLike[str], importing: Importing | None = None) -> Iterator[Reader]:
    """Open a file, `-` for standard input, and give a `Reader` of it; close the file at the end.

    A name may also be a URL, or an archive's with a member's behind it: see `inspector.storage`. Without
    `importing`, only native forms are read: commands use `inspector.formats.opened`. Raises `RecordingError`
    if it cannot be opened.
    """
    name = os.fspath(path)
    if name == "-":
        yield Reader(sys.stdin.buffer, name, importing)
        return
    with storage.opened(name) as file:
        yield Reader(file, storage.public_name(name), importing)
