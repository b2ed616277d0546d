"""The log of requests that were served: lines for people, or JSON lines, without any header or body.

A thread of its own writes it, so that a slow terminal never delays a stream.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import RawIOBase
from types import TracebackType
from typing import IO, Any

from inspector import _json
from inspector.cli._printing import Output
from inspector.escaping import escape
from inspector.play.received import ReceivedRequest
from inspector.redact import mask_text
from inspector.serve.connection import Delivery

__all__ = ["LogFile", "OutputText", "RequestLog", "as_json", "as_text"]

_BOUND = 100_000  # entries that may wait; what comes beyond is counted and left out
_WHY_NOT = "the disk was full, or it could not keep up"
_TOGETHER = 4096
"""Bytes that are written at once: so far, writes of several processes to one pipe do not mix (POSIX)."""

Entry = tuple[datetime.datetime, ReceivedRequest, Delivery]


_WHY = {
    "order": "the next in order",
    "request": "for the same request",
    "body": "the same body",
    "name": "by its name",
    "any": "the next, whatever the request",
}


def as_text(
    at: datetime.datetime, request: ReceivedRequest, delivery: Delivery, *, why: str = "order"
) -> str:
    """Write an entry as a line for people, harmless to a terminal. `why` is how recordings are chosen."""
    status = "---" if request.status is None else request.status
    answer = request.miss or "no recording needed"
    if request.recording:
        answer = f"{request.recording} ({_WHY[why]})"
    line = (
        f"{at.astimezone():%H:%M:%S} {request.method} {request.path} {status} {answer} · "
        f"{delivery.sent:,} bytes in {delivery.seconds:.3f} s, {delivery.end.value}"
    )
    return escape(mask_text(line))


def as_json(
    at: datetime.datetime, request: ReceivedRequest, delivery: Delivery, *, why: str = "order"
) -> str:
    """Write an entry as one line of JSON. `why` is how recordings are chosen."""
    entry: dict[str, Any] = {
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "request": request.number,
        "method": request.method,
        "path": request.path,
        "recording": request.recording,
        "status": request.status,
        "bytes": delivery.sent,
        "seconds": round(delivery.seconds, 6),
        "end": delivery.end.value,
    }
    if request.recording:
        entry["why"] = why
    if request.miss:
        entry["miss"] = request.miss
    return mask_text(_json.dumps_text(entry))


class LogFile:
    """Append lines to `file`, which has no buffer: so an error belongs to the lines that it meets."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file
        self._torn = False

    def write(self, text: str) -> None:
        """Append lines. Raises `OSError` if the disk does not take all of them; the next begin a new line."""
        data = b"\n" * self._torn + text.encode()
        written = self._file.write(data) or 0
        self._torn = (self._torn and not written) or 0 < written < len(data)
        if written < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""


class OutputText:
    """Print lines on a standard stream, as data."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, text: str) -> None:
        """Print lines. Raises `OSError` if they cannot be written."""
        self._output.data(text.encode())

    def flush(self) -> None:
        """Write what is still in a buffer."""
        self._output.flush()


class RequestLog:
    """Write entries to `file` as they are `put`, from entering to leaving it; `write` makes a line of one.

    If `file` cannot be written, `fail` is called with the error, once. What follows is tried all the same.
    """

    def __init__(
        self,
        file: IO[str] | LogFile | OutputText,
        write: Callable[..., str],
        fail: Callable[[OSError], None] | None = None,
    ) -> None:
        self._file = file
        self._write = write
        self._fail = fail
        self._queue: queue.Queue[Entry | None] = queue.Queue(_BOUND)
        self._lost = 0

    def put(self, request: ReceivedRequest, delivery: Delivery) -> None:
        """Add an entry; never waits."""
        small = replace(request, body=b"", raw_headers=())  # many may wait, and neither is written
        try:
            self._queue.put_nowait((datetime.datetime.now(datetime.UTC), small, delivery))
        except queue.Full:
            self._lost += 1

    def __enter__(self) -> RequestLog:
        # Not before: a worker is a fork, and in one Python 3.13.0 starts no thread that was made before it.
        self._thread = threading.Thread(target=self._run, name="inspector-log", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            entries = [self._queue.get()]
            with contextlib.suppress(queue.Empty):
                while True:
                    entries.append(self._queue.get_nowait())
            open_ = entries[-1] is not None
            self._save([self._write(*entry) for entry in entries if entry is not None])

    def _save(self, lines: list[str]) -> None:
        """Write lines, and how many are missing. A line that cannot be written is missing from then on."""
        missing = self._lost
        notice = [f"inspector: {missing} requests are not in this log: {_WHY_NOT}"] if missing else []
        left = len(lines)
        try:
            for piece in _pieces([*lines, *notice]):
                self._file.write(piece)
                self._file.flush()
                left -= piece.count("\n")
            self._lost -= missing
        except (BrokenPipeError, ValueError):  # nobody reads it any more
            pass
        except OSError as error:
            self._lost += max(left, 0)
            fail, self._fail = self._fail, None
            if fail is not None:
                fail(error)


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """Join lines to texts of at most `_TOGETHER` bytes; a longer line stays alone."""
    piece, size = "", 0
    for line in lines:
        added = len(line.encode()) + 1
        if piece and size + added > _TOGETHER:
            yield piece
            piece, size = "", 0
        piece += line + "\n"
        size += added
    if piece:
        yield piece
