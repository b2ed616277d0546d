"""Byte by byte: the first that differs, as a naive comparison finds it."""

from __future__ import annotations

from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from recorded_pairs import with_body

from inspector import diff, load

TOOL = load(ROOT / "recordings/tool_use.jsonl")


def test_padding_differs_exactly_and_not_in_meaning():
    at = TOOL.body.index(b"message_stop", TOOL.body.index(b"message_stop") + 20) + len(b'message_stop"')
    other = with_body(TOOL, TOOL.body[:at] + b"  " + TOOL.body[at:])
    assert diff(TOOL, other).same
    exact = [change for change in diff(TOOL, other, exact=True).changes if change.part == "bytes"]
    (change,) = exact
    assert change.path[1] == next(
        i for i, (a, b) in enumerate(zip(TOOL.body, other.body, strict=False)) if a != b
    )
    assert change.before["event"] == change.after["event"] == 19
    assert change.before["type"] == "message_stop"
    assert change.before["line"] == TOOL.body[:at].count(b"\n") + 1
    assert "bytes[" in str(diff(TOOL, other, exact=True))


def test_reads_differ_exactly_and_not_in_meaning():
    one, other = with_body(TOOL, TOOL.body, [100, 200]), with_body(TOOL, TOOL.body, [100, 300])
    assert diff(one, other).same
    (change,) = diff(one, other, exact=True).changes
    assert (change.where, change.before, change.after) == ("reads[1]", 200, 300)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_bytes_differ_exactly_if_they_differ(one, other):
    changes = diff(with_body(TOOL, one), with_body(TOOL, other), exact=True).changes
    differing = [change.path[1] for change in changes if change.part == "bytes"]
    naive = [i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b][:1]
    assert differing == ([] if one == other else naive or [min(len(one), len(other))])
