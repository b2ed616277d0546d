"""A scorecard as JUnit XML: the structure of the schema, the right counts, and plain texts."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from score_examples import CARD, HOSTILE_CARD, KEY, UNREACHABLE

from inspector.conformance.scoring.score_junit import score_junit

SCHEMA = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
        ["properties", "testcase"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": ({"name", "classname", "time"}, ["skipped", "error", "failure", "system-out"]),
    "skipped": ({"message"}, []),
    "error": ({"message", "type"}, []),
    "failure": ({"message", "type"}, []),
    "system-out": (set(), []),
}
"""Attributes and the order of children, from the schema of Jenkins' xunit plugin (junit-10.xsd)."""


def check_structure(element):
    attributes, children = SCHEMA[element.tag]
    assert set(element.keys()) <= attributes
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    for child in element:
        check_structure(child)


@pytest.mark.parametrize("card", [CARD, HOSTILE_CARD, UNREACHABLE])
def test_the_structure_is_that_of_the_schema(card):
    root = ElementTree.fromstring(score_junit(card))
    check_structure(root)
    suite = root.find("testsuite")
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(attribute)) == len(list(suite.iter(tag)))
    assert int(suite.get("tests")) == len(suite.findall("testcase"))


def test_each_probe_is_a_case():
    suite = ElementTree.fromstring(score_junit(CARD)).find("testsuite")
    cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases == {
        "text": [],
        "max-tokens": ["failure"],
        "long-text": ["system-out"],
        "tool": ["failure"],
        "image": ["skipped"],
        "idle": ["skipped"],
    }
    failure = suite.find(".//testcase[@name='max-tokens']/failure")
    assert failure.get("message").startswith("it stops for")
    assert "max-tokens-1 ev 7 @865: it stops" in failure.text
    assert "kept/max-tokens-1.jsonl" in failure.text


def test_a_known_failure_counts_as_skipped():
    root = ElementTree.fromstring(score_junit(HOSTILE_CARD))
    skipped = root.find(".//testcase[@name='text']/skipped")
    assert skipped.get("message").startswith("known failure: ")


def test_no_line_drives_a_terminal_or_a_build_service_and_no_key_is_there():
    text = score_junit(HOSTILE_CARD)
    assert "\x1b" not in text
    assert "##[" not in text
    assert KEY[:40] not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


@pytest.mark.parametrize("results", [UNREACHABLE.results, ()], ids=["a probe", "none"])
def test_a_run_that_could_test_nothing_is_an_error(results):
    suite = ElementTree.fromstring(score_junit(replace(UNREACHABLE, results=results))).find("testsuite")
    (case,) = suite.iter("testcase")
    assert case.get("name") == ("text" if results else "endpoint")
    assert case.find("error").get("message") == UNREACHABLE.reason
    assert suite.get("errors") == "1"
