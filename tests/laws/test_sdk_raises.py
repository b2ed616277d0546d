"""Two laws that hold `check` and the SDK together.

If the SDK raises on a recording, `check` has an error or a warning; and a finding has a severity that its
rule declares. `tests/checker/test_one_change.py` has the first law for recordings with one change.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import captures
import pytest
from check_examples import EXAMPLES, VARIANTS
from faults.fault_rows import ROWS
from mutants import mutant

import inspector
from inspector import faults
from inspector.checker import RULES, Profile, Severity, Verdict, is_clean, report
from inspector.recording import Recording
from inspector.recording.bundled import bundled_recording

MUTANTS = int(os.environ.get("INSPECTOR_FUZZ", "10000")) // 50
SHARES = 4


def with_faults() -> Iterator[Recording]:
    for row in ROWS:
        yield faults.apply(inspector.load(bundled_recording(row.recording)), row.fault)


def mutants(share: int) -> Iterator[Recording]:
    chance = random.Random(f"the SDK {share}")
    pool = [*captures.bundled(), *(each.recording for each in EXAMPLES.values())]
    pool = [each for each in pool if each.body]
    return (mutant(chance, pool) for _ in range(MUTANTS // SHARES))


def examples() -> list[Recording]:
    return [each.recording for each in (*EXAMPLES.values(), *(variant for _, variant in VARIANTS))]


SOURCES = {
    "bundled recordings": captures.bundled,
    "streams of real servers": lambda: (recording for _, recording in captures.streams()),
    "examples of rules": examples,
    "faults": with_faults,
    **{f"mutants {share}": (lambda share=share: mutants(share)) for share in range(SHARES)},
}

every_source = pytest.mark.parametrize("source", SOURCES)


@every_source
def test_what_the_sdk_raises_on_has_an_error_or_a_warning(source):
    missed = []
    for recording in SOURCES[source]():
        whole = report(recording)
        if not whole.count(Severity.ERROR) + whole.count(Severity.WARNING):
            observation = inspector.observe(recording)
            if observation.raised:
                missed.append((whole.verdict, whole.detail, str(observation)))
    assert missed == []


@every_source
def test_a_finding_has_a_severity_that_its_rule_declares(source):
    for recording in SOURCES[source]():
        for profile in Profile:
            for finding in report(recording, profile=profile).findings:
                rule = RULES[finding.rule]
                assert finding.severity in (*rule.severities, *rule.also), finding


@every_source
def test_a_clean_recording_is_complete_and_loses_nothing(source):
    for recording in SOURCES[source]():
        whole = report(recording)
        if is_clean(whole):
            assert whole.verdict is Verdict.COMPLETE
            stream = inspector.observe(recording).stream
            assert stream is None or not any("lost" in each for each in stream.losses)
