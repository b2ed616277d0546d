"""What a live page has not got yet."""

from __future__ import annotations

import json

from inspector.page import live_log
from inspector.page.live_log import LiveLog
from inspector.page.live_reading import Item, Part


def item(number, part, text=""):
    return Item(number, part, json.dumps({"n": number, part.value: text}).encode())


def begun(number):
    return item(number, Part.BEGIN)


def answer(log, last=0, name="log"):
    return json.loads(log.since(name, last))


def log_of(*items, **bounds):
    log = LiveLog("log", **bounds)
    log.publish(items)
    return log


def kinds(got):
    return [(each["n"], next(key for key in each if key != "n")) for each in got["items"]]


def test_a_page_gets_all_and_then_what_is_new():
    log = log_of(begun(1), item(1, Part.LINES, "a"), item(1, Part.FACTS))
    first = answer(log)
    assert kinds(first) == [(1, "begin"), (1, "lines"), (1, "facts")]
    assert answer(log, first["last"])["items"] == []
    log.publish([begun(2), item(1, Part.LINES, "b")])
    assert kinds(answer(log, first["last"])) == [(2, "begin"), (1, "lines")]


def test_only_the_last_facts_count():
    log = log_of(begun(1), *(item(1, Part.FACTS, str(number)) for number in range(5)))
    assert [each.get("facts") for each in answer(log)["items"]] == [None, "4"]


def test_facts_that_a_page_has_do_not_come_again():
    log = log_of(begun(1), item(1, Part.FACTS))
    assert answer(log, answer(log)["last"])["items"] == []


def test_a_page_of_another_log_begins_anew():
    log = log_of(begun(1), begun(2))
    assert kinds(answer(log, 2, name="older")) == [(1, "begin"), (2, "begin")]


def test_a_page_that_asks_for_the_future_gets_nothing():
    assert answer(log_of(begun(1)), 10**17)["items"] == []


def test_the_oldest_recordings_are_forgotten():
    log = log_of(*map(begun, range(1, 6)), most=2)
    assert answer(log)["kept"] == [4, 5]
    assert kinds(answer(log)) == [(4, "begin"), (5, "begin")]


def test_what_comes_of_a_forgotten_recording_is_left_out():
    log = log_of(begun(1), begun(2), most=1)
    log.publish([item(1, Part.LINES, "late")])
    assert kinds(answer(log)) == [(2, "begin")]


def test_bytes_are_bounded_but_one_recording_always_stays():
    large = "x" * 1000
    log = log_of(begun(1), item(1, Part.LINES, large), begun(2), item(2, Part.LINES, large), most_bytes=1500)
    assert answer(log)["kept"] == [2]
    log.publish([item(2, Part.LINES, large)])
    assert answer(log)["kept"] == [2]


def test_facts_that_are_replaced_take_no_room():
    log = log_of(begun(1), begun(2), most_bytes=3000)
    for _ in range(10):
        log.publish([item(1, Part.FACTS, "x" * 1000)])
    assert answer(log)["kept"] == [1, 2]


def test_a_large_answer_comes_in_parts(monkeypatch):
    monkeypatch.setattr(live_log, "_ANSWER", 2000)
    log = log_of(
        begun(1), *(item(1, Part.LINES, f"{number:0900}") for number in range(9)), item(1, Part.FACTS)
    )
    got, last, more, parts = [], 0, True, 0
    while more:
        part = answer(log, last)
        got, last, more, parts = got + kinds(part), part["last"], part["more"], parts + 1
    assert got == [(1, "begin"), *[(1, "lines")] * 9, (1, "facts")]
    assert parts > 2
