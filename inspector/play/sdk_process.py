"""The SDK of another Python, in a process of its own, which can be killed.

That Python needs anthropic, and nothing of inspector: it runs the source of `sdk_calls`. What a response is
to a client (status, header fields, pieces of the body, the exception at its end) is decided here, by the code
that the transport of `inspector.replay` uses, and sent as one line of JSON.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from inspector import _json
from inspector.errors import InspectorError
from inspector.http_library import exception_for, sdk_library
from inspector.play import sdk_calls
from inspector.play.observation import (
    MAX_BYTES,
    MAX_SECONDS,
    Observation,
    calls_for,
    observation_of,
    pieces,
)
from inspector.play.sources import Source
from inspector.recording import Recording

__all__ = ["SdkProcess", "SdkProcessError", "python_in"]

_START_SECONDS = 60.0


class SdkProcessError(InspectorError):
    """Another Python that cannot be run, or that has no anthropic."""


def python_in(place: str) -> str | None:
    """Return the interpreter that `place` means: its path, its name, or the folder of a virtual environment.

    None if `place` means no interpreter.
    """
    inside = Path(place, "bin", "python")
    if inside.is_file():
        return str(inside)
    path = shutil.which(place)
    return path if path and "py" in Path(path).name else None


class SdkProcess:
    """Observes recordings with the SDK of the interpreter `python`; `close` ends its process.

    Raises `SdkProcessError` if the interpreter does not start, or cannot import anthropic. A call that takes
    longer than `seconds` is stopped. If that fails, the process is killed, and the next recording gets a new
    one.
    """

    def __init__(self, python: str, *, seconds: float = MAX_SECONDS) -> None:
        self._python, self._seconds = python, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self.version = self._start()

    def __enter__(self) -> SdkProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def observe(self, recording: Recording) -> Observation:
        """Play a recording to that SDK, and return what the SDK did."""
        calls = calls_for(recording)
        if self._process is None:
            self._start()
        job = {**_response(recording), "calls": calls, "limits": (self._seconds, MAX_BYTES)}
        results = self._ask(_json.dumps(job) + b"\n", self._seconds * (len(calls) + 1))
        if results is None:
            self.close()
            name = f"anthropic {self.version}"
            return Observation(name, note="its process ended, or did not answer in time, and was killed")
        return observation_of(recording, self.version, calls, results)

    def close(self) -> None:
        """Kill the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
            process.wait()

    def _start(self) -> str:
        if sys.platform == "win32":
            raise SdkProcessError(
                f"--sdk {self._python}: on Windows, only the SDK of this Python is observed"
            )
        source = Path(sdk_calls.__file__).read_text(encoding="utf-8")
        try:
            self._process = subprocess.Popen(
                [self._python, "-c", source],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise SdkProcessError(f"--sdk {self._python}: cannot be run: {error.strerror}") from error
        hello = self._ask(b"", _START_SECONDS)
        if hello is None or "version" not in hello:
            self.close()
            reason = hello["failure"] if hello else "it is no Python that runs"
            raise SdkProcessError(f"--sdk {self._python}: it cannot import anthropic: {reason}")
        return str(hello["version"])

    def _ask(self, line: bytes, seconds: float) -> dict[str, Any] | None:
        """Send a line, and return the line that answers it; None if there is none in time."""
        process, until = self._process, time.monotonic() + seconds
        assert process and process.stdin and process.stdout
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            return None
        parts: list[bytes] = []
        while not parts or not parts[-1].endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
            part = os.read(process.stdout.fileno(), 1 << 20) if ready else b""
            if not part:
                return None
            parts.append(part)
        answer: dict[str, Any] = json.loads(b"".join(parts))  # with all digits, and with NaN
        return answer


def _response(recording: Recording) -> dict[str, Any]:
    """Return what a client gets of a recording: head, pieces of the body, and the exception at its end."""
    response = recording.response
    name = recording.source or "the recording"
    error = exception_for(sdk_library(), recording.end, recording.head, name)
    headers = Source.of(recording).headers() if response else []
    return {
        "status": response.status if response else None,
        "headers": [(key.decode("latin-1"), value.decode("latin-1")) for key, value in headers],
        "pieces": [(number, base64.b64encode(piece).decode()) for number, piece in pieces(recording)],
        "end": (type(error).__name__, str(error)) if error else None,
    }
