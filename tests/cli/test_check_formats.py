"""The formats of `inspector check` for machines: JSON, GitHub annotations, JUnit, SARIF."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest
from check_runs import run, save_both
from streams import GOOD, STOP, recording

from inspector.checker import RULES
from inspector.manual import rule_page
from inspector.recording import dump


@pytest.fixture
def folder(tmp_path):
    return save_both(tmp_path)


def test_json_has_everything(folder):
    document = json.loads(run(folder, "--format", "json").stdout)
    assert document["summary"] == {"recordings": 2, "error": 1, "warning": 0, "info": 0}
    cut = document["reports"][0]
    assert (cut["verdict"], cut["profile"], cut["findings"][0]["line"]) == ("partial", "anthropic", 5)


def test_github_annotations_point_at_lines(folder):
    out = run(folder, "--format", "github").stdout
    assert out.startswith(
        f"::error file={folder}/cut.jsonl,line=5,title=message-stop-missing::the stream ended"
    )
    assert len(out.splitlines()) == 1


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_blank_lines_are_counted_in_every_format(tmp_path, form):
    text = b"".join(dump(recording(GOOD + STOP))).replace(b"\n", b"\n\n\n")
    (tmp_path / "r.jsonl").write_bytes(text)
    line = text[: text.rindex(b'"message_stop","data"')].count(b"\n") + 1
    shown = run(tmp_path / "r.jsonl", "--format", form).stdout
    place = {"json": f'"line": {line}', "github": f",line={line},", "sarif": f'"startLine": {line}'}
    assert place[form] in shown


def test_github_annotations_escape_what_would_end_them(tmp_path):
    path = tmp_path / "a,b:c%.sse"
    path.write_bytes(GOOD + STOP)
    assert "a%2Cb%3Ac%25.sse,line=" in run(path, "--format", "github").stdout


def test_junit_has_a_case_for_each_recording_and_an_error_for_what_cannot_be_read(folder):
    (folder / "bad.jsonl").write_bytes(b"x")
    suite = ElementTree.fromstring(run(folder, "--format", "junit").stdout).find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [[child.tag for child in case] for case in suite] == [["failure"], [], ["error"]]


def test_junit_is_xml_whatever_the_stream_says(tmp_path):
    (tmp_path / "x.sse").write_bytes(GOOD.replace(b'"end_turn"', b'"\\u0001\\ud83d<&>"'))
    ElementTree.fromstring(run(tmp_path / "x.sse", "--format", "junit").stdout)


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
URI = {"type": "string", "pattern": r"^[a-z]+://[A-Za-z0-9%._~:/?#\[\]@!$&'()*+,;=-]+$"}
"""Its schema says `"format": "uri"`, which a validator of JSON Schema need not check."""
LEVEL = {"enum": ["none", "note", "warning", "error"]}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {
                        "uri": {"type": "string", "pattern": r"^[A-Za-z0-9%._~:/?#\[\]@!$&'()*+,;=-]+$"}
                    },
                },
                "region": {"type": "object", "properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "informationUri": URI,
                                    "semanticVersion": {"pattern": r"^\d+\.\d+\.\d+"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "help": TEXT,
                                                "helpUri": URI,
                                                "defaultConfiguration": {"properties": {"level": LEVEL}},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "results": {
                        "type": "array",
                        "items": {
                            "required": ["message"],
                            "properties": {
                                "ruleId": {"enum": list(RULES)},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": LEVEL,
                                "message": TEXT,
                                "locations": {"type": "array", "items": LOCATION},
                                "properties": {"type": "object"},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0's schema requires of the parts that are written; no light package carries it whole."""


def test_sarif_keeps_to_its_schema(folder):
    (folder / "a b.sse").write_bytes(GOOD + STOP)
    document = json.loads(run(folder, "--format", "sarif").stdout)
    pytest.importorskip("jsonschema").validate(document, SARIF)
    results = document["runs"][0]["results"]
    rules = document["runs"][0]["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in results] == [each["ruleId"] for each in results]
    assert len(results) == 2
    assert document["runs"][0]["properties"] == {"recordings": 3}
    assert [each["helpUri"] for each in rules] == [rule_page(rule) for rule in RULES]


@pytest.mark.parametrize("format_", ["sarif", "json", "github", "junit"])
def test_a_file_name_that_is_not_utf_8_is_no_obstacle(format_, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = os.fsdecode(b"q\xff.sse")
    try:
        Path(name).write_bytes(b"event: message_start\ndata: {]\n\n")
    except OSError:
        pytest.skip("this file system has no such names")
    result = run("--format", format_, name)
    assert result.exit_code == 1
    assert "json-invalid" in result.stdout
