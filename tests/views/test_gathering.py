"""One pass over a response: the short cut for plain deltas, and the long way."""

from __future__ import annotations

import pytest
from measured_streams import STREAMS
from streams import END, delta, opens, recording, start, stops

from inspector import stats
from inspector.views.gathering import Gathering
from inspector.views.measuring import statistics_of

of_streams = pytest.mark.parametrize("sent", STREAMS, ids=range(len(STREAMS)))


@of_streams
def test_the_short_cut_gathers_what_the_long_way_does(sent):
    both = []
    for short_cut in (True, False):
        gathering = Gathering(sent.head, short_cut=short_cut)
        gathering.feed(sent.blocks)
        gathering.close(sent.end)
        both.append(statistics_of(gathering).to_dict())
    assert both[0] == both[1]


def test_nearly_all_of_a_stream_takes_the_short_cut(monkeypatch):
    taken = []
    take = Gathering._take
    monkeypatch.setattr(Gathering, "_take", lambda self, block: taken.append(block) or take(self, block))
    stats(recording(start() + opens(0), *(delta(0, f"word {n}") for n in range(1000)), stops(0) + END))
    assert len(taken) < 20


def test_what_the_reader_raises_ends_the_pass_with_all_that_came():
    sent = recording(start() + opens(0) + delta(0) + delta(0, "more") + delta(0, "and more"))

    def broken():
        yield from sent.blocks
        raise OSError

    gathering = Gathering(sent.head)
    with pytest.raises(OSError):
        gathering.feed(broken())
    gathering.close(None)
    assert (gathering.clock.events, gathering.clock.size) == (5, len(sent.body))
