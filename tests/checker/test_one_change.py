"""The law of `check` over recordings with one change: *if the SDK raises, there is an error or a warning*.

The default run takes a tenth of the kinds of changes. INSPECTOR_CHANGES=each takes one change of each kind,
INSPECTOR_CHANGES=all takes every change of every recording (some 90,000, for minutes).
`python tests/one_change_table.py` prints what is found, by kind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

import captures
import pytest
import sdk
from check_examples import EXAMPLES, VARIANTS
from one_change import Change, changes, one_of_each

from inspector.checker import RULES, Severity, is_clean, report

EXTENT = os.environ.get("INSPECTOR_CHANGES", "")
SHARES = 4

CLEAN = [
    sent
    for sent in captures.bundled()
    if sent.response is not None and sent.response.status == 200 and is_clean(report(sent))
]

pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")


def chosen(share: int) -> Iterator[Change]:
    if EXTENT == "all":
        every = (change for sent in CLEAN for change in changes(sent))
        yield from islice(every, share, None, SHARES)
    else:
        each = one_of_each(CLEAN).values()
        yield from islice(each, share, None, SHARES if EXTENT == "each" else 10 * SHARES)


@pytest.mark.parametrize("share", range(SHARES))
def test_what_the_sdk_raises_on_is_found(share):
    missed = []
    for change in chosen(share):
        severities = {finding.severity for finding in report(change.recording).findings}
        if severities.isdisjoint((Severity.ERROR, Severity.WARNING)):
            seen = sdk.run(change.recording)
            if seen.stream or seen.create:
                missed.append((change.kind, *seen.stream))
    assert missed == []


WRONG = ("a list of 5", "a list of null", "huge", "true", "a fraction", "negative")
"""No field of these events has such a value."""
FREE = ("input_schema", ".input.", "provider_hint", "moonlight")
"""What a tool takes, and what a recording of new names has beside the API's own."""
EVENTS = (
    "message_start.",
    "content_block_start(text).",
    "content_block_delta(text_delta).",
    "message_delta.",
)


def test_every_severity_of_a_finding_is_one_that_its_rule_names():
    examples = [example.report() for example in (*EXAMPLES.values(), *(each for _, each in VARIANTS))]
    changed = (report(change.recording) for change in islice(one_of_each(CLEAN).values(), 0, None, 3))
    for each in (*examples, *changed):
        for finding in each.findings:
            rule = RULES[finding.rule]
            assert finding.severity in (*rule.severities, *rule.also), finding.rule


def test_a_value_of_another_type_is_found_in_every_field():
    for kind, change in one_of_each(CLEAN).items():
        if (
            change.what in WRONG
            and change.where.startswith(EVENTS)
            and not any(each in kind for each in FREE)
        ):
            found = {finding.severity for finding in report(change.recording).findings}
            assert not found.isdisjoint((Severity.ERROR, Severity.WARNING)), kind
