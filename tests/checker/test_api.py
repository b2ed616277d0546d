"""`check`, `report` and `assert_clean` on a whole recording, and the choice of rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from check_examples import EXAMPLES
from streams import GOOD, STOP, delta, message_delta, opens, recording, start, stops

import inspector
from inspector.checker import RULES, Limits, Profile, Severity, Verdict, check, chosen, report
from inspector.errors import UsageError

CUT = EXAMPLES["message-stop-missing"].recording
CRLF = recording(GOOD.replace(b"\n", b"\r\n"))


def test_a_finding_says_where_and_what():
    (finding,) = check(CUT)
    assert (finding.rule, finding.severity) == ("message-stop-missing", Severity.ERROR)
    assert (finding.event, finding.offset) == (3, len(CUT.body))
    assert finding.t == pytest.approx(0.51)
    assert "open: block 0 (tool_use get_weather), 13 characters of its JSON: do not run it" in finding.message


def test_a_finding_in_a_content_block_names_it():
    (finding,) = check(EXAMPLES["delta-type-mismatch"].recording)
    assert (finding.block, finding.block_type, finding.event) == (0, "tool_use", 4)


def test_check_lists_the_findings_of_the_report():
    whole = report(CUT)
    assert tuple(check(CUT)) == whole.findings
    assert (whole.verdict, whole.profile) == (Verdict.PARTIAL, Profile.ANTHROPIC)


def test_select_and_ignore_take_rules_and_groups():
    sent = recording(GOOD.replace(b"\n", b"\r\n") + STOP.replace(b"\n", b"\r\n"))
    assert {f.rule for f in check(sent)} == {"line-ending-nonlf", "message-stop-duplicate"}
    assert {f.rule for f in check(sent, ignore=["framing"])} == {"message-stop-duplicate"}
    assert {f.rule for f in check(sent, select=["line-ending-nonlf"])} == {"line-ending-nonlf"}


def test_no_choice_means_every_rule():
    assert chosen(None) is None
    assert chosen(None, ["timing"]) == {rule.id for rule in RULES.values() if rule.group != "timing"}
    assert chosen(["bom", "json"], ["json-invalid"]) >= {"bom", "type-missing"}
    assert "json-invalid" not in chosen(["bom", "json"], ["json-invalid"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ignore": ["mesage-empty"]}, "did you mean message-empty?"),
        ({"select": ["zzzzzz"]}, "`inspector rules` lists them"),
        ({"profile": "openai"}, "anthropic, compat"),
    ],
)
def test_an_unknown_name_is_wrong_use_and_a_known_one_is_suggested(options, message):
    with pytest.raises(UsageError, match=message):
        check(CUT, **options)


def test_limits_move_the_thresholds_of_rules():
    sent = recording(
        start() + opens(0) + delta(0), (3.0, delta(0, " there") + stops(0) + message_delta() + STOP)
    )
    assert check(sent) == []
    assert [f.rule for f in check(sent, limits=Limits(gap_idle=2.0))] == ["gap-idle"]


def test_a_profile_may_be_given_by_its_name():
    unsigned = EXAMPLES["thinking-unsigned"].recording
    assert [f.severity for f in check(unsigned, profile="compat")] == ["warning"]
    assert [f.severity for f in check(unsigned, profile=Profile.ANTHROPIC)] == ["error"]


def test_assert_clean_is_silent_on_a_good_stream():
    inspector.assert_clean(recording(GOOD))


def test_assert_clean_fails_with_what_the_command_prints():
    with pytest.raises(AssertionError) as failure:
        inspector.assert_clean(CUT)
    lines = str(failure.value).splitlines()
    assert lines[1] == "the recording: partial: no message_stop, 3 events, tool_use; 1 error"
    assert lines[2].startswith("  error   message-stop-missing  ev 3  @")


def test_assert_clean_takes_rules_to_ignore():
    inspector.assert_clean(CUT, ignore=["message-stop-missing"])


def test_assert_clean_can_fail_on_warnings():
    inspector.assert_clean(CRLF)
    with pytest.raises(AssertionError, match="line-ending-nonlf"):
        inspector.assert_clean(CRLF, fail_on="warning")


def test_the_package_exports_check():
    assert inspector.check is check
    assert len(RULES) > 100


def test_a_failing_assertion_drives_no_terminal():
    broken = recording(
        start() + b'event: error\ndata: {"type":"error","error":{"type":"\\u001b]52;c;aGk=\\u0007"}}\n\n'
    )
    broken = replace(broken, source="a\n::error ::b")
    with pytest.raises(AssertionError) as caught:
        inspector.assert_clean(broken)
    lines = str(caught.value).strip("\n").split("\n")
    assert lines[0].startswith("a\\n::error ::b: failed")
    assert all(line.isprintable() for line in lines)


def test_a_text_may_list_several_rules():
    assert chosen("framing,timing") == chosen(["framing", "timing"]) == chosen(["framing timing"])
    assert [finding.rule for finding in check(CUT, select="timing, message-stop-missing")] == [
        "message-stop-missing"
    ]
    assert check(CUT, ignore="timing,message-stop-missing") == []


@pytest.mark.parametrize("select", ["", [], [" , "]], ids=repr)
def test_a_choice_of_nothing_is_wrong_use(select):
    with pytest.raises(UsageError, match="no rule is selected"):
        check(CUT, select=select)
