"""A recording as a row: what it says of good, broken and hostile recordings, and how rows are sorted."""

from __future__ import annotations

import io
import json
from datetime import datetime

import pytest
from conftest import ROOT

from inspector.checker import Severity, report
from inspector.errors import RecordingError
from inspector.formats import load_all, opened
from inspector.recording import End, Ending, Head, Reader, Request, Response, TimedBlock, dump_head
from inspector.views.listing import Listed, first_words, in_order, listing
from inspector.views.summary import summary

BUNDLED = sorted((ROOT / "recordings").rglob("*.jsonl"))


def rows_of(path, check=True):
    with opened(path) as reader:
        return list(listing(reader, check=check))


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")
def test_one_pass_says_what_reading_summing_up_and_checking_say_one_by_one(path):
    rows, recordings = rows_of(path), load_all(path)
    assert [row.number for row in rows] == list(range(1, len(recordings) + 1))
    for row, recording in zip(rows, recordings, strict=True):
        whole, checked = summary(recording), report(recording)
        events = list(recording.events())
        assert row.file == str(path)
        assert datetime.fromisoformat(row.at).tzinfo or not row.at
        assert (row.status, row.events) == (whole.status, len(events))
        assert row.duration == (recording.end or (recording.blocks or [recording.response])[-1]).t
        assert row.first_text == whole.first_text
        assert row.outcome == whole.outcome
        assert row.end == (recording.end.how if recording.end else None)
        assert (row.verdict, row.errors, row.warnings) == (
            checked.verdict,
            checked.count(Severity.ERROR),
            checked.count(Severity.WARNING),
        )


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.stem)
def test_without_the_check_all_else_is_the_same(path):
    unchecked = [row._replace(verdict=None, errors=None, warnings=None) for row in rows_of(path)]
    assert rows_of(path, check=False) == unchecked


def user(content):
    return {"role": "user", "content": content}


def text(text):
    return {"type": "text", "text": text}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([user("Hi")], "Hi"),
        ([user("  One\n\ttwo  ")], "One two"),
        ([user([text("Look:"), {"type": "image"}, text("what is it?")])], "Look:"),
        ([user("first"), {"role": "assistant", "content": "x"}, user("last")], "last"),
        ([user("ask"), {"role": "assistant", "content": []}, user([{"type": "tool_result"}])], "ask"),
        ([user([text("<system-reminder>\nx\n</system-reminder>"), text("hello")])], "hello"),
        ([user("hello"), user([text("<system-reminder>x")])], "hello"),
        ([user("x" * 5000)], "x" * 119 + "…"),
        ([user([text(" "), text(3), text(None), 5, None])], None),
        ([user(None), user(7), user({}), "x", None], None),
        ([], None),
        ("Hi", None),
        (None, None),
    ],
)
def test_the_first_words_are_of_what_the_user_wrote_last(messages, expected):
    assert first_words({"messages": messages}) == expected


def a_row(**fields):
    unknown = dict.fromkeys(Listed._fields)
    return Listed(**{**unknown, "file": "a", "number": 1, "events": 0, "outcome": "", **fields})


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("duration", [0.5, 2.0, 10.0]),
        ("errors", [0, 1, 12]),
        ("model", ["a", "B", "c"]),
        ("at", ["2025-01-01", "2026-01-01"]),
    ],
)
def test_rows_are_in_order_and_those_of_which_it_is_unknown_last(name, values, reverse):
    rows = [a_row(**{name: value}) for value in (None, *values[::-1], None)]
    ordered = [getattr(row, name) for row in in_order(rows, name, reverse=reverse)]
    assert ordered == [*(values[::-1] if reverse else values), None, None]


def test_equal_rows_keep_their_order():
    rows = [a_row(file=name, events=3) for name in "cab"]
    assert in_order(rows, "events") == in_order(rows, "events", reverse=True) == rows


def row_of(*values):
    """The row of one recording made of these values, read from its file."""
    from inspector.recording import dump_block, dump_end

    dumps = {Head: dump_head, TimedBlock: dump_block, End: dump_end}
    file = io.BytesIO(b"".join(dumps[type(value)](value) for value in values))
    [row] = listing(Reader(file, "x"), check=True)
    return row


def test_what_a_source_does_not_have_is_unknown():
    row = row_of(Head("", Request(), Response(0.0), extra={"absent": ["times"]}), End(0.0, Ending.COMPLETE))
    assert (row.at, row.model, row.prompt, row.first_text, row.duration) == (None,) * 5


def test_a_message_that_is_no_stream_has_its_model_and_stop_reason():
    body = json.dumps({"type": "message", "model": "m", "stop_reason": "end_turn"}).encode()
    row = row_of(Head("now", Request(), Response(0.1)), TimedBlock(0.2, None, None, body), End(0.3, "cut"))
    assert (row.model, row.stop_reason, row.events) == ("m", "end_turn", 0)


def test_the_answering_model_stands_before_the_requested_one():
    request = Request(body=b'{"model":"alias","messages":[]}')
    start = b'{"type":"message_start","message":{"model":"alias-20260101"}}'
    head = Head("now", request, Response(0.1))
    assert row_of(head, End(0.3, Ending.COMPLETE)).model == "alias"
    assert row_of(head, TimedBlock(0.2, "message_start", start)).model == "alias-20260101"


@pytest.mark.parametrize("value", [5, [], {}, {"x": ["y"]}, True])
def test_a_wrong_type_in_any_place_breaks_nothing(value):
    request = Request(body=json.dumps({"model": value, "messages": value}).encode())
    start = {"type": "message_start", "message": {"model": value, "stop_reason": value, "usage": value}}
    row = row_of(
        Head("now", request, Response(0.1)), TimedBlock(0.2, "message_start", json.dumps(start).encode())
    )
    assert row.prompt is None
    assert row.model is None or isinstance(row.model, str)
    assert in_order([row, a_row(model="m", stop_reason="s")], "model")


@pytest.mark.parametrize("check", [True, False])
def test_a_broken_file_has_the_rows_of_what_could_be_read(check):
    file = io.BytesIO(BUNDLED[0].read_bytes() + dump_head(Head("now", Request())) + b"no line\n[]\n")
    rows = []
    with pytest.raises(RecordingError):
        rows.extend(listing(Reader(file, "x"), check=check))
    values = listing(Reader(io.BytesIO(file.getvalue()), "x"), check=check)
    assert [next(values).number, next(values).number] == [1, 2]
