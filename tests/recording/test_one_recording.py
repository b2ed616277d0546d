"""A law of the exports: what takes a recording takes the value, and says so to whoever passes a path."""

from __future__ import annotations

import inspect
import re

import pytest
from conftest import ROOT

import inspector

HELLO = ROOT / "recordings" / "hello.jsonl"


def parameters():
    """The functions of the package whose first argument is a recording, and what they say of it."""
    for name in inspector.__all__:
        function = getattr(inspector, name)
        if inspect.isfunction(function):
            first = next(iter(inspect.signature(function).parameters.values()))
            kind = str(first.annotation)
            if re.search(r"\bRecording\b", kind) or kind == "Source":
                yield name, kind


TAKE_RECORDINGS = dict(parameters())
TAKE_PATHS = {name for name, kind in TAKE_RECORDINGS.items() if kind == "Source" or "str" in kind}


def call(name, value, folder):
    more = {"diff": [value], "assert_same": [value], "save": [folder / "new.jsonl"]}
    return getattr(inspector, name)(value, *more.get(name, []))


def test_the_functions_are_those_of_the_manual():
    names = {
        "check",
        "stats",
        "observe",
        "redacted",
        "assert_clean",
        "save",
        "diff",
        "assert_same",
        "report",
        "replay",
    }
    assert set(TAKE_RECORDINGS) == names
    assert {"diff", "assert_same", "report", "replay"} == TAKE_PATHS


@pytest.mark.parametrize("name", sorted(TAKE_RECORDINGS))
def test_a_path_is_read_or_the_error_says_how_to_load_it(name, tmp_path):
    if name in TAKE_PATHS:
        call(name, HELLO, tmp_path)
        return
    for path in (HELLO, str(HELLO)):
        with pytest.raises(TypeError) as error:
            call(name, path, tmp_path)
        assert f"inspector.load({str(HELLO)!r})" in str(error.value)


@pytest.mark.parametrize("value", [None, 3, [3], {"a": 1}, b"data"], ids=repr)
@pytest.mark.parametrize("name", sorted({*TAKE_RECORDINGS} - {"report", "replay"}))
def test_anything_else_is_refused_by_name(name, value, tmp_path):
    with pytest.raises(TypeError, match="recording"):
        call(name, value, tmp_path)


@pytest.mark.parametrize("name", ["check", "stats", "observe", "redacted", "assert_clean"])
def test_several_are_not_taken_for_one(name):
    with pytest.raises(TypeError, match="each of them"):
        getattr(inspector, name)([inspector.load(HELLO)])


def test_a_session_may_come_one_recording_after_another(tmp_path):
    inspector.save(iter([inspector.load(HELLO)] * 2), tmp_path / "two.jsonl")
    assert len(inspector.load_all(tmp_path / "two.jsonl")) == 2
    assert inspector.diff(iter([inspector.load(HELLO)]), [inspector.load(HELLO)]).same
