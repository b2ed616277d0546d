"""Links to the manual: on terminals that show links, and only there; only to pages of the manual."""

from __future__ import annotations

import re

import pytest
from check_examples import EXAMPLES
from check_runs import CUT, run
from conftest import ROOT
from terminal import on_terminal

import inspector
from inspector.checker import RULES, Finding, Profile, Report, Severity, Verdict, report
from inspector.cli._check_text import report_text
from inspector.cli._printing import linked
from inspector.faults import DIRTY_DOZEN, FAULTS
from inspector.manual import MANUAL, fault_page, rule_page

LINK = re.compile(r"\x1b\]8;;([^\x1b\x07]+)\x1b\\(.*?)\x1b\]8;;\x1b\\")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TERMINAL = {"NO_COLOR": "", "TERM": "xterm-256color"}
BROKEN = str(ROOT / "recordings/broken/cut_text.jsonl")
RULE = inspector.check(inspector.load(BROKEN))[0].rule

SHOWS_RULES = {
    "check": ["check", "--no-sdk", BROKEN],
    "check by workers": ["check", "--no-sdk", "-j", "2", str(ROOT / "recordings/broken")],
    "rules": ["rules"],
    "a group of rules": ["rules", "timing"],
}


def links(text):
    return [(page, COLOUR.sub("", shown)) for page, shown in LINK.findall(text)]


@pytest.mark.parametrize("arguments", SHOWS_RULES.values(), ids=SHOWS_RULES)
def test_a_rule_links_to_its_page(arguments):
    _, text = on_terminal(*arguments, **TERMINAL)
    assert links(text)
    assert {page for page, rule in links(text) if page != rule_page(rule)} == set()
    assert {rule for _, rule in links(text)} <= set(RULES)


def test_a_fault_links_to_its_page():
    _, text = on_terminal("faults", **TERMINAL)
    assert links(text) == [(fault_page(name), name) for name in FAULTS]
    _, text = on_terminal("faults", "dirty-dozen", **TERMINAL)
    assert [name for _, name in links(text)] == list(DIRTY_DOZEN)


@pytest.mark.parametrize(
    "switch",
    [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "linux"}, {"FORCE_HYPERLINK": "0"}],
    ids=lambda switch: "=".join(*switch.items()),
)
def test_a_terminal_gets_none_where_it_has_none_or_they_are_switched_off(switch):
    _, text = on_terminal(*SHOWS_RULES["check"], **{**TERMINAL, **switch})
    assert RULE in text
    assert "\x1b]" not in text


@pytest.mark.parametrize("colour", [True, False])
def test_a_pipe_gets_none(colour, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR" if colour else "NO_COLOR", "1")
    shown = run("-v", BROKEN, color=colour).stdout
    assert RULE in shown
    assert "\x1b]" not in shown
    assert ("\x1b[" in shown) == colour


@pytest.mark.parametrize("rule", RULES)
def test_the_linked_word_is_the_name_of_the_rule_whatever_stands_beside_it(rule):
    finding = Finding(rule, Severity.ERROR, f"{rule} error \x1b]8;;https://evil.example\x1b\\ x", event=1)
    whole = Report(Verdict.FAILED, rule, (finding,), Profile.COMPAT, file=f"a {rule}.jsonl")
    text = report_text(whole, least=Severity.INFO, width=40, links=True)
    assert links(text) == [(rule_page(rule), rule)]
    assert text.count("\x1b]") == 2


def test_a_rule_that_is_not_in_the_registry_is_no_link():
    finding = Finding("no-such-rule", Severity.ERROR, "m")
    whole = Report(Verdict.FAILED, "", (finding,), Profile.COMPAT)
    assert "\x1b]" not in report_text(whole, least=Severity.INFO, width=None, links=True)


def test_no_other_address_becomes_a_link():
    with pytest.raises(AssertionError):
        linked("x", "https://evil.example/")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_width_of_a_line_is_that_of_what_people_see(width):
    reports = [report(example.recording) for example in EXAMPLES.values()]
    for each in reports:
        bare = report_text(each, least=Severity.INFO, width=width)
        assert LINK.sub(r"\2", report_text(each, least=Severity.INFO, width=width, links=True)) == bare


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_verbose_names_the_page_of_each_rule_once(example):
    findings = report(example.recording).findings
    whole = Report(Verdict.FAILED, "", (*findings, *findings), Profile.COMPAT)
    shown = report_text(whole, least=Severity.INFO, width=None, pages=True)
    pages = [COLOUR.sub("", line).strip() for line in shown.splitlines() if MANUAL in line]
    assert pages == list(dict.fromkeys(rule_page(finding.rule) for finding in findings))


def test_only_verbose_names_pages():
    assert rule_page(RULE) in run("-v", BROKEN).stdout
    assert MANUAL not in run(BROKEN).stdout


def test_an_address_begins_where_it_stands_on_one_line():
    for width in (80, 120, None):
        lines = report_text(report(CUT), least=Severity.INFO, width=width, pages=True).splitlines()
        page = next(COLOUR.sub("", line) for line in lines if MANUAL in line)
        indent = len(page) - len(page.lstrip())
        assert indent == {80: 80 - len(page.strip()), 120: 10, None: 10}[width]


@pytest.mark.parametrize("format_", ["json", "junit", "sarif"])
def test_findings_for_machines_have_the_page_too(format_):
    assert rule_page(RULE) in run(BROKEN, "--format", format_).stdout
