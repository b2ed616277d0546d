"""Waiting: in silence, with pings, after the end; and what is left open."""

from __future__ import annotations

import pytest
from client_logs import RAISED, RETURNED, attempt, log, seen, sent

from inspector import Ending

SILENT, PINGS, DONE = sent(fault="stall"), sent(fault="stall-ping"), sent(fault="hang-after-stop")
INFINITE = float("inf")


def waiting(answer, seconds, **more):
    given = {"end": Ending.TIMEOUT, "seconds": seconds, "kept_alive": answer is PINGS, **more}
    return attempt(1, 0.0, answer, **given)


@pytest.mark.parametrize(
    ("answer", "check"), [(SILENT, "no-read-timeout"), (PINGS, "no-content-timeout")], ids=["silent", "pings"]
)
@pytest.mark.parametrize(
    ("seconds", "at", "standing"),
    [(30.0, 30.0, None), (600.0, 600.0, "warning"), (None, 500.0, "fault"), (None, 5.0, "not known")],
    ids=["in-time", "late", "hung", "not-long-enough"],
)
def test_a_client_gives_up_in_time(answer, check, seconds, at, standing):
    expected = {None: set(), "fault": {check}}.get(standing, {f"{check}: {standing}"})
    made = log(waiting(answer, seconds), program=None if seconds is None else RAISED, at=at)
    assert {each for each in seen(made) if check in each} == expected


def test_a_wait_that_the_server_ended_is_no_giving_up():
    made = log(waiting(SILENT, 5.0, by_server=True), program=RAISED)
    assert seen(made) == {"no-read-timeout: not known"}
    made = log(waiting(SILENT, 200.0, by_server=True), program=RAISED)
    assert seen(made) == {"no-read-timeout"}


def test_what_the_client_says_of_its_read_timeout_counts_if_nobody_looks_long_enough():
    made = waiting(SILENT, 5.0, by_server=True, read_timeout=600.0)
    assert seen(log(made, program=RAISED)) == {"no-read-timeout: warning"}
    made = waiting(SILENT, 5.0, by_server=True, read_timeout=60.0)
    assert seen(log(made, program=RAISED)) == set()


def test_a_read_timeout_says_nothing_about_pings():
    made = waiting(PINGS, 5.0, by_server=True, read_timeout=600.0)
    assert seen(log(made, program=RAISED)) == {"no-content-timeout: not known"}


def test_a_client_without_a_read_timeout_waits_without_end():
    made = waiting(SILENT, INFINITE, read_timeout=INFINITE)
    assert seen(log(made, program=RAISED)) == {"no-read-timeout"}


def test_a_client_stops_reading_at_message_stop():
    assert seen(log(waiting(DONE, 0.2), program=RETURNED)) == set()
    assert seen(log(waiting(DONE, 60.0), program=RETURNED)) == {"waited-after-stop: warning"}


def test_a_response_that_is_open_when_the_program_is_done_was_left_open():
    made = waiting(SILENT, None)
    assert seen(log(made, program=RAISED, at=1.0)) == {"connection-left-open: warning"}
    assert seen(log(made, at=1.0)) >= {"no-read-timeout: not known"}
    assert "connection-left-open: warning" not in seen(log(made, at=1.0))


def test_a_client_that_leaves_in_the_middle_has_left_nothing_open():
    left = attempt(1, 0.0, sent(), end=Ending.ABANDONED, got_all=False)
    assert seen(log(left, program=RETURNED)) == set()


@pytest.mark.parametrize(("seconds", "expected"), [(30.0, set()), (300.0, {"no-read-timeout: warning"})])
def test_a_silence_that_would_have_ended_is_a_wait_too(seconds, expected):
    left = attempt(1, 0.0, sent(), seconds=seconds, end=Ending.ABANDONED, got_all=False)
    assert seen(log(left, program=RAISED)) == expected


def test_a_response_that_goes_on_is_no_wait():
    assert seen(log(attempt(1, 0.0, sent(), seconds=None, end=None, got_all=False), at=1.0)) == set()
