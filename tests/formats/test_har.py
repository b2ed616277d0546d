"""HTTP archives: browsers', mitmproxy's, Polly's."""

from __future__ import annotations

import base64
import io

import pytest
from format_texts import BODY, REQUEST, TOOL, har, har_events, json_text

from inspector.formats import recordings


def one(value):
    (recording,) = recordings(io.BytesIO(json_text(value)))
    return recording


def test_the_events_that_chromium_lists_have_their_times():
    recording = one(har_events())
    assert [(event.name, event.data) for event in recording.events()] == [
        (event.name, event.data) for event in TOOL.events()
    ]
    assert [block.t for block in recording.blocks[:3]] == [0.6, 0.7, 0.8]
    assert recording.head.timed
    assert recording.head.absent == {"end", "framing", "headers", "reads"}


@pytest.mark.parametrize(
    "zone", ["2026-08-19T16:34:12.5+02:00", "2026-08-19T14:34:12.500Z", "2026-08-19T14:34:12.5"]
)
def test_the_time_of_the_request_is_in_utc(zone):
    assert one(har(startedDateTime=zone)).head.at == "2026-08-19T14:34:12.500000Z"


def test_a_time_that_is_none_is_absent():
    head = one(har(startedDateTime="yesterday", timings=None, time="long")).head
    assert (head.at, head.response.t, "sent" in head.absent) == ("", 0.0, True)


def test_a_request_that_got_no_response_is_kept_with_its_error():
    archive = har(_error=None)
    archive["log"]["entries"][0]["response"] = {
        "status": 0,
        "headers": [],
        "content": {},
        "_error": "net::ERR_FAILED",
    }
    recording = one(archive)
    assert recording.response is None
    assert (recording.end.how, recording.end.error) == ("reset", "net::ERR_FAILED")
    assert "end" not in recording.head.absent


def test_the_preflight_of_a_browser_is_left_out():
    archive = har()
    preflight = har()["log"]["entries"][0]
    preflight["request"]["method"] = "OPTIONS"
    archive["log"]["entries"].insert(0, preflight)
    assert one(archive).request.method == "POST"


def test_entries_are_in_the_order_in_which_they_were_sent():
    archive = har()
    archive["log"]["entries"] += har(startedDateTime="2026-08-19T14:34:11Z")["log"]["entries"]
    assert [each.head.at[17:19] for each in recordings(io.BytesIO(json_text(archive)))] == ["11", "12"]


@pytest.mark.parametrize(
    "data", [{"text": REQUEST}, {"text": base64.b64encode(REQUEST.encode()).decode(), "encoding": "base64"}]
)
def test_the_body_of_a_request_is_kept(data):
    archive = har()
    archive["log"]["entries"][0]["request"]["postData"] = data
    assert one(archive).request.body == REQUEST.encode()


@pytest.mark.parametrize("chunks", [[BODY[:100], BODY[100:]], [BODY]])
def test_polly_saves_chunks_in_hexadecimal_or_base64(chunks):
    import json

    for encode in (bytes.hex, lambda chunk: base64.b64encode(chunk).decode()):
        text = json.dumps([encode(chunk) for chunk in chunks])
        assert one(har({"text": text, "encoding": "base64"})).body == BODY


def test_pseudo_headers_of_http_2_are_no_headers():
    recording = one(har())
    assert not [
        name for name in (*recording.request.headers, *recording.request.withheld) if name.startswith(":")
    ]
