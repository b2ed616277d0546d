"""What came back, read from a recording: when a client may come back, and in which words that is said."""

from __future__ import annotations

import pytest

from inspector.conformance.arrival import Arrival
from inspector.recording import End, Ending, Head, Recording, Request, Response

AT = "2026-11-20T10:00:00Z"
DATE = {"date": "Fri, 20 Nov 2026 10:00:00 GMT"}


def busy(headers, **patience):
    head = Head(AT, Request("POST", "http://x/"), Response(0.1, 429, headers))
    return Arrival("x-1", Recording(head, (), End(0.1, Ending.COMPLETE)), **patience)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 1.0),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, 1.0),
        ({"retry-after": "soon"}, 1.0),
        ({"retry-after": "Fri, 20 Nov 2026 10:02:00 GMT"}, 120.0),
        ({"retry-after": "Fri, 20 Nov 2026 10:02:00 GMT"} | DATE, 120.0),
        ({"retry-after": "Fri, 20 Nov 2026 09:00:00 GMT"} | DATE, 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(headers, seconds):
    assert busy(headers).retry_after == seconds


@pytest.mark.parametrize(
    ("patience", "added"), [(2.5, "; retry-after is 3 s, longer than --patience (2.5 s)"), (3, "")]
)
def test_a_wait_that_is_longer_than_ones_patience_is_named(patience, added):
    assert busy({"retry-after": "3"}, patience=patience).busy == f"the endpoint is too busy: 429{added}"
