"""Faults and `check` hold each other: `check` finds a fault that breaks the stream, and no other."""

from __future__ import annotations

import pytest
from fault_rows import ROWS

from inspector import check, faults, load_all
from inspector.checker import Severity
from inspector.recording.bundled import bundled_recording

HARMLESS = ("slow", "burst", "rechunk", "stall=5s", "gzip=ok", "no-space", "unicode-sep", "comment-inject")
"""Faults that break no rule: clients have to cope with them."""

INVISIBLE = {
    "dup@type:text_delta#1": "a text that says a word twice is a text",
    "swap": "a text with two words in the other order is a text",
    "inject-unknown": "the API reserves the right to send unknown events",
    "inject-unknown=block": "the API reserves the right to send unknown content blocks",
    "inject-unknown=delta": "the API reserves the right to send unknown deltas",
    "thinking=omit-text": "the API omits the text itself if a request says so",
}
"""Faults that change what a client gets, but that nobody can tell from a good stream; and why."""


def new_findings(row):
    """The findings in the row's recording with its fault, without those that it has anyway."""
    whole = load_all(bundled_recording(row.recording))[0]
    edited = faults.apply(whole, [faults.parse(row.fault)])
    before = {finding.rule for finding in check(whole)}
    return {finding.rule: finding.severity for finding in check(edited) if finding.rule not in before}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_check_finds_a_fault_that_breaks_the_stream_and_no_other(row):
    rules = {rule for rule, severity in new_findings(row).items() if severity is not Severity.INFO}
    if row.fault in INVISIBLE or row.fault.startswith(HARMLESS):
        assert rules == set()
    else:
        assert rules
