"""Findings for machines: JSON, GitHub annotations, JUnit XML, SARIF.

The standard library writes all of them. `junitparser` would save no line here, and the packages for SARIF
install pydantic or matplotlib. The tests compare the output with JUnit's and SARIF's own rules.

Names of files and text of the stream are escaped as the format says. A build service reads these documents
in its log too: none has a line that the service takes for a command, but those that GitHub is to run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from inspector._version import __version__
from inspector.checker import RULES, Finding, Report, Severity, finding_lines
from inspector.cli._check_counts import CheckCounts, Levels
from inspector.cli._check_text import observation_lines
from inspector.cli._printing import json_document, plain
from inspector.corpus.jobs import Problem
from inspector.escaping import defused, escape
from inspector.manual import MANUAL, rule_page
from inspector.redact import mask_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from inspector.play.observation import Observation

__all__ = ["FORMATS", "Format", "github_incomplete", "github_unreadable"]

_HERE = ["@"]
"""The place of the reports in a document."""
_CASES = "cases"
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_WITHIN_LINES = re.compile(r"[^\r\n]+")
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Format(NamedTuple):
    """A format: the text of one report, and the document around all of them.

    `report` runs where the recording is checked. `document` gets the counts, the files that cannot be read,
    whether there is a report, and why the run is incomplete, if it is; it returns what stands before the
    first report and after the last.
    `between` stands between two reports. A format without a `document` has a line for each finding.
    """

    report: Callable[[Report, Sequence[Observation], Levels], str]
    document: Callable[[CheckCounts, Sequence[Problem], bool, str], tuple[str, str]] | None
    between: str


def _around(document: dict[str, Any], blanks: str, *, empty: bool) -> tuple[str, str]:
    """Divide a JSON document at the list `_HERE`: what stands before the list's items, and after them.

    `blanks` is the indentation of the list.
    """
    start, _, end = json_document(document).partition(f'[\n{blanks}  "{_HERE[0]}"\n{blanks}]')
    return (f"{start}[]{end}", "") if empty else (f"{start}[\n", f"\n{blanks}]{end}")


def _json_report(report: Report, observed: Sequence[Observation], levels: Levels) -> str:
    return _indented({**report.to_dict(), "observations": [each.to_dict() for each in observed]}, 4)


def _indented(value: Any, blanks: int) -> str:
    """Return a JSON value as it stands inside a document."""
    return " " * blanks + json_document(value).replace("\n", "\n" + " " * blanks)


def _json(counts: CheckCounts, unreadable: Sequence[Problem], any_: bool, incomplete: str) -> tuple[str, str]:
    """Write one object: why it is `incomplete`, `reports`, `unreadable`, and the counts in `summary`."""
    summary = {"recordings": counts.recordings}
    summary |= {severity.value: getattr(counts, severity.value) for severity in Severity}
    return _around(
        {
            "inspector": __version__,
            "incomplete": plain(incomplete) or None,
            "summary": summary,
            "reports": _HERE,
            "unreadable": [{"file": plain(bad.file), "message": plain(bad.message)} for bad in unreadable],
        },
        "  ",
        empty=not any_,
    )


def _github_report(report: Report, observed: Sequence[Observation], levels: Levels) -> str:
    """Write workflow commands. GitHub shows them as annotations at the lines of the files."""
    return "\n".join(
        f"::{_COMMANDS[finding.severity]} {_properties(finding)}::{_value(finding.message)}"
        for finding in report.findings
        if finding.severity.rank <= levels.least.rank
    )


def github_unreadable(bad: Problem) -> str:
    """Write the annotation for a file that cannot be read."""
    return f"::error file={_property(bad.file)}::{_value(bad.message)}"


def github_incomplete(why: str) -> str:
    """Write the annotation for a run that did not come to its end."""
    return f"::error title=incomplete::{_value(why)}"


def _properties(finding: Finding) -> str:
    line = f",line={finding.line}" if finding.line else ""
    return f"file={_property(finding.file)}{line},title={_property(finding.rule)}"


def _value(text: str) -> str:
    """Escape a message as GitHub's own `@actions/core` does, and what drives a terminal as well."""
    text = _WITHIN_LINES.sub(lambda match: escape(match[0]), mask_text(text))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape what GitHub would read as the end of a property."""
    return _value(text).replace(":", "%3A").replace(",", "%2C")


def _junit_report(report: Report, observed: Sequence[Observation], levels: Levels) -> str:
    """Write the test of one recording."""
    from xml.etree import ElementTree as Xml

    name = report.file or "-"
    name = f"{name} #{report.number}" if report.number > 1 else name
    case = Xml.Element("testcase", classname="inspector.check", name=_xml(name), time="0")
    shown = [finding for finding in report.findings if finding.severity.rank <= levels.least.rank]
    lines = [text for finding in shown for _, text in finding_lines(finding)]
    lines += dict.fromkeys(f"  {finding.page}" for finding in shown)
    lines += [text for each in observed for text in observation_lines(each)]
    text = _xml(*lines)
    if levels.fails(report):
        message = f"{report.verdict}: {report.detail}"
        kind = shown[0].rule if shown else ""
        Xml.SubElement(case, "failure", message=_xml(message), type=kind).text = text
    elif text:
        Xml.SubElement(case, "system-out").text = text
    return "    " + _xml_text(case, 2)


def _junit(
    counts: CheckCounts, unreadable: Sequence[Problem], any_: bool, incomplete: str
) -> tuple[str, str]:
    """Write a test suite with one test for each recording."""
    from xml.etree import ElementTree as Xml

    errors = [(bad.file, bad.message, "unreadable") for bad in unreadable]
    errors += [("inspector check", incomplete, "incomplete")] if incomplete else []
    attributes = {
        "name": "inspector check",
        "tests": str(counts.recordings + len(errors)),
        "failures": str(counts.failed),
        "errors": str(len(errors)),
    }
    suites = Xml.Element("testsuites", attributes)
    suite = Xml.SubElement(suites, "testsuite", attributes)
    if any_:
        Xml.SubElement(suite, _CASES)
    for file, message, kind in errors:
        case = Xml.SubElement(suite, "testcase", classname="inspector.check", name=_xml(file), time="0")
        Xml.SubElement(case, "error", message=_xml(message), type=kind)
    start, _, end = _xml_text(suites, 0).partition(f"    <{_CASES} />")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}', end


def _xml_text(element: Element, level: int) -> str:
    from xml.etree import ElementTree as Xml

    Xml.indent(element, level=level)
    return Xml.tostring(element, encoding="unicode").replace("##", "#&#35;")


def _xml(*lines: str) -> str:
    return "\n".join(defused(escape(mask_text(line))) for line in lines)


def _sarif(
    counts: CheckCounts, unreadable: Sequence[Problem], any_: bool, incomplete: str
) -> tuple[str, str]:
    """Write SARIF 2.1.0 (OASIS), which code scanning services read."""
    notifications: list[dict[str, Any]] = [
        {"level": "error", "message": {"text": plain(bad.message)}, "locations": [_location(bad.file, None)]}
        for bad in unreadable
    ]
    notifications += [{"level": "error", "message": {"text": plain(incomplete)}}] if incomplete else []
    run = {
        "tool": {
            "driver": {
                "name": "inspector",
                "semanticVersion": __version__,
                "informationUri": MANUAL,
                "rules": _sarif_rules(),
            },
        },
        "columnKind": "unicodeCodePoints",
        "properties": {"recordings": counts.recordings},
        "invocations": [
            {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}
        ],
        "results": _HERE,
    }
    document = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return _around(document, "      ", empty=not any_)


def _sarif_report(report: Report, observed: Sequence[Observation], levels: Levels) -> str:
    index = {name: number for number, name in enumerate(RULES)}
    seen = [str(each) for each in observed]
    return ",\n".join(_indented(_result(finding, index, seen), 8) for finding in report.findings)


def _sarif_rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.sentence},
            "helpUri": rule_page(rule.id),
            "help": {"text": f"{rule.sentence}\n\nExample: {rule.example}\nSource: {rule.source}"},
            "defaultConfiguration": {"level": _LEVELS[rule.severities[0]]},
            "properties": {"tags": [rule.group]},
        }
        for rule in RULES.values()
    ]


def _result(finding: Finding, index: dict[str, int], observed: list[str]) -> dict[str, Any]:
    facts = {name: value for name, value in finding.to_dict().items() if value is not None}
    for name in ("rule", "severity", "message", "file", "line", "page"):
        facts.pop(name, None)
    if observed:
        facts["sdk"] = observed
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": plain(finding.message)},
        "locations": [_location(finding.file, finding.line)],
        "properties": facts,
    }


def _location(file: str, line: int | None) -> dict[str, Any]:
    path = Path(mask_text(file) or "-")
    uri = path.as_uri() if path.is_absolute() else quote(os.fsencode(path.as_posix()))
    physical: dict[str, Any] = {"artifactLocation": {"uri": "stdin" if file in ("", "-") else uri}}
    if line:
        physical["region"] = {"startLine": line}
    return {"physicalLocation": physical}


FORMATS = {
    "json": Format(_json_report, _json, ",\n"),
    "github": Format(_github_report, None, "\n"),
    "junit": Format(_junit_report, _junit, "\n"),
    "sarif": Format(_sarif_report, _sarif, ",\n"),
}
"""How a result is written, for each format."""
