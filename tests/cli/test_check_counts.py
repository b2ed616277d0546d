"""Which reports fail the command."""

from __future__ import annotations

import pytest
from check_runs import CUT
from streams import GOOD, recording

from inspector.checker import Severity, report
from inspector.cli._check_counts import Levels

CRLF = recording(GOOD.replace(b"\n", b"\r\n"))
"""A recording with warnings and no error."""


@pytest.mark.parametrize(
    ("checked", "fail_on", "fails"),
    [
        (CUT, Severity.ERROR, True),
        (CUT, Severity.WARNING, True),
        (CUT, None, False),
        (CRLF, Severity.ERROR, False),
        (CRLF, Severity.WARNING, True),
        (recording(GOOD), Severity.WARNING, False),
    ],
)
def test_a_report_fails_from_a_severity_on(checked, fail_on, fails):
    assert Levels(Severity.WARNING, fail_on).fails(report(checked)) is fails
