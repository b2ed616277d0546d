"""What `inspector.observe` says is what the SDK does: against a second harness, for any recording."""

from __future__ import annotations

import io
import itertools
import logging
import warnings
from dataclasses import replace

import anthropic
import captures
import pytest
import sdk
from aws_frame_bytes import bedrock, frames_of
from check_examples import EXAMPLES, VARIANTS
from faults.fault_rows import ROWS
from streams import END, GOOD, PING, TEXT, delta, event, opens, recording, start, stops

import inspector
from inspector import Observation, Outcome, faults, observe
from inspector.play.observation import calls_for, pieces
from inspector.play.sdk_calls import CREATE, MESSAGE, STREAM
from inspector.recording import Ending
from inspector.recording.bundled import bundled_recording
from inspector.sse import BLOCK_LIMIT

SDK = f"anthropic {anthropic.__version__}"
RECORDINGS = [
    *(pytest.param(each.recording, id=rule) for rule, each in EXAMPLES.items()),
    *(pytest.param(each.recording, id=f"{rule}:{n}") for n, (rule, each) in enumerate(VARIANTS)),
    *(
        pytest.param(faults.apply(inspector.load(bundled_recording(row.recording)), row.fault), id=row.id)
        for row in ROWS
    ),
    *(pytest.param(each, id=f"bundled {n}") for n, each in enumerate(captures.bundled())),
]


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("sent", RECORDINGS)
def test_it_is_what_another_harness_sees(sent):
    seen, observation = sdk.run(sent), observe(sent)
    if calls_for(sent) != (STREAM, CREATE) or sent.end is None or sent.end.how is Ending.ABANDONED:
        return
    if sent.response is not None and "content-encoding" in sent.response.headers:
        return  # the harness decodes nothing
    for outcome, names in ((observation.stream, seen.stream), (observation.create, seen.create)):
        assert (outcome.raises is None) is (not names)
        if outcome.raises:
            assert outcome.raises.replace("httpx.", "httpx2.") in names
    assert observation.create.passed_on == len(seen.events)


@pytest.mark.parametrize("sent", RECORDINGS)
def test_events_go_in_and_come_out_or_are_hidden(sent):
    create = observe(sent).create
    if create is None or sent.response is None or sent.response.status != 200 or not create.event:
        return
    pings = sum(each.name == "ping" for each in itertools.islice(sent.events(), create.event))
    raised_on_it = bool(create.raises or create.stopped) and not create.at_end
    ended_on_ping = raised_on_it and [*sent.events()][create.event - 1].name == "ping"
    assert create.event == create.passed_on + len(create.hidden) + pings + raised_on_it - ended_on_ping


def test_a_good_stream_comes_whole():
    assert observe(recording(GOOD)) == Observation(
        SDK,
        (
            Outcome(STREAM, event=7, at_end=True, passed_on=7),
            Outcome(CREATE, event=7, at_end=True, passed_on=7),
        ),
    )


def test_it_says_what_is_raised_and_where():
    observation = observe(EXAMPLES["index-gap"].recording)
    assert str(observation) == (
        f"{SDK}: messages.stream() raises IndexError at event 3; "
        "create() passes on 7 events and raises nothing"
    )
    stream = observation.stream
    assert (stream.raises, stream.event, stream.at_end, stream.is_api_error) == (
        "IndexError",
        3,
        False,
        False,
    )
    assert stream.text == "list index out of range"
    assert observation.raised


def test_it_says_what_is_hidden_and_what_is_lost():
    unnamed = delta(0, " you").replace(b"event: content_block_delta\n", b"")
    observation = observe(recording(start() + PING + opens(0) + delta(0) + unnamed + stops(0) + END))
    assert observation.create.hidden == (5,)
    assert "create() passes on 6 events, hides 1 and raises nothing" in str(observation)
    assert observation.lines()[1] == "its final message: 4 of 9 characters of text are lost"


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (recording(status=None, how=Ending.RESET, end=0.5), "raises anthropic.APIConnectionError;"),
        (recording(b"{}", status=529), "raises anthropic.OverloadedError;"),
        (recording(b"<html>"), "raises AssertionError at the end of the body;"),
        (recording(start() + TEXT, how=Ending.CUT), "RemoteProtocolError at the end, after event 5;"),
        (
            recording(start() + TEXT, how=Ending.ABANDONED),
            "is stopped at the end, after event 5: the recording",
        ),
    ],
)
def test_a_broken_recording_gives_an_observation(sent, place):
    assert place in str(observe(sent))


def test_a_response_that_is_not_streamed_has_one_outcome():
    body = b'{"id":"m","type":"message","role":"assistant","content":[],"model":"m"}'
    sent = recording(body, headers={"content-type": "application/json"})
    plain = replace(sent, head=replace(sent.head, request=replace(sent.request, body=b'{"model":"m"}')))
    (outcome,) = observe(plain).outcomes
    assert (outcome.call, outcome.raises) == (MESSAGE, None)


def test_a_response_of_another_endpoint_is_not_played():
    count = recording(b"{}", url="https://api.anthropic.com/v1/messages/count_tokens")
    assert observe(count) == Observation(
        SDK,
        note="not observed, as another client reads the answer to "
        "POST https://api.anthropic.com/v1/messages/count_tokens",
    )


