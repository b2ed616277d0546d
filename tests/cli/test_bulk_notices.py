"""Messages about very many files: few lines, nothing left out without a count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector.cli import _bulk_notices
from inspector.cli._bulk_notices import BulkNotices
from inspector.corpus.jobs import Problem


def problem(file, rest):
    return Problem(file, file + rest)


def said(problems, monkeypatch):
    lines = []
    monkeypatch.setattr(_bulk_notices, "say", lines.append)
    notices = BulkNotices()
    notices.add(problems)
    notices.say()
    return lines


def test_many_files_with_one_problem_are_one_line_with_three_names(monkeypatch):
    torn = [problem(f"{number}.jsonl", f":{number + 3}: the line is torn") for number in range(82)]
    assert said(torn, monkeypatch) == [
        "82 files: the line is torn: 0.jsonl:3, 1.jsonl:4, 2.jsonl:5, …",
    ]


def test_a_few_have_a_line_each_and_kinds_keep_their_order(monkeypatch):
    few = [problem("b", ": is empty"), problem("a", ":3: is torn"), problem("c", ": is empty")]
    assert said(few, monkeypatch) == ["b: is empty", "c: is empty", "a:3: is torn"]


def test_a_message_without_the_name_of_its_file_is_one_as_well(monkeypatch):
    assert said([Problem("a", "odd")] * 4, monkeypatch) == ["4 files: odd: a, a, a, …"]


def test_messages_that_differ_in_numbers_are_one_line(monkeypatch):
    cut = [problem(f"{number}.jsonl", f": frame {number} of its pack breaks off") for number in range(53)]
    assert said(cut, monkeypatch) == [
        "53 files: frame … of its pack breaks off: 0.jsonl, 1.jsonl, 2.jsonl, …"
    ]
    few = [problem("a", ": has 1 byte"), problem("b", ": has 2 byte")]
    assert said(few, monkeypatch) == ["a: has 1 byte", "b: has 2 byte"]
    same = [problem(str(number), ": answered with HTTP 500") for number in range(4)]
    assert said(same, monkeypatch) == ["4 files: answered with HTTP 500: 0, 1, 2, …"]


def test_too_many_kinds_are_counted(monkeypatch):
    kinds = [problem("a", f": cause {'x' * number}") for number in range(60)]
    lines = said(kinds, monkeypatch)
    assert len(lines) == _bulk_notices.KINDS + 1
    assert lines[-1] == "10 more files have other problems; `--format json` names all"


@given(st.lists(st.sampled_from(["x", "y:1: z", ":", ""]), max_size=200))
def test_every_message_is_said_or_counted(causes):
    notices = BulkNotices()
    notices.add(problem("f", f": {cause}") for cause in causes)
    assert sum(notices._counts.values()) + notices._more == len(causes)
