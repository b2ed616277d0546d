"""What goes wrong when inspector is *used* wrongly, or when a file is not what it should be.

What goes wrong on the wire is never raised from here: a broken stream is something to show.

    InspectorError
    ├── UsageError           a call that cannot mean anything (unknown name, option, combination)
    ├── AddressError         an address that cannot be listened on
    ├── NetworkBlockedError  a connection that a test was not to make
    └── RecordingError       a file that is not a recording, or cannot be read or written
        └── FormatError      …with the line at which it stops being one

Every message says what is wrong, where, and what to do.
"""

from __future__ import annotations

__all__ = [
    "AddressError",
    "FormatError",
    "InspectorError",
    "NetworkBlockedError",
    "RecordingError",
    "RecordingWarning",
    "UsageError",
]


class InspectorError(Exception):
    """Base of every error inspector raises on purpose."""


class UsageError(InspectorError):
    """A call or an option that cannot mean anything; the message names what would."""


class AddressError(InspectorError):
    """An address that cannot be listened on; the message names it and why."""


class NetworkBlockedError(InspectorError, OSError):
    """A connection or a look-up that leaves the machine, where a test run has blocked that.

    It is an `OSError` too, so that clients take it for what it is: a network that is not there.
    """


class RecordingError(InspectorError):
    """A file that cannot be read or written as a recording.

    `path` names the file as the user did (`-` for standard input), where there is one.
    """

    def __init__(self, message: str, *, path: str | None = None) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class FormatError(RecordingError):
    """A file that stops being a recording at line `line` (counted from 1)."""

    def __init__(self, message: str, *, path: str | None = None, line: int) -> None:
        where = f"{path}:{line}" if path else f"line {line}"
        super().__init__(f"{where}: {message}")
        self.path = path
        self.line = line


class RecordingWarning(UserWarning):
    """A recording that is not complete, or is no longer being written, while the stream itself goes on."""
