"""What the SDK does is said of answers that the endpoint ended, and not of those that our client left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from score_examples import result

from inspector.conformance.client_view import with_client_views
from inspector.conformance.scoring.scorecard import Deviation, Exchange, State
from inspector.recording import End, Ending, Head, Recording, Request, Response

HELLO = Recording(Head("", Request("POST", "/v1/messages"), Response(200, {})))


@pytest.mark.parametrize(
    ("end", "stopped", "is_said"),
    [
        (End(1.0, Ending.COMPLETE), "", True),
        (End(1.0, Ending.RESET), "", True),
        (End(1.0, Ending.ABANDONED), "", False),
        (End(1.0, Ending.COMPLETE), "it goes on for 120 s", False),
        (None, "", False),
    ],
)
def test_the_sdk_is_shown_only_what_the_endpoint_ended(end, stopped, is_said):
    exchange = Exchange("x-1", replace(HELLO, end=end), stopped=stopped)
    failed = result("x", State.FAIL, failures=(Deviation("bad", "x-1"),), exchanges=(exchange,))
    (seen,) = with_client_views([failed])
    assert bool(seen.failures[0].client) is is_said
