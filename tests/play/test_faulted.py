"""Recordings with faults: which request meets them, and what answers the retries that they provoke."""

from __future__ import annotations

from dataclasses import replace

import pytest

import inspector
from inspector import faults
from inspector.errors import UsageError
from inspector.play.faulted import answers_once, with_faults
from inspector.recording import save
from inspector.recording.bundled import bundled_recording

STREAM = b'{"stream":true}'
HELLO, TOOL = bundled_recording("hello"), bundled_recording("tool_use")


def fetch(transport, library, content=STREAM):
    """One request: the status, the body, and the name of what was raised."""
    request = library.Request("POST", "http://test/v1/messages", content=content)
    response = transport.handle_request(request)
    chunks = []
    try:
        chunks.extend(response.stream)
    except library.TransportError as error:
        return response.status_code, b"".join(chunks), type(error).__name__
    return response.status_code, b"".join(chunks), None


def statuses(transport, library, times):
    return [fetch(transport, library)[0] for _ in range(times)]


def test_without_a_fault_it_is_the_plain_replay(library):
    transport = inspector.replay(HELLO)
    assert fetch(transport, library) == (200, inspector.load(HELLO).body, None)
    assert fetch(transport, library)[0] == 404


def test_a_fault_without_an_end_answers_every_retry(library):
    assert statuses(inspector.replay(HELLO, fault="http-error"), library, 4) == [529] * 4


def test_failing_twice_and_then_succeeding(library):
    transport = inspector.replay(HELLO, TOOL, fault="http-error=503,on=1..2")
    assert statuses(transport, library, 5) == [503, 503, 200, 200, 404]


def test_a_later_request_fails_and_is_made_again(library):
    transport = inspector.replay(HELLO, TOOL, fault="http-error,on=2")
    assert statuses(transport, library, 4) == [200, 529, 200, 404]


@pytest.mark.parametrize("match", ["order", "request", "body", "any", lambda ours, recorded: True])
def test_a_loop_does_not_repeat_a_limited_fault(library, match):
    transport = inspector.replay(HELLO, fault="http-error=503,on=1..2", loop=True, match=match)
    body = inspector.load(HELLO).request.body
    assert [fetch(transport, library, body)[0] for _ in range(5)] == [503, 503, 200, 200, 200]


def test_by_name_a_limited_fault_is_over_too(library):
    transport = inspector.replay(HELLO, TOOL, fault="http-error=503,on=1..2", match="name")
    asked = [b'{"stream":true,"model":"hello"}'] * 4 + [b'{"stream":true,"model":"tool_use"}'] * 2
    assert [fetch(transport, library, each)[0] for each in asked] == [503, 503, 200, 200, 200, 200]


def test_what_edit_wrote_is_played_as_the_fault_itself(library, tmp_path):
    limited, plain = faults.apply_in_turn([inspector.load(HELLO)], "http-error,on=1")
    save(limited, tmp_path / "1.jsonl")
    save(plain, tmp_path / "2.jsonl")
    assert statuses(inspector.replay(tmp_path, loop=True), library, 4) == [529, 200, 200, 200]


@pytest.mark.parametrize("noted", [["no-such-fault,on=1"], "http-error,on=1", [1, None], None])
def test_a_note_of_faults_that_cannot_be_read_limits_nothing(noted):
    head = replace(inspector.load(HELLO).head, extra={"faults": noted})
    assert not answers_once(head)


def test_several_faults_at_once_in_order(library):
    transport = inspector.replay(HELLO, fault=["rechunk=1", "cut-fin@ev:3"])
    _, body, raised = fetch(transport, library)
    assert (body.count(b"event: "), raised) == (2, "RemoteProtocolError")


def test_the_same_seed_gives_the_same_fault(library):
    def body(seed):
        return fetch(inspector.replay(HELLO, fault="cut-clean@random", seed=seed), library)[1]

    assert body(1) == body(1)
    assert len({body(seed) for seed in range(8)}) > 2


def test_a_fault_may_name_another_recording(library):
    _, body, _ = fetch(inspector.replay(HELLO, fault=f"concat,second={TOOL}"), library)
    assert body == inspector.load(HELLO).body + inspector.load(TOOL).body


def test_a_file_of_any_size_can_have_a_fault(library, tmp_path):
    big = faults.apply(inspector.load(HELLO), "big-frame=2M")
    save(big, tmp_path / "big.jsonl")
    _, body, raised = fetch(inspector.replay(tmp_path / "big.jsonl", fault="cut-rst@end"), library)
    assert (body, raised) == (big.body, "ReadError")


@pytest.mark.parametrize("fault", ["cut-fn", "tool-json"])
def test_a_fault_that_cannot_be_applied_is_refused_at_once(fault):
    with pytest.raises(UsageError):
        inspector.replay(HELLO, fault=fault)


def test_with_loop_it_begins_again(library):
    transport = inspector.replay(HELLO, TOOL, loop=True)
    hello, tool = inspector.load(HELLO).body, inspector.load(TOOL).body
    assert [fetch(transport, library)[1] for _ in range(4)] == [hello, tool] * 2


def test_with_loop_a_body_is_answered_again_and_another_one_not(library):
    transport = inspector.replay(HELLO, TOOL, match="body", loop=True)
    body = inspector.load(HELLO).request.body
    assert [fetch(transport, library, body)[0] for _ in range(3)] == [200] * 3
    assert fetch(transport, library, b'{"stream":true,"other":1}')[0] == 404


def test_a_body_that_was_not_decoded_is_for_the_client_to_decode(library):
    with library.Client(transport=inspector.replay(HELLO, fault="gzip=cut")) as client:
        response = client.post("http://test/v1/messages", content=STREAM)
    assert response.headers["content-encoding"] == "gzip"
    assert inspector.load(HELLO).body.startswith(response.content)


def test_without_a_fault_nothing_is_read():
    assert with_faults(["no such file"], None) == (["no such file"], False)
    assert with_faults(["no such file"], ()) == (["no such file"], False)


@pytest.mark.parametrize(
    ("fault", "count", "for_every_request"),
    [
        ("cut-fin@ev:3", 1, True),
        (["cut-fin@ev:3", "rechunk=1"], 1, True),
        ("http-error,on=1..2", 3, False),
        ("dirty-dozen", len(inspector.DIRTY_DOZEN), True),
    ],
)
def test_a_fault_for_every_request_is_to_be_played_in_a_loop(fault, count, for_every_request):
    played, loop = with_faults([TOOL], fault)
    assert (len(played), loop) == (count, for_every_request)
