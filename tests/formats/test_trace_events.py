"""Traces follow the published Trace Event Format, and show a recording as it was."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT
from streams import GOOD, PING, TEXT, delta, opens, recording, start, stops

from inspector import UsageError, load, load_all
from inspector.formats.trace_events import trace
from inspector.protocol.watchdogs import SILENCE

FILES = sorted(path for path in ROOT.glob("recordings/**/*.jsonl") if path.stem != "torn")

# What the format's document demands: the members of each phase, and their types.
COMMON = {"name": str, "cat": str, "ph": str, "ts": int, "pid": int, "tid": int}
PHASES = {"X": {"dur": int}, "i": {"s": str}, "M": {"args": dict}}
METADATA = {
    "process_name": {"name": str},
    "process_sort_index": {"sort_index": int},
    "thread_name": {"name": str},
    "thread_sort_index": {"sort_index": int},
}


def traced(*recordings):
    return json.loads(trace(recordings))["traceEvents"]


def slices(events, tid=None):
    return [each for each in events if each["ph"] == "X" and tid in (None, each["tid"])]


def valid(events):
    """Check the events by the format's document; slices of a track must nest."""
    for event in events:
        members = {**COMMON, **PHASES[event["ph"]]}
        assert all(isinstance(event[name], kind) for name, kind in members.items()), event
        assert set(event) <= {*members, "args", "cat"}
        assert event["ts"] >= 0
        if event["ph"] == "M":
            expected = METADATA[event["name"]]
            assert {name: type(value) for name, value in event["args"].items()} == expected
        if event["ph"] == "i":
            assert event["s"] in ("t", "p", "g")
    tracks = {}
    for each in sorted(slices(events), key=lambda each: (each["ts"], -each["dur"])):
        open_until = tracks.setdefault((each["pid"], each["tid"]), [])
        end = each["ts"] + each["dur"]
        assert each["dur"] >= 0
        while open_until and open_until[-1] <= each["ts"]:
            open_until.pop()
        assert not open_until or end <= open_until[-1], each
        open_until.append(end)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_recording_makes_a_trace_by_the_format(path):
    recordings = load_all(path)
    events = traced(*recordings)
    valid(events)
    assert {each["pid"] for each in events} == set(range(1, len(recordings) + 1))


def test_a_content_block_is_a_track_with_a_slice_for_each_delta():
    events = traced(recording(start(), opens(0), delta(0, "Hel"), delta(0, "lo"), stops(0)))
    block, *deltas = sorted(slices(events, 10), key=lambda each: (each["ts"], -each["dur"]))
    assert (block["name"], block["ts"], block["dur"]) == ("text", 520_000, 30_000)
    assert [(each["name"], each["dur"]) for each in deltas] == [("Hel", 10_000), ("lo", 10_000)]
    names = {each["tid"]: each["args"]["name"] for each in events if each["name"] == "thread_name"}
    assert names == {1: "stream", 2: "silences", 10: "block 0 · text"}


def test_pings_are_marks():
    marks = [each for each in traced(recording(start(), PING)) if each["name"] == "ping"]
    assert [(each["ph"], each["ts"]) for each in marks] == [("i", 520_000)]


def test_a_long_silence_is_a_slice_of_its_own():
    (silence,) = slices(traced(recording((0.5, start()), (0.6 + SILENCE, TEXT))), 2)
    assert (silence["name"], silence["ts"], silence["dur"]) == ("silence 1.1 s", 500_000, 1_100_000)


def test_a_block_that_does_not_stop_ends_with_the_recording():
    names = [each["name"] for each in slices(traced(recording(start() + opens(0))), 10)]
    assert names == ["text (unfinished)"]


def test_a_session_is_placed_by_its_clock():
    first, second = load_all(ROOT / "recordings/tool_session.jsonl")
    events = traced(second, first)
    begins = {each["pid"]: each["ts"] for each in slices(events, 1) if "waiting" in each["name"]}
    assert begins[2] == 0 < begins[1]


def test_a_recording_without_times_has_no_trace(tmp_path):
    (tmp_path / "bare.sse").write_bytes(GOOD)
    with pytest.raises(UsageError, match=r"bare\.sse has no times"):
        trace([load(tmp_path / "bare.sse")])
