"""`check`: the protocol as rules. What an SDK does with a stream that breaks them is seen by playing it.

    for finding in check(recording):
        print(finding)

A `Rule` is one small function in the module of its group; `RULES` is the table of all. A `Checker` runs them
in one pass over the stream, in memory that does not grow with the number of deltas.
"""

from __future__ import annotations

from inspector.checker.api import assert_clean, check, chosen, report
from inspector.checker.checker import Checker
from inspector.checker.context import Cursor
from inspector.checker.findings import Finding, Limits, Profile, Report, Severity, Verdict
from inspector.checker.report_text import finding_lines, is_clean, report_lines, title_line
from inspector.checker.rule import Rule
from inspector.checker.rules import RULES

__all__ = [
    "RULES",
    "Checker",
    "Cursor",
    "Finding",
    "Limits",
    "Profile",
    "Report",
    "Rule",
    "Severity",
    "Verdict",
    "assert_clean",
    "check",
    "chosen",
    "finding_lines",
    "is_clean",
    "report",
    "report_lines",
    "title_line",
]
