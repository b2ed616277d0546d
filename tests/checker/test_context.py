"""The context: where the pass is, and the one cause of everything that a stream lacks."""

from __future__ import annotations

import random

import pytest
from check_examples import EXAMPLES
from every_recording import RECORDINGS
from mutants import mutant
from streams import GOOD, STOP, TEXT, opens, recording, start

from inspector.checker import Limits, Profile, check
from inspector.checker.context import Cause, Context, Cursor
from inspector.checker.tracker import Tracker
from inspector.recording import Ending


def context_of(sent, **options):
    """The context after a whole recording."""
    context = Context(sent.head, Profile.ANTHROPIC, Limits(), **options)
    tracker = Tracker(context, lambda moment: None, {})
    for block in sent.blocks:
        tracker.take(block)
    tracker.finish(sent.end, torn=False)
    return context


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        pytest.param(EXAMPLES["no-response"].recording, Cause.UNANSWERED, id="unanswered"),
        pytest.param(EXAMPLES["http-status"].recording, Cause.STATUS, id="status"),
        pytest.param(EXAMPLES["body-not-sse"].recording, Cause.BODY, id="html"),
        pytest.param(recording(), Cause.BODY, id="empty"),
        pytest.param(recording(how=Ending.CUT), Cause.ENDING, id="cut before any event"),
        pytest.param(EXAMPLES["error-event"].recording, Cause.ERROR, id="error"),
        pytest.param(recording(GOOD), Cause.STOPPED, id="good"),
        pytest.param(recording(start() + TEXT + b"data: [DONE]\n\n"), Cause.STOPPED, id="[DONE]"),
        pytest.param(recording(start() + opens(0), how=Ending.CUT), Cause.ENDING, id="cut"),
        pytest.param(recording(start() + opens(0), how=None), Cause.ENDING, id="no end"),
        pytest.param(recording(start() + opens(0)[:-1]), Cause.TAIL, id="unterminated"),
        pytest.param(recording(TEXT), Cause.HEADLESS, id="no message_start"),
        pytest.param(recording(start() + TEXT), Cause.CLEAN, id="no message_stop"),
    ],
)
def test_one_cause_explains_what_a_stream_lacks(sent, cause):
    assert context_of(sent).cause is cause


@pytest.mark.parametrize(
    ("sent", "foreign"),
    [
        (EXAMPLES["foreign-stream"].recording, True),
        (recording(b'data: {"choices":[]}\n\ndata: [DONE]\n\n'), True),
        (recording(STOP), False),
        (recording(b'data: {"choices":[]}\n\n', how=Ending.CUT), False),
        (recording(), False),
    ],
)
def test_a_foreign_stream_has_events_and_none_of_the_messages_api(sent, foreign):
    assert context_of(sent).is_foreign is foreign


def test_the_place_has_the_line_of_the_file_and_a_time_if_times_are_real():
    sent = recording(GOOD)
    assert context_of(sent, cursor=Cursor(9)).place == (7, len(GOOD), 0.51, 9)
    assert context_of(sent, timed=False).place == (7, len(GOOD), None, None)


def test_headers_are_empty_without_a_response():
    assert context_of(EXAMPLES["no-response"].recording).headers == {}
    assert context_of(recording(GOOD)).headers["request-id"] == "req_1"


def test_rules_that_rest_at_the_end_of_a_whole_stream_would_say_nothing_of_it(monkeypatch):
    chance, pool = random.Random(16), [*RECORDINGS.values(), recording(GOOD)]
    some = [*pool, *(example.recording for example in EXAMPLES.values())]
    some += [mutant(chance, pool) for _ in range(1000)]
    limits = Limits(0.0, 0.0, 0.0, 0.0, 0.0)
    whole = sum(context_of(sent).is_whole for sent in some)
    assert 200 < whole < len(some) - 200
    usual = [(check(sent), check(sent, limits=limits)) for sent in some]
    monkeypatch.setattr(Context, "is_whole", False)
    assert [(check(sent), check(sent, limits=limits)) for sent in some] == usual
