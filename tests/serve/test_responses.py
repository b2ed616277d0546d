"""Prepared answers: every byte of HTTP, read back by h11, and when each piece is due."""

from __future__ import annotations

import itertools

import h11
import pytest
from conftest import ROOT

from inspector import End, Ending, Head, Recording, Request, Response, TimedBlock, load_all
from inspector.serve.responses import Finish, Pace, as_message, json_answer, prepare

AT_ONCE = Pace()
RECORDINGS = [
    pytest.param(recording, id=f"{path.relative_to(ROOT / 'recordings')}#{number}")
    for path in sorted((ROOT / "recordings").rglob("*.jsonl"))
    if path.stem != "torn"
    for number, recording in enumerate(load_all(path), 1)
]


def made(*chunks, status=200, end="complete", headers=None, **more):
    """A recording of chunks: (t, bytes) each."""
    blocks = tuple(TimedBlock(t, None, None, data) for t, data in chunks)
    last = chunks[-1][0] if chunks else 0.5
    head = Head("", Request(), Response(0.5, status, headers or {}, **more))
    return Recording(head, blocks, End(last + 0.25, Ending(end)) if end else None)


def answer_of(recording, pace=AT_ONCE, **options):
    items = [*recording.blocks, *([recording.end] if recording.end else [])]
    return prepare(recording.head, items, pace, **options)


def received(wire, closed=True, method="POST"):
    """What a client makes of the bytes: (response, the body's chunks, whether it was whole)."""
    client = h11.Connection(h11.CLIENT)
    length = [("content-length", "0")] if method == "POST" else []
    client.send(h11.Request(method=method, target="/", headers=[("host", "x"), *length]))
    client.send(h11.EndOfMessage())
    client.receive_data(wire)
    if closed:
        client.receive_data(b"")
    response, body = None, []
    while True:
        try:
            event = client.next_event()
        except h11.RemoteProtocolError:
            return response, body, False
        if isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            if event.chunk_start or not body:
                body.append(b"")
            body[-1] += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return response, body, True
        else:
            return response, body, False


@pytest.mark.parametrize("recording", RECORDINGS)
def test_every_recording_comes_back_status_headers_chunks_and_end(recording):
    answer = answer_of(recording)
    response, body, whole = received(answer.wire, closed=answer.finish is not Finish.KEEP)
    if recording.response is None:
        assert (response, answer.wire, answer.status) == (None, b"", None)
        return
    assert response.status_code == answer.status == recording.response.status
    framing = {"transfer-encoding", "connection", "content-length", "content-encoding", "keep-alive"}
    sent = {name.decode(): value.decode() for name, value in response.headers}
    kept = {name: value for name, value in recording.response.headers.items() if name not in framing}
    assert {name: value for name, value in sent.items() if name not in framing} == kept
    assert b"".join(body) == recording.body
    if "transfer-encoding" in sent:
        assert body == [data for _, data in recording.chunks()]
    complete = recording.end is not None and recording.end.how is Ending.COMPLETE
    assert whole == complete
    assert (answer.finish is Finish.KEEP) == complete


@pytest.mark.parametrize("recording", RECORDINGS)
def test_every_piece_is_due_when_it_was_recorded(recording):
    answer = answer_of(recording, Pace(1))
    times = [t for t, _ in recording.chunks()]
    if recording.response is not None:
        assert answer.times[0] == pytest.approx(recording.response.t)
    assert list(answer.times)[1 : len(times) + 1] == pytest.approx(times)
    assert recording.end is None or answer.end_time == pytest.approx(recording.end.t)
    sizes = [b - a for a, b in itertools.pairwise([0, *answer.marks])]
    assert all(sizes)
    assert sum(sizes) == len(answer.wire)


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
    answer = answer_of(made((1.0, b"a"), end=end))
    assert answer.finish is finish
    assert answer.wire.endswith(b"1\r\na\r\n" + (b"0\r\n\r\n" if end == "complete" else b""))


@pytest.mark.parametrize("end, finish", [*ENDS[1:], ("complete", Finish.CLOSE)])
def test_without_a_response_there_is_only_the_finish(end, finish):
    if end == "complete":
        finish = Finish.CLOSE
    recording = Recording(Head("", Request()), (), End(2.0, Ending(end)) if end else None)
    answer = answer_of(recording, Pace(2))
    assert (answer.wire, answer.status, answer.finish) == (b"", None, finish)
    assert answer.end_time == (1.0 if end else 0.0)
    assert answer.closing() is answer
    assert answer.bodiless() is answer


@pytest.mark.parametrize(
    "pace, due",
    [
        (Pace(), [0, 0, 0, 0, 0]),
        (Pace(None, 0.1), [0, 0, 0, 0, 0]),
        (Pace(1), [0.5, 1, 1.5, 11.5, 11.75]),
        (Pace(2), [0.25, 0.5, 0.75, 5.75, 5.875]),
        (Pace(1, 2), [0.5, 1, 1.5, 3.5, 3.75]),
        (Pace(10, 0.5), [0.05, 0.1, 0.15, 0.65, 0.675]),
        (Pace(1, 0), [0, 0, 0, 0, 0]),
    ],
)
def test_pace(pace, due):
    answer = answer_of(made((1.0, b"a"), (1.5, b"b"), (11.5, b"c")), pace)
    assert list(answer.times) == pytest.approx(due)
    assert answer.due(0.6) == sum(t <= 0.6 for t in due) or answer.at_once


