"""Reading recordings: a stream of lines first, whole recordings on top of it.

`read` keeps one line in memory, so a file of any length can be shown or replayed as it is read.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from inspector.errors import FormatError, RecordingError, RecordingWarning
from inspector.recording.parsing import parse_line
from inspector.recording.values import End, Head, Recording, TimedBlock

__all__ = [
    "LINE_LIMIT",
    "Line",
    "Other",
    "Torn",
    "load",
    "load_all",
    "opened",
    "read",
    "recordings",
    "recordings_in",
]

LINE_LIMIT = 64 * 1024 * 1024
"""The longest line, in bytes, that is read: a block of the longest length fits, as `raw` and as `data`."""

_HEAD = b'{"recording":'
_NO_HEAD = 'not a recording: its first line must be a head, {"recording":1,…}'


class Other(NamedTuple):
    """A line of a kind that this version does not know."""

    text: bytes


class Torn(NamedTuple):
    """A last line that its writer did not finish."""

    text: bytes
    line: int


Line = Head | TimedBlock | End | Other | Torn


def recordings_in(folder: str | os.PathLike[str]) -> list[Path]:
    """List a folder's recordings, `*.jsonl`, by name. Raises `RecordingError` where there is none."""
    found = sorted(Path(folder).glob("*.jsonl"))
    if not found:
        raise RecordingError("no recordings (*.jsonl) in this folder", path=os.fspath(folder))
    return found


@contextlib.contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[IO[bytes], str]]:
    """Open a recording for reading, `-` for standard input; give the file and its name for messages.

    Raises `RecordingError` where it cannot be opened.
    """
    name = os.fspath(path)
    if name == "-":
        yield sys.stdin.buffer, "-"
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115
    except IsADirectoryError:
        raise RecordingError("this is a folder; name a recording in it", path=name) from None
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", path=name) from error
    with file:
        yield file, name


def read(file: IO[bytes], name: str | None = None) -> Iterator[Line]:
    """Yield a file's lines, in order, each recording beginning with its `Head`.

    Raises `FormatError` at the first line that is not one of a recording; what came before it has been
    yielded by then. A last line that was torn is yielded as `Torn`.
    """
    state: Head | TimedBlock | End | None = None
    number = 1
    text = _readline(file, name, number)
    while text:
        glued, following = b"", None
        if text.strip():
            try:
                line: Line = _parse(text, state)
            except ValueError as error:
                # Only past a broken line is it read ahead: a live file is to be shown as it grows.
                text, glued = _unglued(text)
                following = glued or _readline(file, name, number + 1)
                line = _broken(text, following, error, number, name, state)
            if isinstance(line, Head | TimedBlock | End):
                _check_order(line, state, number, name)
                state = line
            elif state is None:
                raise FormatError(_NO_HEAD, path=name, line=number)
            yield line
        number += not glued
        text = _readline(file, name, number) if following is None else following
    if state is None:
        raise RecordingError("is empty: no recording in it", path=name)


def _readline(file: IO[bytes], name: str | None, number: int) -> bytes:
    try:
        text = file.readline(LINE_LIMIT + 1)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", path=name) from error
    if len(text) > LINE_LIMIT:
        message = f"a line of more than {LINE_LIMIT >> 20} MiB is not one of a recording"
        raise FormatError(message, path=name, line=number)
    return text


def _parse(text: bytes, state: Head | TimedBlock | End | None) -> Head | TimedBlock | End | Other:
    line = parse_line(text, first=not isinstance(state, TimedBlock))
    return Other(text if text.endswith(b"\n") else text + b"\n") if line is None else line


def _unglued(text: bytes) -> tuple[bytes, bytes]:
    """Cut a head off a line without a line end that it was appended to, as `cat` and a restart do."""
    at = text.find(_HEAD, 1)
    if at > 0:
        with contextlib.suppress(ValueError):
            parse_line(text[at:])
            return text[:at], text[at:]
    return text, b""


def _broken(
    text: bytes,
    following: bytes,
    error: ValueError,
    number: int,
    name: str | None,
    state: Head | TimedBlock | End | None,
) -> Line:
    if state is None:
        raise FormatError(_not_a_recording(text, error), path=name, line=number) from None
    if following.startswith(_HEAD) or not (following or text.endswith(b"\n")):
        with contextlib.suppress(ValueError):
            return _parse(text, state)
        return Torn(text, number)
    raise FormatError(f"not a line of a recording: {error}", path=name, line=number) from None


def _check_order(
    line: Head | TimedBlock | End, state: Head | TimedBlock | End | None, number: int, name: str | None
) -> None:
    if state is None and not isinstance(line, Head):
        raise FormatError(_NO_HEAD, path=name, line=number)
    if isinstance(state, End) and not isinstance(line, Head):
        message = "this line comes after the recording's end; a head must come first"
        raise FormatError(message, path=name, line=number)


def _not_a_recording(text: bytes, error: ValueError) -> str:
    if text.startswith(b"\xef\xbb\xbf"):
        return "not a recording: it begins with a byte order mark; save it as UTF-8 without one"
    if text.startswith((b"event:", b"data:", b":", b"id:", b"retry:")):
        return "not a recording but a bare event stream, without times or an end"
    if b"\x00" in text:
        return "not a recording: binary data"
    if b'"recording"' in text:
        whole = text.rstrip().endswith(b"}")
        return str(error) if whole else "not a recording: the head is cut off in the middle"
    return _NO_HEAD


def recordings(file: IO[bytes], name: str | None = None) -> Iterator[Recording]:
    """Yield a file's recordings, one after another, each held in memory whole."""
    head: Head | None = None
    blocks: list[TimedBlock] = []
    others: list[tuple[int, bytes]] = []
    end: End | None = None
    torn = False
    for line in read(file, name):
        match line:
            case Head():
                if head is not None:
                    yield Recording(head, tuple(blocks), end, torn, tuple(others), name or "")
                head, blocks, others, end, torn = line, [], [], None, False
            case TimedBlock():
                blocks.append(line)
            case End():
                end = line
            case Other():
                others.append((len(blocks), line.text))
            case Torn():
                torn = True
    if head is not None:
        yield Recording(head, tuple(blocks), end, torn, tuple(others), name or "")


def load_all(path: str | os.PathLike[str]) -> list[Recording]:
    """Load every recording of a file, in order; `-` is standard input.

    Raises `RecordingError` (`FormatError` with the line) where it cannot be read or is no recording. A
    torn last line is a `RecordingWarning`: what stands before it is good.
    """
    with opened(path) as (file, name):
        found = list(recordings(file, name))
    for recording in found:
        if recording.torn:
            message = f"{name}: the last line is torn; what stands before it is read"
            warnings.warn(message, RecordingWarning, stacklevel=2)
    return found


def load(path: str | os.PathLike[str]) -> Recording:
    """Load the one recording of a file; `-` is standard input.

    Raises as `load_all` does, and `RecordingError` for a session of several: use `load_all` for those.
    """
    found = load_all(path)
    if len(found) > 1:
        raise RecordingError(f"holds {len(found)} recordings; use load_all", path=os.fspath(path))
    return found[0]
