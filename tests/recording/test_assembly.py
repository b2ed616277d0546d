"""The values of a recording make the recording that they were read from."""

from __future__ import annotations

import pytest

from inspector.recording import Assembly, Head, Other, Torn, load, opened
from inspector.recording.bundled import bundled_names, bundled_recording


@pytest.mark.parametrize("name", sorted({*bundled_names()} - {"tool_session", "broken/torn"}))
def test_values_that_are_put_together_are_the_recording(name):
    path = str(bundled_recording(name))
    with opened(path) as reader:
        head, *rest = reader
        assert isinstance(head, Head)
        whole = Assembly(head)
        for value in rest:
            whole.add(value)
    assert whole.recording(path) == load(path)


def test_a_recording_can_be_taken_at_any_moment():
    with opened(str(bundled_recording("hello"))) as reader:
        head, *rest = reader
    whole = Assembly(head)
    assert (whole.recording("").blocks, whole.recording("").end) == ((), None)
    for number, value in enumerate(rest[:-1], 1):
        whole.add(value)
        assert len(whole.recording("").blocks) == number


def test_unknown_lines_keep_their_place_and_a_torn_line_is_noted():
    with opened(str(bundled_recording("hello"))) as reader:
        head, first, *_ = reader
    whole = Assembly(head)
    for value in (first, Other(b'{"note":1}\n'), Torn(b"{", 3)):
        whole.add(value)
    assert (whole.recording("").torn, whole.recording("").others) == (True, ((1, b'{"note":1}\n'),))
