"""What a live view says of what has not come."""

from __future__ import annotations

import pytest

from inspector import End, Ending, Head, Request, Response, TimedBlock
from inspector.cli._awaited import Waiting

REQUEST = Request("POST", "https://x/v1/messages", {})


def head(kind="text/event-stream"):
    return Head("", REQUEST, Response(0.5, 200, {"content-type": kind}))


@pytest.mark.parametrize(
    "values, text",
    [
        ([], "waiting 12 s for the response's head"),
        ([head()], "waiting 12 s for the first event"),
        ([head("application/json")], "waiting 12 s for the body"),
        ([head(), TimedBlock(0.6, "ping", b"{}")], "silent 12 s"),
        ([head(), End(0.6, Ending.COMPLETE)], ""),
    ],
)
def test_what_is_waited_for_depends_on_what_has_come(values, text):
    waiting = Waiting()
    waiting.begin(100.0)
    for value in values:
        waiting.note(value, 105.0)
    assert waiting.text((105.0 if values else 100.0) + 12.4) == text
    assert waiting.waits is bool(text)


@pytest.mark.parametrize(
    "came, seconds, says", [(False, 0.9, False), (False, 1, True), (True, 1.9, False), (True, 2, True)]
)
def test_a_moment_needs_no_words(came, seconds, says):
    waiting = Waiting()
    waiting.begin(0.0)
    if came:
        waiting.note(TimedBlock(0.6, "ping", b"{}"), 0.0)
    assert bool(waiting.text(seconds)) is says


def test_before_a_request_nothing_is_waited_for():
    assert Waiting().text(1e9) == ""
