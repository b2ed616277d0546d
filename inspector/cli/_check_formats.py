"""Findings for machines: JSON, GitHub annotations, JUnit XML, SARIF.

The standard library writes all of them. `junitparser` would save no line here, and the packages for SARIF
install pydantic or matplotlib. The tests compare the output with JUnit's and SARIF's own rules.

Names of files and text of the stream are escaped as the format says. A build service reads these documents
in its log too: none has a line that the service takes for a command, but those that GitHub is to run.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from inspector._version import __version__
from inspector.checker import RULES, Finding, Report, Severity, finding_lines
from inspector.cli._check_result import CheckResult
from inspector.cli._check_text import observation_lines
from inspector.cli._printing import json_document, plain
from inspector.escaping import defused, escape
from inspector.redact import mask_text

__all__ = ["FORMATS"]

_WITHIN_LINES = re.compile(r"[^\r\n]+")
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_json(result: CheckResult) -> str:
    """Write one object: `reports`, `unreadable`, and the counts in `summary`."""
    counts = {severity.value: sum(r.count(severity) for r in result.reports) for severity in Severity}
    return json_document(
        {
            "inspector": __version__,
            "summary": {"recordings": len(result.reports), **counts},
            "reports": [_report(report, result) for report in result.reports],
            "unreadable": [
                {"file": plain(bad.file), "message": plain(bad.message)} for bad in result.unreadable
            ],
        }
    )


def _report(report: Report, result: CheckResult) -> dict[str, Any]:
    return {**report.to_dict(), "observations": [each.to_dict() for each in result.observed(report)]}


def to_github(result: CheckResult) -> str:
    """Write workflow commands. GitHub shows them as annotations at the lines of the files."""
    commands = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
    lines = [
        f"::{commands[finding.severity]} {_properties(finding)}::{_value(finding.message)}"
        for report in result.reports
        for finding in report.findings
        if finding.severity.rank <= result.least.rank
    ]
    lines += [f"::error file={_property(bad.file)}::{_value(bad.message)}" for bad in result.unreadable]
    return "\n".join(lines)


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


def to_junit(result: CheckResult) -> str:
    """Write a test suite with one test for each recording."""
    from xml.etree import ElementTree as Xml

    cases = [(report, result.fails(report)) for report in result.reports]
    attributes = {
        "name": "inspector check",
        "tests": str(len(cases) + len(result.unreadable)),
        "failures": str(sum(failed for _, failed in cases)),
        "errors": str(len(result.unreadable)),
    }
    suites = Xml.Element("testsuites", attributes)
    suite = Xml.SubElement(suites, "testsuite", attributes)
    for report, failed in cases:
        name = report.file or "-"
        name = f"{name} #{report.number}" if report.number > 1 else name
        case = Xml.SubElement(suite, "testcase", classname="inspector.check", name=_xml(name), time="0")
        shown = [finding for finding in report.findings if finding.severity.rank <= result.least.rank]
        lines = [text for finding in shown for _, text in finding_lines(finding)]
        lines += [text for each in result.observed(report) for text in observation_lines(each)]
        text = _xml(*lines)
        if failed:
            message = f"{report.verdict}: {report.detail}"
            Xml.SubElement(
                case, "failure", message=_xml(message), type=shown[0].rule if shown else ""
            ).text = text
        elif text:
            Xml.SubElement(case, "system-out").text = text
    for bad in result.unreadable:
        case = Xml.SubElement(suite, "testcase", classname="inspector.check", name=_xml(bad.file), time="0")
        Xml.SubElement(case, "error", message=_xml(bad.message), type="unreadable")
    Xml.indent(suites)
    document = Xml.tostring(suites, encoding="unicode").replace("##", "#&#35;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'


def _xml(*lines: str) -> str:
    return "\n".join(defused(escape(mask_text(line))) for line in lines)


def to_sarif(result: CheckResult) -> str:
    """Write SARIF 2.1.0 (OASIS), which code scanning services read."""
    index = {name: number for number, name in enumerate(RULES)}
    notifications = [
        {"level": "error", "message": {"text": plain(bad.message)}, "locations": [_location(bad.file, None)]}
        for bad in result.unreadable
    ]
    results = [
        _result(finding, index, [str(each) for each in result.observed(report)])
        for report in result.reports
        for finding in report.findings
    ]
    run = {
        "tool": {
            "driver": {"name": "inspector", "semanticVersion": __version__, "rules": _sarif_rules()},
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": not result.unreadable, "toolExecutionNotifications": notifications}
        ],
        "results": results,
    }
    return json_document({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.sentence},
            "help": {"text": f"{rule.sentence}\n\nExample: {rule.example}\nSource: {rule.source}"},
            "defaultConfiguration": {"level": _LEVELS[rule.severities[0]]},
            "properties": {"tags": [rule.group]},
        }
        for rule in RULES.values()
    ]


def _result(finding: Finding, index: dict[str, int], observed: list[str]) -> dict[str, Any]:
    facts = {name: value for name, value in finding.to_dict().items() if value is not None}
    for name in ("rule", "severity", "message", "file", "line"):
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


FORMATS = {"json": to_json, "github": to_github, "junit": to_junit, "sarif": to_sarif}
"""The function that writes a result, for each format."""
