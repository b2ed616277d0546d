"""No value of a recording shows a secret when a test fails or a traceback prints it."""

from __future__ import annotations

import pytest

import inspector
from inspector.recording import Other, TimedBlock
from inspector.recording.values import Event, Part, Torn

KEY = "sk-ant-api03-q7W2e9R4t1Y6u3I8"
RAW = KEY.encode()
BLOCK = TimedBlock(1.0, KEY, RAW, RAW)
REQUEST = inspector.Request("POST", f"https://me:{KEY}@h/", {"a": KEY}, RAW, (KEY,))
HEAD = inspector.Head("", REQUEST, inspector.Response(0.0, 200, {"a": KEY}))
END = inspector.End(1.0, inspector.Ending.CUT, KEY)
VALUES = [
    *(REQUEST, HEAD, BLOCK, END),
    inspector.Recording(HEAD, (BLOCK,), END, others=((0, RAW),)),
    Event(1, 1.0, KEY, {"a": KEY}, True, 0, BLOCK),
    *(Other(RAW), Part(1.0, RAW), Torn(RAW, 1)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_python_shows_of_it_has_no_secret(value):
    assert KEY[7:] not in repr(value)
    assert "sk-ant-***" in repr(value)


def test_without_secrets_it_is_what_python_shows_of_any_such_value():
    end = inspector.End(1.5, inspector.Ending.CUT)
    assert repr(end) == "End(t=1.5, how=<Ending.CUT: 'cut'>, error=None, extra=None)"
    assert eval(repr(inspector.Request(url="https://h/")), vars(inspector)) == inspector.Request(
        url="https://h/"
    )
