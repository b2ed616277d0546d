"""Every error is of one base, and names the file and the line that it is about."""

from __future__ import annotations

import pytest

from inspector import errors
from inspector.errors import (
    FormatError,
    InspectorError,
    NetworkBlockedError,
    RecordingError,
    RecordingWarning,
    UsageError,
)


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name.endswith("Error")])
def test_every_error_is_an_inspector_error(name):
    assert issubclass(getattr(errors, name), InspectorError)


@pytest.mark.parametrize(
    "error, text, path",
    [
        (RecordingError("is empty"), "is empty", None),
        (RecordingError("is empty", path="x.jsonl"), "x.jsonl: is empty", "x.jsonl"),
        (FormatError("not JSON", line=3), "line 3: not JSON", None),
        (FormatError("not JSON", path="-", line=3), "-:3: not JSON", "-"),
    ],
)
def test_an_error_of_a_file_names_it_and_the_line(error, text, path):
    assert (str(error), error.path) == (text, path)
    assert getattr(error, "line", 3) == 3


def test_a_blocked_connection_is_what_clients_take_for_a_network_that_is_not_there():
    assert issubclass(NetworkBlockedError, OSError)


HOSTILE = "a\n::error ::b\x1b]52;c;aGk=\x07"
HARMLESS = "a\\n::error ::b\\e]52;c;aGk=\\x07"


@pytest.mark.parametrize(
    "error",
    [
        RecordingError("is empty", path=HOSTILE),
        FormatError("not JSON", path=HOSTILE, line=1),
        UsageError(f"there is no rule {HOSTILE}"),
        NetworkBlockedError(HOSTILE),
        RecordingWarning(HOSTILE),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_an_error_quotes_drives_no_terminal_and_adds_no_line(error):
    assert HARMLESS in str(error)
    assert str(error).isprintable()


def test_an_error_may_have_several_lines_of_its_own():
    assert str(UsageError("no fault is called 'x\n'", "  x", "  ^")) == "no fault is called 'x\\n'\n  x\n  ^"


def test_an_error_keeps_the_path_as_the_user_named_it():
    assert RecordingError("is empty", path=HOSTILE).path == HOSTILE
