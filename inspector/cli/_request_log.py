"""The log of requests that were served: lines for people, or JSON lines. No header and no body is in it.

It is written on a thread of its own, so that a slow terminal never delays a stream.
"""

from __future__ import annotations

import contextlib
import datetime
import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import IO, Any

from inspector import _json
from inspector.cli._terminal import escape
from inspector.serve.server import Outcome, Served

__all__ = ["RequestLog", "as_json", "as_text"]

_BOUND = 100_000  # lines that may wait; what comes beyond is counted and left out

Entry = tuple[datetime.datetime, Served, Outcome]


def as_text(at: datetime.datetime, served: Served, outcome: Outcome) -> str:
    """Write an entry as a line for people, harmless to a terminal."""
    status = "---" if served.status is None else served.status
    told = served.miss or served.recording or "no recording needed"
    line = (
        f"{at.astimezone():%H:%M:%S} {served.method} {served.path} {status} {told} · "
        f"{outcome.sent:,} bytes in {outcome.seconds:.3f} s, {outcome.end.value}"
    )
    return escape(line)


def as_json(at: datetime.datetime, served: Served, outcome: Outcome) -> str:
    """Write an entry as one line of JSON."""
    entry: dict[str, Any] = {
        "at": at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "request": served.number,
        "method": served.method,
        "path": served.path,
        "recording": served.recording,
        "status": served.status,
        "bytes": outcome.sent,
        "seconds": round(outcome.seconds, 6),
        "end": outcome.end.value,
    }
    if served.miss:
        entry["miss"] = served.miss
    return _json.dumps_text(entry)


class RequestLog:
    """Write entries to `file` as they are `put`, until it is closed; `write` spells one."""

    def __init__(self, file: IO[str] | None, write: Callable[..., str]) -> None:
        self._file = file
        self._write = write
        self._queue: queue.Queue[Entry | None] = queue.Queue(_BOUND)
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="inspector-log", daemon=True)

    def put(self, served: Served, outcome: Outcome) -> None:
        """Add an entry; never waits."""
        if self._file is None:
            return
        try:
            self._queue.put_nowait((datetime.datetime.now(datetime.UTC), served, outcome))
        except queue.Full:
            self._lost += 1

    def __enter__(self) -> RequestLog:
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
            lines = [self._write(*entry) for entry in entries if entry is not None]
            if self._lost:
                lost, self._lost = self._lost, 0
                lines.append(f"inspector: {lost} requests are not in this log: it could not keep up")
            if lines and self._file is not None:
                with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
                    self._file.write("\n".join(lines) + "\n")
                    self._file.flush()
