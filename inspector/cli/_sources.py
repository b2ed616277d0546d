"""What `check` reads: recordings, bare event streams, what `curl -i` prints. The first bytes tell which."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any, cast

from inspector.checker import Checker, Cursor, Limits, Profile, Report
from inspector.errors import RecordingError
from inspector.recording import End, Ending, Head, Recorder, Request, Response, TimedBlock, Torn, read

__all__ = ["Settings", "check_file"]

_READ = 65536
_STREAM_STARTS = (b"event:", b"data:", b":", b"id:", b"retry:", b"\xef\xbb\xbf", b"HTTP/")
_BODY_STARTS = (b"<", b"{", b"[", b"\x1f\x8b")


class Settings:
    """How to check: the profile (None: by host), the rules (None: all) and the limits."""

    __slots__ = ("limits", "profile", "rules")

    def __init__(
        self,
        profile: Profile | None = None,
        rules: frozenset[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.profile = profile
        self.rules = rules
        self.limits = limits or Limits()


def check_file(file: IO[bytes], name: str, settings: Settings) -> Iterator[Report]:
    """Check everything in a file as it is read, a block at a time; yield a report for each recording.

    Raises `RecordingError` where the file is neither a recording nor an event stream, or stops being one;
    what came before that has been reported by then.
    """
    # Standard input may have been replaced by something that cannot be looked into.
    buffered = cast(
        "io.BufferedReader", file if hasattr(file, "peek") else io.BufferedReader(cast(Any, file))
    )
    try:
        start = _peek(buffered)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", path=name) from error
    if _is_bare(start, name):
        yield _check_bare(buffered, name, settings)
    else:
        yield from _Recordings(buffered, name, settings).reports()


def _peek(file: io.BufferedReader) -> bytes:
    """The first bytes, however slowly they come: enough of them to tell what this is."""
    return file.peek(4096).lstrip(b" \t\r\n")


def _is_bare(start: bytes, name: str) -> bool:
    if start.startswith(_STREAM_STARTS):
        return True
    if start and len(start) < 8 and any(mark.startswith(start) for mark in _STREAM_STARTS):
        return True  # a first read of a few bytes
    if start.startswith(b"{") and b'"recording"' in start.partition(b"\n")[0]:
        return False
    # A server's answer that is no stream at all is what somebody pipes in, or names .sse.
    named = name.endswith((".sse", ".txt")) or (name == "-" and not start.startswith(b'{"t":'))
    return named and (not start or start.startswith(_BODY_STARTS))


class _Recordings:
    """Take the recordings of one file through the rules, block by block."""

    def __init__(self, file: io.BufferedReader, name: str, settings: Settings) -> None:
        self._cursor = Cursor(0)
        self._lines = read(file, name)
        self._name, self._settings = name, settings
        self._ids: dict[str, int] = {}
        self._next: Head | None = None
        self._end: End | None = None
        self._torn = False

    def reports(self) -> Iterator[Report]:
        """Yield a report for each recording."""
        number = 0
        for _ in self._blocks():  # up to the first head
            pass
        while self._next is not None:
            number += 1
            head, self._next, self._end, self._torn = self._next, None, None, False
            settings = self._settings
            checker = Checker(
                head,
                profile=settings.profile,
                rules=settings.rules,
                limits=settings.limits,
                file=self._name,
                number=number,
                ids=self._ids,
                cursor=self._cursor,
            )
            try:
                checker.feed(self._blocks())
            except RecordingError:
                yield checker.close(None, torn=True)
                raise
            yield checker.close(self._end, torn=self._torn)

    def _blocks(self) -> Iterator[TimedBlock]:
        """The blocks up to the next head, which is kept."""
        cursor = self._cursor
        for line in self._lines:
            cursor.line = (cursor.line or 0) + 1
            if isinstance(line, TimedBlock):
                yield line
            elif isinstance(line, Head):
                self._next = line
                return
            elif isinstance(line, End):
                self._end = line
            elif isinstance(line, Torn):
                self._torn = True


def _check_bare(file: io.BufferedReader, name: str, settings: Settings) -> Report:
    cursor = Cursor(1)
    response = _response(file, cursor)
    checker = Checker(
        Head("", Request(), response),
        profile=settings.profile,
        rules=settings.rules,
        limits=settings.limits,
        timed=False,
        file=name,
        cursor=cursor,
    )
    checker.feed(_bare_blocks(file, name, cursor))
    return checker.close(End(0.0, Ending.COMPLETE))


def _bare_blocks(file: io.BufferedReader, name: str, cursor: Cursor) -> Iterator[TimedBlock]:
    recorder = Recorder()
    chunk = _read(file, name)
    while chunk:
        yield from _counted(recorder.feed([(0.0, chunk)]), cursor)
        chunk = _read(file, name)
    yield from _counted(recorder.close(), cursor)


def _counted(blocks: list[TimedBlock], cursor: Cursor) -> Iterator[TimedBlock]:
    """Hand blocks out with the times of no clock, and with the cursor on the line each begins at."""
    for block in blocks:
        yield block._replace(t=0.0, cuts=())
        raw = block.raw
        ends = (raw.count(b"\n") or raw.count(b"\r")) if raw else 3
        cursor.line = (cursor.line or 1) + ends


def _read(file: io.BufferedReader, name: str) -> bytes:
    try:
        return file.read1(_READ)
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", path=name) from error


def _response(file: io.BufferedReader, cursor: Cursor) -> Response:
    """Read the response's head where `curl -i` printed one, the last of several."""
    response = Response(0.0)
    line = b""
    while _peek_http(file):
        line = file.readline(_READ)
        version, _, status = line.decode("latin-1").strip().partition(" ")
        headers: dict[str, str] = {}
        while line.strip():
            cursor.line = (cursor.line or 1) + 1
            line = file.readline(_READ)
            key, _, value = line.decode("latin-1").partition(":")
            if value:
                headers[key.strip().lower()] = value.strip()
        cursor.line = (cursor.line or 1) + 1
        code = status[:3]
        response = Response(0.0, int(code) if code.isdecimal() else 0, headers, version)
    return response


def _peek_http(file: io.BufferedReader) -> bool:
    return file.peek(5)[:5] == b"HTTP/"
