"""Findings and reports as values: their order of severity, their text, their JSON."""

from __future__ import annotations

import json

import orjson
import pytest
from check_examples import EXAMPLES
from streams import recording

from inspector.checker import Finding, Profile, Report, Severity, Verdict, report
from inspector.checker.findings import NOWHERE, Place

CUT = EXAMPLES["message-stop-missing"].recording


def test_an_error_is_worse_than_a_warning_and_a_warning_than_an_info():
    assert sorted(Severity, key=lambda severity: severity.rank) == ["error", "warning", "info"]


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (Finding("bom", Severity.ERROR, "it is bad", 3, 40), "error bom ev 3 @40: it is bad"),
        (Finding("bom", Severity.INFO, "it is bad", None, 0), "info bom @0: it is bad"),
        (Finding("no-response", Severity.ERROR, "nothing came"), "error no-response: nothing came"),
        (Finding("x", Severity.ERROR, "a\n\x1b]0;b\x07"), "error x: a\\n\\e]0;b\\x07"),
    ],
)
def test_a_finding_prints_on_one_line(finding, text):
    assert str(finding) == text


def test_a_place_names_the_event_and_the_byte():
    assert str(Place(3, 40, 1.5, 9)) == "ev 3 @40"
    assert NOWHERE == (None, None, None, None)


def test_a_report_is_plain_json():
    whole = report(CUT)
    assert isinstance(whole, Report)
    plain = orjson.loads(orjson.dumps(whole.to_dict()))
    assert plain["verdict"] == "partial"
    assert plain["detail"] == "no message_stop, 3 events, tool_use"
    assert plain["findings"][0]["rule"] == "message-stop-missing"
    assert plain["findings"][0]["severity"] == "error"


def test_a_report_counts_its_findings_by_severity():
    whole = report(EXAMPLES["comment-present"].recording)
    assert [whole.count(severity) for severity in Severity] == [0, 0, 1]


def test_a_report_says_how_much_came():
    empty = report(recording())
    assert (empty.verdict, empty.events, empty.bytes) == (Verdict.NOT_A_STREAM, 0, 0)
    assert (report(CUT).events, report(CUT).bytes) == (3, len(CUT.body))


def test_a_report_holds_nothing_that_json_cannot_carry():
    finding = Finding("bom", Severity.ERROR, "near '\ud83d'", t=float("nan"), block_type="\udcff")
    whole = Report(Verdict.PARTIAL, "half \udc00", (finding,), Profile.COMPAT, file="q\udcff.sse")
    plain = whole.to_dict()
    assert json.loads(orjson.dumps(plain)) == plain
    assert (plain["file"], plain["detail"]) == ("q\\udcff.sse", "half \\udc00")
    assert (plain["findings"][0]["message"], plain["findings"][0]["t"]) == ("near '\\ud83d'", None)