def test_times_that_run_backwards_in_an_edited_file_are_due_at_once():
    assert list(Pace(1).due([1.0, 0.5, 2.0])) == [1.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "told, body, end, sent, keeps",
    [
        ("4", b"abcd", "complete", "4", True),
        ("9", b"abcd", "complete", "9", False),
        ("2", b"abcd", "complete", "2", False),
        ("9", b"abcd", "cut", "9", False),
        ("x", b"abcd", "complete", None, True),
    ],
)
def test_a_recorded_length_is_sent_also_a_false_one(told, body, end, sent, keeps):
    answer = answer_of(made((1.0, body), headers={"content-length": told}, end=end))
    assert (answer.finish is Finish.KEEP) == keeps
    if sent is None:
        assert b"transfer-encoding: chunked" in answer.wire
    else:
        assert answer.wire.endswith(b"content-length: %b\r\n\r\n%b" % (sent.encode(), body))


def test_a_coding_that_the_recorder_undid_is_not_told():
    headers = {"content-encoding": "gzip", "content-length": "3"}
    wire = answer_of(made((1.0, b"plain"), headers=headers)).wire
    assert b"gzip" not in wire
    assert b"content-length" not in wire
    kept = answer_of(made((1.0, b"zip"), headers=headers, extra={"undecoded": True})).wire
    assert kept.endswith(b"content-encoding: gzip\r\ncontent-length: 3\r\n\r\nzip")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_no_framing(status):
    answer = answer_of(made((1.0, b"no"), status=status))
    assert answer.wire == b"HTTP/1.1 %d %b\r\n\r\n" % (
        status,
        b"No Content" if status == 204 else b"Not Modified",
    )
    assert answer.finish is Finish.KEEP


def test_a_header_cannot_smuggle_in_a_line():
    wire = answer_of(made((1.0, b"a"), headers={"x": "a\r\nset-cookie: b"})).wire
    assert b"x: a set-cookie: b\r\n" in wire


def test_an_unknown_status_has_no_reason():
    assert answer_of(made(status=599)).wire.startswith(b"HTTP/1.1 599 \r\n")


def test_closing_says_so_and_moves_every_mark():
    answer = answer_of(made((1.0, b"a"), (2.0, b"b")), Pace(1))
    closing = answer.closing()
    assert closing.finish is Finish.CLOSE
    assert closing.wire == answer.wire.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n", 1)
    for a, b in zip(answer.marks, closing.marks, strict=True):
        assert answer.wire[a:] == closing.wire[b:]


def test_bodiless_is_the_head():
    answer = answer_of(made((1.0, b"a")))
    assert answer.bodiless().wire == answer.wire[: answer.marks[0]]
    assert answer.bodiless().finish is Finish.KEEP


def test_an_old_client_gets_no_chunks_and_a_closed_connection():
    answer = answer_of(made((1.0, b"a"), (2.0, b"b")), old=True)
    assert answer.wire == b"HTTP/1.1 200 OK\r\n\r\nab"
    assert answer.finish is Finish.CLOSE


def stream(*payloads, end="complete"):
    from inspector import _json

    blocks = tuple(
        TimedBlock(number / 10, data["type"], _json.dumps(data)) for number, data in enumerate(payloads, 1)
    )
    head = Head("", Request(), Response(0.05, 200, {"content-type": "text/event-stream", "request-id": "r"}))
    return Recording(head, blocks, End(9.0, Ending(end)))


START = {"type": "message_start", "message": {"type": "message", "content": [], "usage": {}}}


def test_a_message_comes_when_the_stream_would_have_ended():
    folded = as_message(stream(START, {"type": "message_stop"}))
    assert folded.message() == START["message"]
    assert folded.response.t == 9.0
    assert folded.response.headers["request-id"] == "r"
    assert folded.response.headers["content-type"] == "application/json"
    assert answer_of(folded).finish is Finish.KEEP


@pytest.mark.parametrize(
    "kind, status",
    [("overloaded_error", 529), ("rate_limit_error", 429), ("api_error", 500), ("new_error", 500)],
)
def test_an_error_event_becomes_the_response_it_would_have_been(kind, status):
    error = {"type": "error", "error": {"type": kind, "message": "m"}}
    folded = as_message(stream(START, error))
    assert folded.response.status == status
    assert folded.body == b'{"type":"error","error":{"type":"%b","message":"m"}}' % kind.encode()


@pytest.mark.parametrize("end", ["cut", "reset", "timeout"])
def test_a_broken_stream_becomes_a_response_that_never_began(end):
    folded = as_message(stream(START, end=end))
    assert (folded.response, folded.end.how) == (None, end)


@pytest.mark.parametrize(
    "recording", [made((1.0, b"<html>")), made((1.0, b"{}"), status=529), made(), stream({"type": "ping"})]
)
def test_what_is_no_stream_of_a_message_stays(recording):
    assert as_message(recording) is recording


def test_an_answer_of_our_own_is_sent_at_once():
    answer = json_answer(404, {"a": 1}, {"x": "y"})
    response, body, whole = received(answer.wire, closed=False)
    assert (response.status_code, body, whole, answer.at_once) == (404, [b'{"a":1}'], True, True)
