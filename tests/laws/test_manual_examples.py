"""Every example of the manual is true: it runs as a reader would run it, or the page says why it does not."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT
from console_blocks import blocks, matches
from page_session import problems_of

from inspector.checker import RULES
from inspector.faults import FAULTS
from inspector.manual import MANUAL

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *(DOCS / "guides").glob("*.md")])
STRANGERS = [DOCS / "tutorial.md", *(DOCS / "guides").glob("*.md")]
"""Pages for those who have installed the package, and have no file of it."""

RUN_BY = {
    "engines.md": {"python": "tests/interop/test_engines.py"},
    "tables.md": {"python": "tests/corpus/test_tables_manual.py"},
    "trends.md": dict.fromkeys(["console", "python"], "tests/cli/test_trends_command.py"),
}
"""Blocks in these languages are run by another test, which has what they need."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_example_is_true(page, tmp_path):
    elsewhere = tuple(RUN_BY.get(page.name, ()))
    problems = problems_of(page, tmp_path, but=elsewhere, checkout=page not in STRANGERS)
    assert not problems, "\n\n".join(problems)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_looks_like_a_command_is_in_a_console_block(page):
    others = [block for block in blocks(page) if block.language != "console"]
    assert [block.line for block in others if block.text.startswith("$ ")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_comment_about_a_block_stands_before_one(page):
    about = re.findall(r"^<!-- (?:not run|before|on a terminal)", page.read_text(), re.MULTILINE)
    each = [[block.reason, block.columns, *block.before] for block in blocks(page)]
    assert len(about) == sum(value is not None for values in each for value in values)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_rule_and_fault_that_a_page_links_to_exists(page):
    linked = re.findall(re.escape(MANUAL) + r"(rules|faults)/([\w-]+)\.html", page.read_text())
    known = {"rules": RULES, "faults": FAULTS}
    assert [name for kind, name in linked if name not in known[kind]] == []


def test_what_runs_other_blocks_is_there():
    for page, tests in RUN_BY.items():
        assert all(page in (ROOT / test).read_text() for test in tests.values())


PRINTED = ["anthropic 2.12.0: 46 events", "first 0.61 s at 2026-11-20 18:00:01", "end"]


@pytest.mark.parametrize(
    ("shown", "live"),
    [
        (PRINTED, False),
        (["anthropic 1.0.3: 46 events", *PRINTED[1:]], False),
        (["anthropic 2.12.0: …", *PRINTED[1:]], False),
        (["…", "end"], False),
        (["…"], False),
        ([PRINTED[0], "…", PRINTED[2]], False),
        ([*PRINTED, "…"], False),
        ([PRINTED[0], "first 12.3 s at 2027-01-02 03:04:05", PRINTED[2]], True),
        ([PRINTED[0], "first 72.3s (0:01:12) at 2027-01-02 03:04:05", PRINTED[2]], True),
    ],
)
def test_what_was_printed_is_known_again(shown, live):
    assert matches(shown, PRINTED, live=live)


@pytest.mark.parametrize(
    "shown",
    [
        [],
        PRINTED[:2],
        PRINTED[1:],
        [*PRINTED, "more"],
        [PRINTED[1], PRINTED[0], PRINTED[2]],
        ["anthropic 2.12.0: 47 events", *PRINTED[1:]],
        [PRINTED[0], PRINTED[1].replace("first", "last"), PRINTED[2]],
        ["…", "ends"],
        ["…", "nothing", "…"],
        ["openai 2.12.0: …", *PRINTED[1:]],
    ],
)
@pytest.mark.parametrize("live", [False, True])
def test_a_word_or_a_line_that_was_not_printed_is_noticed(shown, live):
    assert not matches(shown, PRINTED, live=live)


def test_a_time_counts_unless_a_program_was_run():
    shown = [PRINTED[0], PRINTED[1].replace("0.61", "0.62"), PRINTED[2]]
    assert matches(shown, PRINTED, live=True)
    assert not matches(shown, PRINTED)


@pytest.fixture
def problems(tmp_path):
    """Run a page with this text."""

    def run(text):
        page = tmp_path / "page.md"
        page.write_text(text)
        return problems_of(page, tmp_path)

    return run


SHOWN = "```console\n$ inspector ls recordings/hello.jsonl --format json | grep -c {}\n{}\n```\n"

PASTED = (
    "```console\n$ inspector serve hello --port 8484 &\nhttp://127.0.0.1:8484\n"
    '$ {} http://127.0.0.1:8484/inspector/health\n{{"status":"ok"}}\n```\n'
)
"""A server and a client in one block: a client that does not wait comes too early."""


@pytest.mark.parametrize(
    "text",
    [
        SHOWN.format("hello.jsonl", 1),
        "<!-- before: cp recordings/hello.jsonl b.jsonl -->\n```console\n$ inspector check b.jsonl\n```\n",
        "<!-- not run: a reason -->\n```console\n$ no-such-program\n```\n",
        '```python\n# app.py\nprint("one\\ntwo")\n```\n\n```console\n$ python app.py\none\n…\n```\n',
        "```console\n$ inspector check recordings/broken/cut_tool.jsonl --no-sdk > x\n$ echo $?\n1\n```\n",
        "```console\n$ export A=b\n$ echo $A \\\n    c\nb c\n```\n",
        "<!-- on a terminal of 40 columns -->\n```console\n$ inspector check recordings/hello.jsonl\n"
        "recordings/hello.jsonl: complete:\nend_turn, 46 events, text; clean\n```\n",
        "```console\n$ inspector serve hello --port 8484\nhttp://127.0.0.1:8484\n```\n"
        "```console\n$ curl -s http://127.0.0.1:8484/inspector/health >/dev/null\n```\n",
        PASTED.format("curl -s --retry 9 --retry-connrefused"),
    ],
    ids=["pipe", "before", "not run", "file", "status", "export", "terminal", "server", "pasted"],
)
def test_a_page_is_a_session(text, problems):
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        SHOWN.format("hello.jsonl", 2),
        "<!-- before: cp no-such-file b -->\n```console\n$ inspector --version\n```\n",
        "```console\n$ no-such-program\n```\n",
        "```console\n$ inspector check no-such-file\n```\n",
        "```console\n$ inspector check --no-such-option\n```\n",
        "```python\nraise SystemError\n```\n",
        "```console\n$ inspector check recordings/hello.jsonl\nrecordings/hello.jsonl: clean\n```\n",
        PASTED.format("curl -s"),
    ],
    ids=["output", "before", "no program", "no file", "no option", "python", "one line", "too early"],
)
def test_a_page_that_is_wrong_is_noticed(text, problems):
    assert len(problems(text)) == 1
