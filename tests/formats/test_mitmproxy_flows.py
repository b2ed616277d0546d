"""mitmproxy's flow files: read as mitmproxy writes them, and never past a broken one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import GOOD

from inspector import Ending, FormatError, RecordingError, load_all
from inspector.formats.mitmproxy_flows import claims, interactions
from inspector.recording import Absent
from inspector.views.summary import summary


def net(value):
    """A value as mitmproxy's tnetstring writes it."""
    if isinstance(value, dict):
        return _tagged(b"".join(net(key) + net(each) for key, each in value.items()), b"}")
    if isinstance(value, list):
        return _tagged(b"".join(map(net, value)), b"]")
    if value is None:
        return b"0:~"
    if isinstance(value, bool):
        return _tagged(str(value).lower().encode(), b"!")
    if isinstance(value, bytes):
        return _tagged(value, b",")
    if isinstance(value, str):
        return _tagged(value.encode(), b";")
    return _tagged(repr(value).encode(), b"#" if isinstance(value, int) else b"^")


def _tagged(data, kind):
    return b"%d:%b%b" % (len(data), data, kind)


def flow(content=GOOD, host="api.anthropic.com", error=None, **response):
    return {
        "websocket": None,
        "response": {
            "status_code": 200,
            "http_version": b"HTTP/1.1",
            "headers": [[b"content-type", b"text/event-stream"], [b"request-id", b"req_1"]],
            "content": content,
            "timestamp_start": 1700000000.25,
            "timestamp_end": 1700000002.5,
            **response,
        },
        "request": {
            "method": b"POST",
            "scheme": b"https",
            "host": host,
            "port": 443,
            "path": b"/v1/messages",
            "headers": [[b"x-api-key", b"sk-ant-api03-" + b"Abc123_-" * 5]],
            "content": b'{"model":"m","stream":true}',
            "timestamp_start": 1700000000.0,
        },
        "error": error,
        "type": "http",
        "version": 21,
    }


@pytest.fixture
def read(tmp_path):
    def load(*flows):
        (tmp_path / "a.flow").write_bytes(b"".join(map(net, flows)))
        return load_all(tmp_path / "a.flow")

    return load


def test_a_flow_is_a_recording_with_its_head_and_its_end(read):
    (recording,) = read(flow())
    assert recording.body == GOOD
    assert recording.request.url == "https://api.anthropic.com/v1/messages"
    assert (recording.response.t, recording.end) == (0.25, (2.5, Ending.COMPLETE, None, None))
    assert recording.head.at == "2023-11-14T22:13:20.000000Z"
    assert recording.head.absent == {Absent.TIMES, Absent.READS}
    assert recording.request.withheld == ("x-api-key",)


def test_flows_are_a_session_and_those_of_other_hosts_are_left_out(read):
    with pytest.warns(UserWarning, match="1 exchange is left out"):
        recordings = read(
            flow(), flow(b"{}", host="example.com") | {"request": {"host": "example.com"}}, flow()
        )
    assert len(recordings) == 2


def test_a_body_that_was_streamed_is_said_to_be_missing(read):
    (recording,) = read(flow(None))
    assert (recording.blocks, recording.end.how) == ((), Ending.ABANDONED)
    assert "store_streamed_bodies" in recording.end.error
    assert Absent.BODY in recording.head.absent
    assert summary(recording).problems == ["the body is not in the source of this recording"]


def test_a_flow_that_failed_has_the_error(read):
    (recording,) = read(flow(GOOD[:100], error={"msg": "Server disconnected", "timestamp": 1700000001.0}))
    assert (recording.end.how, recording.end.error) == (Ending.CUT, "Server disconnected")


def test_what_stands_before_a_broken_flow_is_good():
    whole = net(flow())
    values = interactions(iter([whole + whole[:-20]]), "a.flow")
    assert next(values).body == GOOD
    with pytest.raises(FormatError, match=f"flow 2, which begins at byte {len(whole)}, is broken"):
        next(values)


@given(st.binary(max_size=60), st.integers(0, 400))
def test_no_garbage_crashes_the_reader(garbage, at):
    whole = net(flow())
    for data in (garbage, whole[:at] + garbage + whole[at:], b"9:9:9:9:9:0:~]]]]" + garbage):
        with contextlib.suppress(RecordingError):
            list(interactions(iter([data]), None))


def test_deep_nesting_is_refused():
    deep = b""
    for _ in range(200):
        deep = _tagged(deep, b"]")
    with pytest.raises(FormatError, match="nested too deeply"):
        list(interactions(iter([deep]), None))


@pytest.mark.parametrize(
    ("start", "claimed"), [(net(flow())[:40], True), (b"5:hello,", False), (b"12:30:00 started", False)]
)
def test_a_flow_is_known_by_its_first_bytes(start, claimed):
    assert claims(start) is claimed
