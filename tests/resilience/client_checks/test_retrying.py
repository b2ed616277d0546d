"""Retries: how often, how soon, and of what."""

from __future__ import annotations

import pytest
from client_logs import RAISED, RETURNED, attempt, body, log, seen, sent

from inspector.resilience import ClientLimits

BUSY = "http-error=529"
LIMITED = "http-error=429,retry_after=2"


def failures(count, gap, fault=BUSY, **more):
    return [attempt(n, n * (gap + 0.1), sent(fault=fault), **more) for n in range(1, count + 1)]


@pytest.mark.parametrize(("count", "expected"), [(10, set()), (11, {"retry-storm"})])
def test_more_than_ten_attempts_of_a_call_are_a_storm(count, expected):
    assert seen(log(*failures(count, 1.0), program=RAISED)) == expected


def test_the_limit_of_attempts_can_be_set():
    made = log(*failures(4, 1.0), program=RAISED)
    assert seen(made, limits=ClientLimits(attempts=3)) == {"retry-storm"}


def test_equal_requests_that_overlap_are_calls_of_their_own():
    made = log(*(attempt(n, 0.0, sent(fault=BUSY), seconds=1.0) for n in range(1, 31)), program=RAISED)
    assert seen(made) == {"no-retry: warning"}


def test_equal_requests_that_all_succeed_are_calls_of_their_own():
    assert seen(log(*(attempt(n, float(n), sent()) for n in range(1, 31)), program=RETURNED)) == set()


def test_a_call_that_falls_back_to_a_whole_message_or_another_model_is_the_same_call():
    other = [{"stream": False}, {"model": "other"}] * 6
    made = [attempt(n, float(n), sent(fault=BUSY), body=body(**change)) for n, change in enumerate(other, 1)]
    assert seen(log(*made, program=RAISED)) == {"retry-storm"}


@pytest.mark.parametrize(
    ("waited", "expected"), [(1.2, {"retry-after-ignored"}), (1.9, set()), (2.0, set()), (30.0, set())]
)
def test_a_retry_waits_as_long_as_the_server_demands(waited, expected):
    made = log(
        attempt(1, 0.0, sent(fault=LIMITED), seconds=0.5), attempt(2, 0.5 + waited, sent()), program=RETURNED
    )
    assert seen(made) == expected


def test_retries_at_once_come_without_a_pause():
    assert seen(log(*failures(3, 0.01), program=RAISED)) == {"no-backoff: warning"}
    assert seen(log(*failures(3, 0.5), program=RAISED)) == set()
    assert seen(log(*failures(2, 0.01), program=RAISED)) == set()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_refused_for_its_content_is_not_sent_again(status):
    first = attempt(1, 0.0, sent(fault=f"http-error={status}"))
    assert seen(log(first, attempt(2, 1.0, sent()), program=RETURNED)) == {"hopeless-retry"}
    mended = attempt(2, 1.0, sent(), body=body(max_tokens=5))
    assert seen(log(first, mended, program=RETURNED)) == set()


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 504, 529])
def test_a_failure_that_passes_is_worth_a_retry(status):
    only = attempt(1, 0.0, sent(fault=f"http-error={status}"))
    assert seen(log(only, program=RAISED)) == {"no-retry: warning"}
    assert "no-retry: not known" in seen(log(only))


def test_a_missing_recording_is_not_held_against_the_client():
    missed = sent(fault="http-error=404")
    made = [attempt(n, float(n), missed, missed=True) for n in (1, 2)]
    assert seen(log(*made, program=RETURNED)) == set()
