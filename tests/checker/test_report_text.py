"""A report as lines of text."""

from __future__ import annotations

import pytest
from check_examples import EXAMPLES
from streams import GOOD, delta, event, recording, start

from inspector.checker import Finding, Profile, Report, Severity, Verdict, finding_lines, report, report_lines
from inspector.checker.report_text import place, summary

CUT = EXAMPLES["message-stop-missing"].recording


def test_the_first_line_has_the_verdict_and_counts():
    assert list(report_lines(report(recording(GOOD)))) == [
        ("complete", "the recording: complete: end_turn, 7 events, text; clean")
    ]
    style, text = next(iter(report_lines(report(CUT))))
    assert (style, text) == (
        "partial",
        "the recording: partial: no message_stop, 3 events, tool_use; 1 error",
    )


def test_a_finding_has_a_line_for_the_place_and_the_message():
    (finding,) = report(CUT).findings
    styles, lines = zip(*finding_lines(finding), strict=True)
    assert styles == ("error", "plain")
    assert lines[0].split() == ["error", "message-stop-missing", "ev", "3", "@583", "0.510", "s"]


def test_infos_are_listed_only_on_request():
    whole = report(EXAMPLES["comment-present"].recording)
    assert len(list(report_lines(whole))) == 1
    assert len(list(report_lines(whole, least=Severity.INFO))) == 3


@pytest.mark.parametrize(
    ("last", "text"), [(9, "x (3 more like it, the last at ev 9)"), (None, "x (3 more like it)")]
)
def test_further_findings_are_counted_behind_the_message(last, text):
    finding = Finding("bom", Severity.ERROR, "x", more=3, last=last)
    assert [line.strip() for _, line in finding_lines(finding)][1] == text


def test_a_place_has_what_is_known():
    whole = Finding("bom", Severity.ERROR, "x", 3, 40, 1.5, 0, "text")
    assert place(whole) == "ev 3  @40  1.500 s  block 0 (text)"
    assert place(Finding("bom", Severity.ERROR, "x", block=2)) == "block 2"


def test_no_line_drives_a_terminal_or_a_build_service():
    hostile = "::error ::\n\x1b]52;c;aGk=\x07"
    finding = Finding("bom", Severity.ERROR, hostile, 1, block=0, block_type=hostile)
    whole = Report(Verdict.PARTIAL, hostile, (finding,), Profile.COMPAT, file=hostile)
    for _, text in report_lines(whole):
        assert text.isprintable()
        assert not text.lstrip().startswith("::")


def test_a_count_has_the_right_number():
    deltas = b"".join(delta(index) for index in (1, 2))
    two = report(recording(start() + deltas + event("content_block_stop", index="x")))
    assert summary(two) == "; 4 errors"


def test_a_complete_message_with_problems_has_the_style_of_the_worst():
    crlf = report(recording(GOOD.replace(b"\n", b"\r\n")))
    assert next(iter(report_lines(crlf)))[0] == "warning"
    twice = report(EXAMPLES["message-stop-duplicate"].recording)
    assert next(iter(report_lines(twice)))[0] == "error"
