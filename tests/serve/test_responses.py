"""Prepared responses: every byte of HTTP, read back by h11, and when each piece is due."""

from __future__ import annotations

import itertools

import pytest
from conftest import ROOT
from http_wire import made, prepared, received

from inspector import End, Ending, Head, Recording, Request, load_all
from inspector.play.pace import Pace
from inspector.serve.responses import Finish

RECORDINGS = [
    pytest.param(recording, id=f"{path.relative_to(ROOT / 'recordings')}#{number}")
    for path in sorted((ROOT / "recordings").rglob("*.jsonl"))
    if path.stem != "torn"
    for number, recording in enumerate(load_all(path), 1)
]


@pytest.mark.parametrize("recording", RECORDINGS)
def test_every_recording_comes_back_status_headers_chunks_and_end(recording):
    response = prepared(recording)
    head, body, whole = received(response.wire, closed=response.finish is not Finish.KEEP)
    if recording.response is None:
        assert (head, response.wire, response.status) == (None, b"", None)
        return
    assert head.status_code == response.status == recording.response.status
    framing = {"transfer-encoding", "connection", "content-length", "content-encoding", "keep-alive"}
    sent = {name.decode(): value.decode() for name, value in head.headers}
    kept = {name: value for name, value in recording.response.headers.items() if name not in framing}
    assert {name: value for name, value in sent.items() if name not in framing} == kept
    assert b"".join(body) == recording.body
    if "transfer-encoding" in sent:
        assert body == [data for _, data in recording.chunks()]
    complete = recording.end is not None and recording.end.how is Ending.COMPLETE
    assert whole == complete
    assert (response.finish is Finish.KEEP) == complete


@pytest.mark.parametrize("recording", RECORDINGS)
def test_every_piece_is_due_when_it_was_recorded(recording):
    response = prepared(recording, Pace(1))
    times = [t for t, _ in recording.chunks()]
    if recording.response is not None:
        assert response.times[0] == pytest.approx(recording.response.t)
    assert list(response.times)[1 : len(times) + 1] == pytest.approx(times)
    assert recording.end is None or response.end_time == pytest.approx(recording.end.t)
    sizes = [b - a for a, b in itertools.pairwise([0, *response.marks])]
    assert all(sizes)
    assert sum(sizes) == len(response.wire)


ENDS = [
    ("complete", Finish.KEEP),
    ("cut", Finish.CLOSE),
    ("reset", Finish.RESET),
    ("timeout", Finish.STALL),
    ("abandoned", Finish.CLOSE),
    (None, Finish.CLOSE),
]


@pytest.mark.parametrize("end, finish", ENDS)
def test_each_end_has_its_finish(end, finish):
    response = prepared(made((1.0, b"a"), end=end))
    assert response.finish is finish
    assert response.wire.endswith(b"1\r\na\r\n" + (b"0\r\n\r\n" if end == "complete" else b""))


@pytest.mark.parametrize("end, finish", [*ENDS[1:], ("complete", Finish.CLOSE)])
def test_without_a_response_there_is_only_the_finish(end, finish):
    if end == "complete":
        finish = Finish.CLOSE
    recording = Recording(Head("", Request()), (), End(2.0, Ending(end)) if end else None)
    response = prepared(recording, Pace(2))
    assert (response.wire, response.status, response.finish) == (b"", None, finish)
    assert response.end_time == (1.0 if end else 0.0)
    assert prepared(recording, Pace(2), close=True) == prepared(recording, Pace(2), to_head=True) == response


@pytest.mark.parametrize(
    "pace, due",
    [
        (Pace(), [0, 0, 0, 0, 0]),
        (Pace(2), [0.25, 0.5, 0.75, 5.75, 5.875]),
        (Pace(1, 2), [0.5, 1, 1.5, 3.5, 3.75]),
    ],
)
def test_the_pace_says_when_each_piece_is_due(pace, due):
    response = prepared(made((1.0, b"a"), (1.5, b"b"), (11.5, b"c")), pace)
    assert list(response.times) == pytest.approx(due)
    assert response.due(0.6) == (5 if response.at_once else sum(t <= 0.6 for t in due))
    assert response.due(0.0, start=3) >= 3


@pytest.mark.parametrize(
    "length, body, end, sent, keeps",
    [
        ("4", b"abcd", "complete", "4", True),
        ("9", b"abcd", "complete", "4", True),
        ("2", b"abcd", "complete", "4", True),
        ("9", b"abcd", "cut", "9", False),
        ("2", b"abcd", "cut", None, False),
        ("x", b"abcd", "complete", None, True),
    ],
)
def test_the_length_is_that_of_the_body_even_if_somebody_edited_it(length, body, end, sent, keeps):
    response = prepared(made((1.0, body), headers={"content-length": length}, end=end))
    assert (response.finish is Finish.KEEP) == keeps
    if sent is None:
        assert b"transfer-encoding: chunked" in response.wire
    else:
        assert response.wire.endswith(b"content-length: %b\r\n\r\n%b" % (sent.encode(), body))


def test_a_coding_that_the_recorder_undid_is_not_sent():
    headers = {"content-encoding": "gzip", "content-length": "3"}
    wire = prepared(made((1.0, b"plain"), headers=headers)).wire
    assert b"gzip" not in wire
    assert b"content-length" not in wire
    kept = prepared(made((1.0, b"zip"), headers=headers, extra={"undecoded": True})).wire
    assert kept.endswith(b"content-encoding: gzip\r\ncontent-length: 3\r\n\r\nzip")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_no_framing(status):
    response = prepared(made((1.0, b"no"), status=status))
    assert response.wire == b"HTTP/1.1 %d %b\r\n\r\n" % (
        status,
        b"No Content" if status == 204 else b"Not Modified",
    )
    assert response.finish is Finish.KEEP


def test_a_header_cannot_smuggle_in_a_line():
    wire = prepared(made((1.0, b"a"), headers={"x": "a\r\nset-cookie: b"})).wire
    assert b"x: a set-cookie: b\r\n" in wire


def test_an_unknown_status_has_no_reason():
    assert prepared(made(status=599)).wire.startswith(b"HTTP/1.1 599 \r\n")


def test_the_last_response_of_a_connection_says_so():
    recording = made((1.0, b"a"), (2.0, b"b"))
    response, last = prepared(recording, Pace(1)), prepared(recording, Pace(1), close=True)
    assert last.finish is Finish.CLOSE
    assert last.wire == response.wire.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
    for a, b in zip(response.marks, last.marks, strict=True):
        assert response.wire[a:] == last.wire[b:]


@pytest.mark.parametrize("length", [{}, {"content-length": "1"}], ids=["chunked", "with a length"])
def test_the_response_to_head_is_the_head(length):
    to_head = prepared(made((1.0, b"a"), headers=length), to_head=True)
    head, body, whole = received(to_head.wire, closed=False, method="HEAD")
    assert (head.status_code, body, whole) == (200, [], True)
    assert dict(head.headers).get(b"content-length", b"").decode() == length.get("content-length", "")
    assert to_head.finish is Finish.KEEP


def test_a_client_of_http_1_0_gets_no_chunks_and_a_closed_connection():
    response = prepared(made((1.0, b"a"), (2.0, b"b")), http_1_0=True)
    assert response.wire == b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nab"
    assert response.finish is Finish.CLOSE
