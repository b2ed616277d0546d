"""The facts of a recording, as the page's program reads them."""

from __future__ import annotations

import json
import re

import pytest
from conftest import ROOT

from inspector import checker
from inspector.formats import load
from inspector.manual import rule_page
from inspector.page.building import report
from inspector.page.read_lines import ReadLines
from inspector.page.recording_facts import facts_so_far, patience, shown
from inspector.protocol.watchdogs import WATCHDOGS
from inspector.recording import Head, Request, Response
from inspector.recording.bundled import bundled_recording
from inspector.views.key_numbers import LONG_SILENCE
from inspector.views.measuring import stats


def facts(name):
    page = report(bundled_recording(name))
    return json.loads(re.search(rb'id="facts"[^>]*>(.*?)</script>', page, re.DOTALL)[1])["recordings"][0]


def test_they_say_what_was_requested_and_what_came():
    hello = facts("hello")
    assert hello["model"] == "claude-haiku-4-5-20251001"
    assert hello["method"] == "POST"
    assert (hello["status"], hello["http"], hello["outcome"]) == (200, "HTTP/1.1", "end_turn")
    assert hello["end"] == {"t": 2.115061, "how": "complete", "error": None}
    assert hello["events"] == len(list(load(bundled_recording("hello")).events()))


@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")  # a torn line
@pytest.mark.parametrize("path", sorted((ROOT / "recordings/broken").glob("*.jsonl")), ids=lambda p: p.stem)
def test_every_finding_is_there_with_the_line_of_its_event(path):
    recording = load(path)
    made = facts(f"broken/{path.stem}")
    expected = checker.check(recording)
    assert [each["rule"] for each in made["findings"]] == [each.rule for each in expected]
    numbers = {event.number: event for event in recording.events()}
    for each in made["findings"]:
        assert each["do"]
        assert each["page"] == rule_page(each["rule"])
        if each["line"] is not None:
            assert recording.blocks[each["line"]] is numbers[each["event"]].block


def test_they_have_what_the_statistics_measure():
    pings = facts("pings")
    measured = stats(load(bundled_recording("pings")))
    assert sum(each["seconds"] for each in pings["shares"]) == pytest.approx(measured.duration)
    assert len(pings["silences"]) == measured.silences.count > 0
    assert {each["by"] for each in pings["silences"]} <= {"bytes", "content"}
    assert [each["label"] for each in pings["numbers"]] == [
        "first event",
        "longest silence",
        "output tokens/s",
    ]


def test_who_gives_up_on_a_silence_is_told_apart_from_who_complains():
    known = patience()
    assert known["long_silence"] == LONG_SILENCE
    assert [each["seconds"] for each in known["watchdogs"]] == sorted(dog.seconds for dog in WATCHDOGS)
    for each in known["watchdogs"]:
        (dog,) = (dog for dog in WATCHDOGS if (dog.seconds, dog.name) == (each["seconds"], each["name"]))
        assert (each["measures"], each["gives_up"]) == (dog.measures, not dog.complains)


def test_what_was_counted_is_there_with_the_line_that_says_it():
    recording, made = load(bundled_recording("web_search")), facts("web_search")
    assert [each["input"] for each in made["usage"]] == [each.input for each in stats(recording).usage]
    for each in made["usage"]:
        assert b'"usage"' in recording.blocks[each["line"]].data


def test_a_recording_without_times_has_no_time(tmp_path):
    (tmp_path / "a.sse").write_bytes(load(bundled_recording("hello")).body)
    page = report(tmp_path / "a.sse")
    (made,) = json.loads(re.search(rb'id="facts"[^>]*>(.*?)</script>', page, re.DOTALL)[1])["recordings"]
    assert made["timed"] is False
    assert (made["duration"], made["shares"], made["silences"]) == (None, [], [])
    assert {each["text"] for each in made["numbers"]} == {"–"}


def test_a_body_that_is_no_stream_has_a_kind():
    assert facts("error_429")["body"] == {"kind": "json"}
    assert facts("broken/html")["body"] == {"kind": "text"}
    assert facts("hello")["body"] == {"kind": "stream"}


def test_what_was_hidden_is_listed():
    assert facts("hello")["masked"] == ["request"]


def test_a_head_alone_has_every_fact_that_a_whole_recording_has():
    head = Head("", Request(), Response(0.1))
    assert facts_so_far(ReadLines(head)).keys() == facts("hello").keys()


def test_texts_are_shown_at_any_depth():
    assert shown({"a": ["x\u202ey", {"b": "\x00"}], "c": 1}) == {"a": ["x\\u202ey", {"b": "\\x00"}], "c": 1}
