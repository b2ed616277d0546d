"""`check` in Python: findings, verdicts, the choice of rules, the assertion; and the bundled recordings."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from check_examples import EXAMPLES
from streams import GOOD, PING, STOP, delta, event, message_delta, opens, recording, start, stops

import inspector
from inspector.checker import RULES, Checker, Limits, Report, Severity, Verdict, check, report
from inspector.errors import UsageError
from inspector.recording import Ending, load_all

FOLDER = Path(__file__).parents[2] / "recordings"
bundled = pytest.mark.skipif(not FOLDER.exists(), reason="the bundled recordings are not here")
CUT = EXAMPLES["message-stop-missing"].recording


def test_a_finding_says_where_and_what_and_what_the_sdk_does():
    (finding,) = check(CUT)
    assert (finding.rule, finding.severity) == ("message-stop-missing", Severity.ERROR)
    assert (finding.event, finding.offset) == (3, len(CUT.body))
    assert finding.t == pytest.approx(0.51)
    assert "open: block 0 (tool_use get_weather), 13 characters of its JSON: do not run it" in finding.message
    assert finding.sdk == "the SDK raises nothing and returns the partial message, with stop_reason None"


def test_a_finding_in_a_content_block_names_it():
    (finding,) = check(EXAMPLES["delta-type-mismatch"].recording)
    assert (finding.block, finding.block_type, finding.event) == (0, "tool_use", 4)


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [
        pytest.param(recording(GOOD), Verdict.COMPLETE, id="good"),
        pytest.param(recording(GOOD, how=Ending.CUT), Verdict.COMPLETE, id="cut after message_stop"),
        pytest.param(recording(start() + opens(0)), Verdict.PARTIAL, id="no end"),
        pytest.param(recording(start(), how=Ending.ABANDONED), Verdict.PARTIAL, id="abandoned"),
        pytest.param(EXAMPLES["error-event"].recording, Verdict.FAILED, id="error"),
        pytest.param(EXAMPLES["http-status"].recording, Verdict.FAILED, id="status"),
        pytest.param(EXAMPLES["no-response"].recording, Verdict.FAILED, id="no response"),
        pytest.param(EXAMPLES["body-not-sse"].recording, Verdict.NOT_A_STREAM, id="html"),
        pytest.param(EXAMPLES["body-empty"].recording, Verdict.NOT_A_STREAM, id="empty"),
        pytest.param(EXAMPLES["foreign-stream"].recording, Verdict.NOT_A_STREAM, id="openai"),
    ],
)
def test_the_verdict_says_what_became_of_the_response(sent, verdict):
    assert report(sent).verdict is verdict


def test_the_same_finding_is_told_a_few_times_and_then_counted():
    frames = b"".join(
        event("content_block_delta", index=n, delta={"type": "text_delta", "text": "x"}) for n in range(99)
    )
    found = [
        f for f in check(recording(start() + frames + message_delta() + STOP)) if f.rule == "delta-unstarted"
    ]
    assert len(found) == 40
    assert sum(1 + finding.more for finding in found) == 99


def test_padding_pings_and_unknown_things_are_no_findings_of_weight():
    odd = event("brand_new") + PING + opens(0, "sketch") + stops(0)
    sent = recording(PING + start() + odd + message_delta("pause_turn") + STOP + PING)
    assert {finding.severity for finding in check(sent)} == {Severity.INFO}


def test_first_party_oddities_are_clean():
    chunks = (
        start(content=[{"type": "tool_use", "id": "t", "name": "f", "input": {}}], stop_reason="tool_use")
        + STOP
    )
    assert [f for f in check(recording(chunks)) if f.severity is not Severity.INFO] == []


def test_thinking_that_was_broken_off_may_lack_its_signature():
    thought = opens(0, "thinking") + delta(0, "Hm", "thinking_delta") + stops(0)
    weigh = {
        reason: [
            f.severity
            for f in check(recording(start() + thought + message_delta(reason) + STOP), select=["thinking"])
        ]
        for reason in ("end_turn", "max_tokens")
    }
    assert weigh == {"end_turn": ["error"], "max_tokens": ["warning"]}


def test_an_unknown_event_may_have_any_payload():
    vertex = b'event: vertex_event\ndata: {"usage": 1}\n\n'
    assert {f.rule for f in check(recording(GOOD.replace(STOP, vertex + STOP)))} == {"event-unknown"}


def test_an_answer_that_was_never_to_be_a_stream_is_no_error():
    asked = recording(
        b'{"type":"message"}', body=b'{"model":"m"}', headers={"content-type": "application/json"}
    )
    assert {f.severity for f in check(asked)} == {Severity.INFO}


def test_select_and_ignore_take_rules_and_groups():
    sent = recording(GOOD.replace(b"\n", b"\r\n") + STOP.replace(b"\n", b"\r\n"))
    assert {f.rule for f in check(sent)} == {"line-ending-nonlf", "message-stop-duplicate"}
    assert {f.rule for f in check(sent, ignore=["framing"])} == {"message-stop-duplicate"}
    assert {f.rule for f in check(sent, select=["line-ending-nonlf"])} == {"line-ending-nonlf"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ignore": ["mesage-empty"]}, "did you mean message-empty?"),
        ({"select": ["zzzzzz"]}, "`inspector rules` lists them"),
        ({"profile": "openai"}, "anthropic, compat"),
    ],
)
def test_a_name_that_does_not_exist_is_told_with_one_that_does(options, words):
    with pytest.raises(UsageError, match=words):
        check(CUT, **options)


def test_limits_move_the_rules_of_time():
    sent = recording(
        start() + opens(0) + delta(0), (3.0, delta(0, " there") + stops(0) + message_delta() + STOP)
    )
    assert check(sent) == []
    assert [f.rule for f in check(sent, limits=Limits(gap_idle=2.0))] == ["gap-idle"]


def test_without_times_no_rule_of_time_speaks():
    sent = EXAMPLES["gap-idle"].recording
    checker = Checker(sent.head, timed=False)
    checker.feed(sent.blocks)
    assert checker.close(sent.end).findings == ()


def test_a_report_is_plain_json():
    found = report(CUT)
    assert isinstance(found, Report)
    assert found.to_dict()["findings"][0]["rule"] == "message-stop-missing"


def test_assert_clean_is_silent_on_a_good_stream():
    inspector.assert_clean(recording(GOOD))


def test_assert_clean_fails_with_what_the_command_prints():
    with pytest.raises(AssertionError) as failure:
        inspector.assert_clean(CUT)
    lines = str(failure.value).splitlines()
    assert lines[1] == "the recording: partial: no message_stop, 3 events, tool_use; 1 error"
    assert lines[2].startswith("  error   message-stop-missing  ev 3  @")
    assert lines[4].strip().startswith("the SDK raises nothing")


def test_assert_clean_passes_over_what_is_ignored():
    inspector.assert_clean(CUT, ignore=["message-stop-missing"])


def test_assert_clean_can_be_strict():
    sent = recording(GOOD.replace(b"\n", b"\r\n"))
    inspector.assert_clean(sent)
    with pytest.raises(AssertionError, match="line-ending-nonlf"):
        inspector.assert_clean(sent, fail_on="warning")


def test_what_the_package_offers_is_what_is_here():
    assert inspector.check is check
    assert len(RULES) > 100


ENDS_IN_ERROR = {"error_401": "http-status", "error_429": "http-status", "error_529": "http-status"}
ENDS_IN_ERROR["error_mid_stream"] = "error-event"
BROKEN = {
    "abandoned": [],
    "bad_json": ["json-invalid"],
    "bad_utf8": ["utf8-invalid"],
    "cut_text": ["body-truncated"],
    "cut_tool": ["message-stop-missing"],
    "done_sentinel": ["done-sentinel"],
    "glued_tool": ["tool-json-trailing"],
    "html": ["body-not-sse"],
    "index_gap": ["index-gap"],
    "no_end": ["recording-unfinished"],
    "no_response": ["no-response"],
    "reset": ["body-truncated"],
    "spliced": ["message-start-spliced"],
    "timeout": ["body-timeout"],
    "torn": ["recording-unfinished"],
    "unfinished": ["frame-unterminated"],
    "unnamed": ["frame-event-missing"],
}


def weighty(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = load_all(path)
    return [f.rule for sent in loaded for f in check(sent) if f.severity is not Severity.INFO]


@bundled
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_bundled_recording_is_clean(path):
    expected = [ENDS_IN_ERROR[path.stem]] if path.stem in ENDS_IN_ERROR else []
    assert weighty(path) in (expected, ["line-ending-nonlf"] if path.stem == "crlf" else expected)


@bundled
@pytest.mark.parametrize("path", sorted((FOLDER / "broken").glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_broken_recording_has_the_one_finding_it_was_made_for(path):
    assert weighty(path) == BROKEN[path.stem]
