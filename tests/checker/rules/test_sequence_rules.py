"""Rules about the order of events in a message."""

from __future__ import annotations

import pytest
from example_parts import ERROR, FIRST
from streams import (
    END,
    GOOD,
    PING,
    STOP,
    TEXT,
    delta,
    event,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
)

from inspector.checker import Severity, check
from inspector.recording import Ending


def findings(body, *rules, **options):
    return [(f.rule, f.message) for f in check(recording(body, **options), select=rules)]


def messages(body, rule, **options):
    return [message for _, message in findings(body, rule, **options)]


def test_a_foreign_stream_names_the_last_event():
    body = frame("odd", {"type": "odd"}) + frame("final", {"type": "final"})
    assert messages(body, "foreign-stream") == [
        'none of 2 events is one of the Messages API; the last is "final"'
    ]


def test_one_foreign_event_is_named():
    body = frame("odd", {"type": "odd"})
    assert messages(body, "foreign-stream") == ['the only event is not one of the Messages API; it is "odd"']


@pytest.mark.parametrize(("count", "events"), [(1, "1 event"), (3, "3 events")])
def test_a_server_that_only_pings_has_not_begun(count, events):
    assert findings(PING * count, "sequence") == [("message-start-missing", f"no message_start in {events}")]


@pytest.mark.parametrize("how", [Ending.CUT, Ending.TIMEOUT, Ending.ABANDONED, None])
def test_what_an_end_explains_is_not_reported_again(how):
    assert findings(TEXT, "sequence", how=how) == []


@pytest.mark.parametrize(
    ("again", "rule"), [(start(), "message-start-duplicate"), (start("msg_2"), "message-start-spliced")]
)
def test_a_second_start_is_a_repetition_or_another_message(again, rule):
    assert [name for name, _ in findings(FIRST + again + TEXT + END, "sequence")] == [rule]


def test_a_retry_in_the_same_body_says_what_it_cut_off():
    (message,) = messages(start() + TEXT + opens(1, "tool_use") + start("msg_2"), "message-start-spliced")
    assert "open: block 1 (tool_use get_weather), 0 characters of its JSON: do not run it; an" in message


@pytest.mark.parametrize(
    ("kind", "severity", "message"),
    [
        ("vertex_event", "info", 'unknown event "vertex_event"'),
        (
            "content_block_deltas",
            "error",
            'unknown event "content_block_deltas": it must mean content_block_delta',
        ),
        ("messageStop", "error", 'unknown event "messageStop": it must mean message_stop'),
        ("pong", "info", 'unknown event "pong"'),
    ],
)
def test_an_unknown_event_is_new_or_misspelled(kind, severity, message):
    (finding,) = check(recording(start() + event(kind) + TEXT + END), select=["event-unknown"])
    assert (finding.severity, finding.message) == (severity, message)


@pytest.mark.parametrize(
    ("payload", "severity"), [({}, "info"), ({"t": 1}, "info"), ({"type": "ping", "index": 0}, "warning")]
)
def test_a_ping_with_the_fields_of_another_event_is_a_warning(payload, severity):
    (finding,) = check(recording(start() + frame("ping", payload) + TEXT + END), select=["ping-shape"])
    assert finding.severity == severity


def test_two_messages_in_one_body_are_an_error():
    (finding,) = check(recording(GOOD + GOOD), select=["message-start-after-stop"])
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(("profile", "severity"), [("compat", "warning"), ("anthropic", "error")])
def test_a_gateway_may_leave_out_message_stop_after_a_stop_reason(profile, severity):
    sent = recording(start() + TEXT + message_delta())
    (finding,) = check(sent, select=["message-stop-missing"], profile=profile)
    assert finding.severity is Severity(severity)
    assert finding.message.endswith("without message_stop; stop_reason end_turn came before")


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (
            {"type": "error", "error": {"type": "x", "message": "y"}},
            'x "y" after 5 characters; open: block 0 (text)',
        ),
        ({"type": "error"}, "error after 5 characters; open: block 0 (text)"),
        ({"type": "error", "error": "boom"}, 'error "boom" after 5 characters; open: block 0 (text)'),
        ({"type": "error", "message": "boom"}, 'error "boom" after 5 characters; open: block 0 (text)'),
    ],
)
def test_an_error_says_what_came_before_it(payload, message):
    assert messages(FIRST + frame("error", payload), "error-event") == [message]
    assert messages(frame("error", payload), "error-event")[0].endswith(" before any content")


@pytest.mark.parametrize(
    ("payload", "severity", "message"),
    [
        ({"type": "error", "error": {}}, "warning", "the error event lacks error.type and error.message"),
        (
            {"error": {"type": "api_error", "message": "m"}},
            "warning",
            'the error event lacks type "error"',
        ),
        (
            {"type": "error", "error": {"type": "odd_error", "message": "m"}},
            "info",
            'error type "odd_error" is not documented',
        ),
    ],
)
def test_an_error_has_a_type_and_a_message(payload, severity, message):
    (finding,) = check(recording(FIRST + frame("error", payload)), select=["error-shape"])
    assert (finding.severity, finding.message) == (severity, message)


def test_only_the_first_event_after_an_error_is_listed():
    (finding,) = check(recording(FIRST + ERROR + stops(0) + STOP), select=["event-after-error"])
    assert (finding.message, finding.more) == ("content_block_stop after error (ev 4 @513)", 1)


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ({"error": {"message": "boom"}}, '"boom"'),
        ({"error": "boom"}, '"boom"'),
        ({"detail": "boom"}, '"boom"'),
        ({"object": "error", "message": "boom"}, '"boom"'),
    ],
)
def test_an_error_without_its_name_is_found_in_every_form(payload, text):
    (message,) = messages(FIRST + frame("message", payload), "error-unnamed")
    assert message == (
        f'an error payload in an event named "message": {text}; SDKs do not see it as an error; '
        "open: block 0 (text)"
    )


def test_an_unknown_event_may_have_any_payload():
    vertex = b'event: vertex_event\ndata: {"usage": 1}\n\n'
    assert {f.rule for f in check(recording(GOOD.replace(STOP, vertex + STOP)))} == {"event-unknown"}


def test_content_may_follow_a_message_delta_without_a_stop_reason():
    early = start() + message_delta(None)
    assert findings(early + TEXT + END, "content-after-message-delta") == []
    fallback = opens(0, "fallback") + stops(0)
    body = start() + fallback + message_delta() + opens(1) + delta(1) + stops(1) + STOP
    assert findings(body, "content-after-message-delta") == []


def test_an_event_without_a_name_or_a_type_is_not_unknown():
    assert findings(start() + b'data: {"a": 1}\n\n' + TEXT + END, "event-unknown") == []
    assert messages(start() + event("odd") + TEXT + END, "event-unknown") == ['unknown event "odd"']
