"""Sessions are paired by questions, folders by names, and files that were renamed by questions."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest
from conftest import ROOT
from small_recordings import small

from inspector import RecordingError, UsageError, diff, load_all, save
from inspector.views.alignment import paired

FOLDER = ROOT / "recordings"
SESSION = load_all(FOLDER / "tool_session.jsonl")


def asks(question, answer=b"{}"):
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": question}]}).encode()
    return small(answer, body=body)


@pytest.mark.parametrize(
    "one, other, pairs",
    [
        ("abc", "abc", [(0, 0), (1, 1), (2, 2)]),
        ("abc", "cab", [(0, 1), (1, 2), (2, 0)]),
        ("abc", "axc", [(0, 0), (1, 1), (2, 2)]),
        ("aab", "ba", [(0, 1), (1, None), (2, 0)]),
        ("a", "ab", [(0, 0), (None, 1)]),
        ("", "a", [(None, 0)]),
    ],
)
def test_recordings_of_sessions_are_paired_by_question_and_then_in_order(one, other, pairs):
    assert paired([asks(each) for each in one], [asks(each) for each in other]) == pairs


def test_a_question_is_the_same_whatever_stands_beside_it():
    one = replace(asks("a"), head=replace(asks("a").head, at="x"))
    other = asks("a")
    body = json.dumps({**json.loads(other.request.body), "max_tokens": 9}).encode()
    other = replace(other, head=replace(other.head, request=replace(other.request, body=body)))
    assert paired([one, asks("b")], [asks("b"), other]) == [(0, 1), (1, 0)]


def test_requests_without_a_body_are_paired_in_order():
    assert paired([small(body=b"")] * 2, [small(body=b"")] * 2) == [(0, 0), (1, 1)]


def test_folders_are_compared_file_by_file(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    shutil.copytree(FOLDER, one, ignore=shutil.ignore_patterns("*.md", "broken"))
    shutil.copytree(one, other)
    assert diff(one, other).same
    (other / "hello.jsonl").unlink()
    shutil.copy(one / "unicode.jsonl", other / "mcp.jsonl")
    difference = diff(one, other)
    different = [each for each in difference.inner if not each.same]
    assert [(each.one, each.other) for each in different] == [
        (str(one / "mcp.jsonl"), str(other / "mcp.jsonl")),
        (str(one / "hello.jsonl"), None),
    ]
    assert json.dumps(difference.to_dict())


def test_a_file_with_another_ending_or_name_is_compared_too(tmp_path):
    for name, recording in (("one/a.jsonl", SESSION[0]), ("one/0001-x.jsonl", SESSION[1])):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        save(recording, tmp_path / name)
    for name, recording in (("other/a.jsonl.gz", SESSION[0]), ("other/0001-y.jsonl", SESSION[1])):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        save(recording, tmp_path / name)
    difference = diff(tmp_path / "one", tmp_path / "other")
    assert difference.same
    assert len(difference.inner) == 2


def test_a_file_may_be_compared_with_a_recording():
    assert diff(SESSION, str(FOLDER / "tool_session.jsonl")).same
    with pytest.raises(RecordingError):
        diff(ROOT / "missing.jsonl", ROOT / "README.md")


@pytest.mark.parametrize(
    "other", [SESSION[0], SESSION, FOLDER / "hello.jsonl"], ids=["one", "session", "file"]
)
def test_a_folder_is_compared_with_a_folder_alone(other):
    for pair in ((FOLDER, other), (other, FOLDER)):
        with pytest.raises(UsageError, match="a folder is compared with a folder"):
            diff(*pair)
