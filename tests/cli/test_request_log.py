"""The log of requests that `inspector serve` writes."""

from __future__ import annotations

import datetime
import errno
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.cli._request_log import _WHY, LogFile, RequestLog, as_json, as_text
from inspector.play.matching import MATCHES
from inspector.play.received import ReceivedRequest
from inspector.recording import Ending
from inspector.serve.connection import Delivery

REQUEST = ReceivedRequest(3, "GET", "/a\x1b[2J?key=s")


def test_a_line_of_the_log_is_harmless_to_a_terminal():
    at = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
    delivery = Delivery(1234, 0.5, Ending.ABANDONED)
    line = as_text(at, REQUEST, delivery)
    assert line.endswith("GET /a\\e[2J --- no recording needed · 1,234 bytes in 0.500 s, abandoned")
    assert json.loads(as_json(at, REQUEST, delivery))["status"] is None


def test_a_line_says_which_recording_answered_and_why():
    at = datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)
    played = replace(REQUEST, recording="a.jsonl", status=200)
    delivery = Delivery(1, 0.5, Ending.COMPLETE)
    for why, text in (
        ("order", "the next in order"),
        ("request", "for the same request"),
        ("body", "the same body"),
        ("name", "by its name"),
        ("any", "the next, whatever the request"),
    ):
        assert f" 200 a.jsonl ({text}) · 1 bytes" in as_text(at, played, delivery, why=why)
        assert json.loads(as_json(at, played, delivery, why=why))["why"] == why
    missed = replace(REQUEST, miss="inspector: this request is in no recording", status=404)
    assert " 404 inspector: this request is in no recording · " in as_text(at, missed, delivery, why="body")
    assert "why" not in json.loads(as_json(at, missed, delivery, why="body"))


def test_every_way_to_choose_has_a_text():
    assert set(_WHY) == set(MATCHES)


class Gone:
    """A file whose reader has gone."""

    def write(self, text):
        raise BrokenPipeError

    flush = write


def test_a_log_that_nobody_reads_stops_nothing():
    with RequestLog(Gone(), as_text) as log:
        for _ in range(10):
            log.put(REQUEST, Delivery(1, 1.0, Ending.COMPLETE))


def test_what_a_log_cannot_keep_up_with_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.cli._request_log._BOUND", 2)
    path = Path(tmp_path / "log")
    with path.open("w") as file:
        log = RequestLog(file, as_text)
        for _ in range(5):
            log.put(REQUEST, Delivery(1, 1.0, Ending.COMPLETE))
        log._queue.get_nowait()  # room for the end
        with log:
            pass
    assert path.read_text().splitlines()[-1].startswith("inspector: 3 requests are not in this log")


class Pieces(io.StringIO):
    """A file that keeps what each write wrote."""

    def __init__(self):
        self.pieces = []

    def write(self, text):
        self.pieces.append(text)

    def flush(self):
        self.pieces.append(None)


def test_lines_are_written_whole_and_few_enough_at_once_for_a_pipe():
    file = Pieces()
    log = RequestLog(file, lambda *_: "é" * 500)
    for _ in range(20):
        log.put(REQUEST, Delivery(1, 1.0, Ending.COMPLETE))
    with log:
        pass
    assert "".join(filter(None, file.pieces)) == ("é" * 500 + "\n") * 20
    assert file.pieces[1::2] == [None] * (len(file.pieces) // 2)
    for piece in file.pieces[::2]:
        assert piece.endswith("\n")
        assert len(piece.encode()) <= 4096


def test_an_entry_that_waits_holds_no_body():
    log = RequestLog(io.StringIO(), as_text)
    log.put(ReceivedRequest(1, "POST", "/", ((b"a", b"b"),), b"x" * 1000), Delivery(1, 1.0, Ending.COMPLETE))
    assert log._queue.get_nowait()[1] == ReceivedRequest(1, "POST", "/")


class Disk:
    """An unbuffered file on a disk that has `room` for each of the next writes, and then for everything."""

    def __init__(self, *room):
        self.room, self.taken = list(room), b""

    def write(self, data):
        taken = data[: self.room.pop(0)] if self.room else data
        if not taken:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.taken += taken
        return len(taken)


@pytest.mark.parametrize("room", [[0], [5], [5, 0, 0]], ids=str)
def test_a_log_on_a_full_disk_says_so_once_and_then_goes_on_with_a_line_of_its_own(room):
    disk, failures = Disk(*room), []
    log = RequestLog(LogFile(disk), lambda _, __, delivery: f"line {delivery.sent}", failures.append)
    for number in range(len(room) + 1):
        log.put(REQUEST, Delivery(number, 1.0, Ending.COMPLETE))
        log._queue.put(None)
        log._run()
    assert [str(each) for each in failures] == ["[Errno 28] No space left on device"]
    lines = disk.taken.decode().splitlines()
    missing = (
        f"inspector: {len(room)} requests are not in this log: the disk was full, or it could not keep up"
    )
    assert lines == [*(["line "] if 5 in room else []), f"line {len(room)}", missing]
