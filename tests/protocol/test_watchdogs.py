"""Who gives up on a silent stream."""

from __future__ import annotations

import pytest

from inspector.protocol import SDK_READ_TIMEOUT
from inspector.protocol.watchdogs import WATCHDOGS, Measure, crossed


@pytest.mark.parametrize(
    ("seconds", "by", "names"),
    [
        (19.9, Measure.BYTES, []),
        (20.0, Measure.BYTES, ["the 20 s banner of Claude Code"]),
        (89.9, Measure.CONTENT, []),
        (200.0, Measure.CONTENT, ["the 90 s of Claude Code"]),
        (90.0, Measure.BYTES, ["the 20 s banner of Claude Code", "the 60 s of nginx and AWS load balancers",
                               "the 90 s of Claude Code"]),
    ],
)  # fmt: skip
def test_a_silence_of_bytes_is_one_of_content_too(seconds, by, names):
    assert [str(each) for each in crossed(seconds, by)] == names


def test_the_most_impatient_comes_first_and_each_names_its_source():
    assert [each.seconds for each in WATCHDOGS] == sorted(each.seconds for each in WATCHDOGS)
    assert all(each.source for each in WATCHDOGS)


def test_the_sdk_waits_as_long_as_its_read_timeout():
    assert WATCHDOGS[-1].seconds == SDK_READ_TIMEOUT
