"""Faults and `check` hold each other: what breaks a stream is found, and what does not is not."""

from __future__ import annotations

import pytest
from fault_rows import ROWS

from inspector import check, faults, load_all
from inspector.checker import Severity
from inspector.recording.bundled import bundled_recording

HARMLESS = ("slow", "burst", "rechunk", "stall=5s", "gzip=ok", "no-space", "unicode-sep", "comment-inject")
"""Faults that bend no rule: a client has to cope."""

INVISIBLE = {
    "dup@type:text_delta#1": "a text that says a word twice is a text",
    "swap": "so is one with two words in the other order",
    "inject-unknown": "the API reserves the right to send what nobody knows",
    "inject-unknown=block": "the API reserves the right to send what nobody knows",
    "inject-unknown=delta": "the API reserves the right to send what nobody knows",
    "thinking=omit-text": "the API does that itself when it is asked to",
}
"""Faults that change what a client sees, and that nobody could tell from a good stream; and why."""


def found(row):
    """What `check` says of the row's recording with its fault in it, and did not say without."""
    whole = load_all(bundled_recording(row.recording))[0]
    struck = faults.apply(whole, [faults.parse(row.fault)])
    before = {finding.rule for finding in check(whole)}
    return {finding.rule: finding.severity for finding in check(struck) if finding.rule not in before}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_fault_that_breaks_the_stream_is_found_and_one_that_does_not_is_not(row):
    noticed = {rule for rule, severity in found(row).items() if severity is not Severity.INFO}
    if row.fault in INVISIBLE or row.fault.startswith(HARMLESS):
        assert noticed == set()
    else:
        assert noticed