def test_binary_events_of_aws_are_for_another_client():
    assert observe(bedrock(*frames_of(GOOD))).outcomes == ()


def test_a_call_that_takes_too_long_is_stopped_between_two_events():
    ticks = itertools.count()
    observation = observe(recording(GOOD), seconds=8, clock=lambda: next(ticks))
    assert observation.stream.stopped == "8 s were over"
    assert 0 < observation.stream.event < 7
    assert f"messages.stream() is stopped at event {observation.stream.event}: 8 s were over" in str(
        observation
    )
    assert not observation.raised


def test_a_body_that_is_too_long_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr("inspector.play.observation.MAX_BYTES", 500)
    assert observe(recording(GOOD)).create.stopped == "the body is too long"


@pytest.mark.parametrize(
    "value", [b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900, b'"\\ud83d"', b"1e999"]
)
def test_hostile_json_gives_an_observation(value):
    sent = recording(start() + opens(0) + delta(0, "X").replace(b'"X"', value) + stops(0) + END)
    inspector.observe(sent).to_dict()


def test_recorded_time_is_not_waited_for():
    slow = recording(start() + TEXT, (500.0, END), end=900.0)
    assert not observe(slow, seconds=5).raised


def test_pieces_are_the_body_and_long_ones_are_cut_but_not_in_a_line_end():
    body = b"a\r\n" * 40_000 + GOOD + b": " + b"x" * 200_000 + b"\r\n\r\n"
    sent = recording(body[:7000], body[7000:])
    parts = [part for _, part in pieces(sent)]
    assert b"".join(parts) == body
    assert max(map(len, parts)) <= 65537
    assert not any(
        one.endswith(b"\r") and other.startswith(b"\n") for one, other in itertools.pairwise(parts)
    )


def test_secrets_are_masked():
    key = "sk-ant-api03-" + "a1" * 20
    observation = observe(recording(event("error", error={"type": "x", "message": key})))
    assert key not in str(observation.to_dict())
    assert "sk-ant-" in observation.stream.text


def test_nothing_of_the_environment_is_used(monkeypatch):
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert not observe(recording(GOOD)).raised


def test_the_sdk_is_quiet(caplog):
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        observe(EXAMPLES["tool-json-truncated"].recording)
    assert (caplog.records, caught) == ([], [])
    assert logging.getLogger("anthropic").level == logging.NOTSET


def test_plain_values_carry_all_of_it():
    value = observe(EXAMPLES["message-stop-missing"].recording).to_dict()
    assert value["sdk"] == SDK
    assert [each["call"] for each in value["outcomes"]] == [STREAM, CREATE]
    assert value["outcomes"][0]["losses"][-1] == "stop_reason is None"
    assert value["lines"][0].startswith(SDK)


ASKS_FOR_NO_STREAM = b'{"model":"m"}'


@pytest.mark.parametrize(
    ("body", "content_type", "raises", "lacks"),
    [
        (GOOD, "text/event-stream", None, ("a str, not a Message",)),
        (GOOD, "application/json", "json.JSONDecodeError", ()),
        (b"[]", "application/json", None, ("a list, not a Message",)),
        (b"null", "application/json", None, ("None, not a Message",)),
        (b'{"type":"error","error":{}}', "application/json", None, ('type is "error", not "message"',)),
    ],
)
def test_the_call_is_the_one_that_the_request_asks_for(body, content_type, raises, lacks):
    sent = recording(body, body=ASKS_FOR_NO_STREAM, headers={"content-type": content_type})
    (outcome,) = observe(sent).outcomes
    assert (outcome.call, outcome.raises, outcome.losses) == (MESSAGE, raises, lacks)


def test_a_frame_that_is_not_read_here_is_neither_hidden_nor_lost():
    long = delta(0, "x" * (BLOCK_LIMIT + 1000))
    observation = observe(recording(start() + opens(0) + long + stops(0) + END))
    assert observation.create == Outcome(CREATE, at_end=True, passed_on=6)
    assert observation.stream.losses == ()


def test_a_body_that_is_recorded_as_it_is_encoded_loses_no_text():
    observation = observe(faults.apply(inspector.load(bundled_recording("hello")), "gzip=cut"))
    assert observation.stream.losses == ("stop_reason is None",)
    assert observation.create.hidden == ()


def test_a_body_that_did_not_decode_raises_what_its_reader_got():
    error = "DecodingError: incorrect header check"
    sent = recording(b"", headers={"content-encoding": "gzip"}, how=Ending.ABANDONED, error=error)
    observation = observe(replace(sent, head=replace(sent.head, response=undecoded(sent.response))))
    for outcome in observation.outcomes:
        assert outcome.raises.endswith("DecodingError")
        assert outcome.stopped is None


def undecoded(response):
    return replace(response, extra={"undecoded": True})


def test_a_stream_with_the_content_type_of_aws_is_played():
    observation = observe(recording(GOOD, headers={"content-type": "application/vnd.amazon.eventstream"}))
    assert observation.create.passed_on == 7


def test_a_body_of_unknown_status_is_not_played():
    """What an SDK does with a body that is no event stream rests on the status."""
    (made,) = inspector.formats.recordings(
        io.BytesIO(b'{"type":"error","error":{"type":"overloaded_error"}}')
    )
    assert observe(made).note == "not observed, as the status of the response is not known"
