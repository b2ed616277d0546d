"""The errors that inspector raises: for wrong use, and for files that are not what they should be.

What goes wrong on the wire is no error of inspector: a broken stream is recorded, shown and checked.

    InspectorError
    ├── UsageError           a call that makes no sense (unknown name, option, combination)
    │   └── InapplicableFaultError  …a fault for which a recording lacks what the fault changes
    ├── AddressError         an address that cannot be listened on
    ├── EngineError          workers or a scheduler that cannot be reached, or are gone
    ├── NetworkBlockedError  a connection that a test run has blocked
    └── RecordingError       a file that is not a recording, or cannot be read or written
        └── FormatError      …with the line at which it stops being one

Every message says what is wrong, where, and what to do. A message may quote a file's name or a stream, and
tracebacks and reports of tests print it: so its text is escaped (see `inspector.escaping`), and has no
secrets (see `inspector.redact`).
"""

from __future__ import annotations

from inspector.escaping import escape
from inspector.redact import mask_text

__all__ = [
    "AddressError",
    "EngineError",
    "FormatError",
    "InapplicableFaultError",
    "InspectorError",
    "NetworkBlockedError",
    "RecordingError",
    "RecordingWarning",
    "UsageError",
]


class InspectorError(Exception):
    """Base of every error that inspector raises on purpose. Each argument is a line of its text."""

    def __str__(self) -> str:
        return "\n".join(escape(mask_text(str(line))) for line in self.args)


class UsageError(InspectorError):
    """A call or an option that makes no sense. The message names what is possible."""


class InapplicableFaultError(UsageError):
    """A fault that cannot be applied to a recording. The message says what the recording has instead."""


class AddressError(InspectorError):
    """An address that cannot be listened on. The message names it and says why."""


class EngineError(InspectorError):
    """Worker processes, or a cluster, that cannot be reached, cannot be used, or are gone."""


class NetworkBlockedError(InspectorError, OSError):
    """A connection or a look-up that would leave the machine, in a test run that blocks those.

    It is an `OSError` too, so that clients treat it like a network that is not there.
    """


class RecordingError(InspectorError):
    """A file that cannot be read or written as a recording.

    `path` is the file as the user named it (`-` for standard input), None if there is none. `reason` is the
    message without it.
    """

    def __init__(self, message: str, *, path: str | None = None) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.reason = message


class FormatError(RecordingError):
    """A file that stops being a recording at line `line` (counted from 1)."""

    def __init__(self, message: str, *, path: str | None = None, line: int) -> None:
        where = f"{path}:{line}" if path else f"line {line}"
        super().__init__(f"{where}: {message}")
        self.path = path
        self.reason = f"line {line}: {message}"
        self.line = line


class RecordingWarning(UserWarning):
    """A recording that is not complete, or is no longer written although the stream goes on."""

    def __str__(self) -> str:
        return escape(mask_text(super().__str__()))
