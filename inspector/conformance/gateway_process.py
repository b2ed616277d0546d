"""A gateway as a child process: started with the upstream's URL, ended with all that it started.

Its output is kept, but only the last lines: they are shown if it fails.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType

from inspector.errors import UsageError
from inspector.http_library import sdk_library

__all__ = ["GatewayProcess"]

_LAST_LINES = 12
_LOOK = 0.05  # seconds
_GRACE = 5.0  # seconds in which it must end
_PLACEHOLDER = "{upstream}"
_VARIABLE = "ANTHROPIC_BASE_URL"


class GatewayProcess:
    """Run `command` until the end of a `with`; the gateway that it starts answers at `base_url`.

    `{upstream}` in the command is replaced by `upstream`, a URL, and each variable of `variables` is set to
    it: by default ANTHROPIC_BASE_URL, if the command does not mention `{upstream}`. Raises `UsageError` if
    something answers there already, if the command cannot be started, if it ends, and if nothing answers
    within `patience` seconds.
    """

    def __init__(
        self,
        command: Sequence[str],
        base_url: str,
        upstream: str,
        variables: Iterable[str] = (),
        *,
        patience: float = 60.0,
    ) -> None:
        mentioned = any(_PLACEHOLDER in word for word in command)
        names = list(variables) or ([] if mentioned else [_VARIABLE])
        self._command = [word.replace(_PLACEHOLDER, upstream) for word in command]
        self._environment = {**os.environ, **dict.fromkeys(names, upstream)}
        self._base_url = base_url
        self._patience = patience
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    @property
    def end(self) -> list[str]:
        """How the command ended by itself, and its last lines; empty while it runs."""
        status = None if self._process is None else self._process.poll()
        return [] if status is None else self._with_lines(f"it ended with status {status}")

    def __enter__(self) -> GatewayProcess:
        name = self._command[0]
        if _answers(self._base_url):
            raise UsageError(f"something answers at {self._base_url} already, before {name} has started")
        try:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own: all that it starts ends with it
            )
        except OSError as error:
            raise UsageError(f"{name} cannot be started: {error.strerror}") from None
        self._reader = threading.Thread(target=self._read, name="inspector-gateway", daemon=True)
        self._reader.start()
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + self._patience
        while not _answers(self._base_url):
            if self.end:
                raise UsageError(*self.end)
            if time.monotonic() > until:
                text = f"nothing answers at {self._base_url} after {self._patience:g} s"
                raise UsageError(*self._with_lines(text))
            time.sleep(_LOOK)

    def _with_lines(self, text: str) -> list[str]:
        if self._process is not None and self._process.poll() is not None and self._reader is not None:
            self._reader.join(1.0)
        return [f"{self._command[0]}: {text}", *(f"  {line}" for line in self._lines)]

    def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            for line in _bounded_lines(self._process.stdout.fileno()):
                self._lines.append(line)

    def _stop(self) -> None:
        """End the whole group: politely, then not."""
        process = self._process
        if process is None:
            return
        if sys.platform == "win32":  # it has no groups: what the command has started may go on
            process.kill()
            process.wait()
        else:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_GRACE)
                    if number is signal.SIGTERM:
                        _wait_for_group(process.pid)
        if self._reader is not None:
            self._reader.join(1.0)
        if process.stdout is not None and (self._reader is None or not self._reader.is_alive()):
            process.stdout.close()


def _wait_for_group(group: int) -> None:
    """Wait until no process of a group is left, but not for long."""
    if sys.platform == "win32":
        return
    until = time.monotonic() + _GRACE
    with contextlib.suppress(OSError):
        while time.monotonic() < until:
            os.killpg(group, 0)
            time.sleep(_LOOK)


def _bounded_lines(descriptor: int) -> Iterator[str]:
    """Yield the lines that come, each no longer than a read."""
    rest = b""
    while piece := os.read(descriptor, 4096):
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[-4096:]
        for line in lines:
            yield line.decode("utf-8", "replace").rstrip()
    if rest:
        yield rest.decode("utf-8", "replace")


def _answers(url: str) -> bool:
    """Whether an HTTP server answers, whatever it says."""
    library = sdk_library()
    try:
        with library.Client(timeout=2.0, trust_env=False) as client, client.stream("GET", url):
            return True
    except library.HTTPError:
        return False
