"""Every error is of one base, and names the file and the line that it is about."""

from __future__ import annotations

import pytest

from inspector import errors
from inspector.errors import FormatError, InspectorError, NetworkBlockedError, RecordingError


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
