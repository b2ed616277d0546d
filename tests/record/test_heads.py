"""The head of a recording says what was sent and answered, and no secret."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from inspector import Ending, load_all, tap
from inspector.record.heads import ReceivedHead, SentRequest, head_of

AT = datetime(2026, 11, 22, 1, 2, 3, 4, UTC)
KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"


def sent(**members):
    fields = [("X-Api-Key", KEY), ("Accept", "a"), ("accept", "b")]
    given = {
        "at": AT,
        "clock": 10.0,
        "method": "POST",
        "url": "http://u:secret@h/p?key=abcdefgh",
        "headers": fields,
    }
    return SentRequest(**(given | members))


def test_a_head_has_what_was_sent_and_when():
    head, _ = head_of(sent(extra={"body_length": None}), None)
    assert (head.at, head.request.method, head.response) == ("2026-11-22T01:02:03.000004Z", "POST", None)
    assert head.request.headers["accept"] == "a, b"
    assert head.request.withheld == ("x-api-key",)
    assert head.request.extra == {"body_length": None}
    assert "secret" not in head.request.url


def test_times_count_from_the_request():
    head, _ = head_of(sent(), ReceivedHead(10.25, 200, [("Content-Type", "a/b")], "HTTP/1.1"))
    assert (head.response.t, head.response.headers) == (0.25, {"content-type": "a/b"})


def test_the_mask_knows_the_secrets_of_the_request_and_hides_them_in_what_follows():
    head, mask = head_of(sent(body=b'{"password":"hunter2hunter2"}'), None)
    assert b"hunter2" not in head.request.body
    assert KEY.encode() not in mask(b"you sent " + KEY.encode())


def test_what_no_library_shows_is_recorded_through_the_tap(tmp_path):
    hooks = tap(tmp_path / "r.jsonl")
    fields = [("content-type", "text/event-stream"), ("content-encoding", "unknown")]
    begun = hooks.clock()
    track = hooks.begin(sent(clock=begun), ReceivedHead(begun, 200, fields, "HTTP/1.1"))
    track.note(begun + 0.5, b"event: a\ndata: 1\n\n")
    track.finish(begun + 1, Ending.CUT, "it broke")
    (recording,) = load_all(tmp_path / "r.jsonl")
    assert [round(t, 3) for t, _ in recording.chunks()] == [0.5]
    assert (recording.end.how, recording.end.error) == ("cut", "it broke")
    assert recording.response.extra == {"undecoded": True}
    assert hooks.clock() <= time.perf_counter()
