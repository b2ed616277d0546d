"""Exchanges under way, as items for a live page."""

from __future__ import annotations

import base64
import json

import pytest

from inspector.formats import load
from inspector.page import live_reading
from inspector.page.building import report
from inspector.page.live_reading import LiveReading, Part
from inspector.recording import dump
from inspector.recording.bundled import bundled_recording
from inspector.redact import Redaction

HELLO = load(bundled_recording("hello"))


def values(recording):
    return [recording.head, *recording.blocks, recording.end]


def decoded(items):
    return [(item.number, item.part, json.loads(item.json)) for item in items]


def read_in_steps(recording, step):
    """All items of a recording whose values come a few at a time."""
    reading, items = LiveReading(), []
    whole = values(recording)
    for at in range(0, len(whole), step):
        for value in whole[at : at + step]:
            reading.add(7, value, "7 hello")
        items += reading.items()
    return decoded(items)


def unpacked(part):
    return base64.b64decode(part)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_the_lines_of_the_items_are_the_recording(step):
    items = read_in_steps(HELLO, step)
    assert [part for _, part, _ in items][:2] == [Part.BEGIN, Part.LINES]
    head = unpacked(items[0][2]["head"])
    lines = [unpacked(item["lines"]) for _, part, item in items if part is Part.LINES]
    assert head + b"".join(lines) == b"".join(dump(HELLO))


@pytest.mark.parametrize("name", ["hello", "broken/cut_tool", "error_529", "pings"])
def test_the_last_facts_are_those_of_a_report(name):
    recording = load(bundled_recording(name))
    *_, (_, part, item) = read_in_steps(recording, 4)
    assert part is Part.FACTS
    page = report(recording, redaction=Redaction("no-ids"))
    facts = json.loads(page.partition(b'type="application/json">')[2].partition(b"</script>")[0])
    assert {**item["facts"], "name": ""} == {**facts["recordings"][0], "name": ""}
    assert item["facts"]["name"] == "7 hello"


def test_facts_on_the_way_agree_with_the_lines_so_far():
    count = 0
    for _, part, item in read_in_steps(HELLO, 5):
        if part is Part.LINES:
            count += unpacked(item["lines"]).count(b"\n")
        elif part is Part.FACTS:
            assert item["facts"]["count"] == count
            assert bool(item["facts"]["outcome"]) is bool(item["facts"]["end"])


def test_nothing_is_made_of_nothing():
    reading = LiveReading()
    assert list(reading.items()) == []
    reading.add(1, HELLO.head)
    assert [item.part for item in reading.items()] == [Part.BEGIN]
    assert list(reading.items()) == []


def test_an_exchange_whose_beginning_was_missed_is_left_out():
    reading = LiveReading()
    reading.add(1, HELLO.blocks[0])
    reading.add(1, HELLO.end)
    assert list(reading.items()) == []


def test_a_forgotten_exchange_says_nothing_more():
    reading = LiveReading()
    reading.add(1, HELLO.head)
    reading.forget(1)
    reading.add(1, HELLO.end)
    assert list(reading.items()) == []


def test_an_exchange_that_is_too_long_is_left_out_from_there_on(monkeypatch):
    monkeypatch.setattr(live_reading, "_LONGEST", 500)
    reading = LiveReading()
    for value in values(HELLO):
        reading.add(1, value)
    assert list(reading.items()) == []


def test_names_are_shown():
    reading = LiveReading()
    reading.add(1, HELLO.head, "a\u202eb")
    (item,) = reading.items()
    assert json.loads(item.json)["begin"]["name"] == "a\\u202eb"
