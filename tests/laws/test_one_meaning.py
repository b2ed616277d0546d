"""One meaning: `ls`, `show`, `stats` and `check` say the same of how a response turned out.

They agree on the outcome, the stop reason, the end, how many events and whether text came: of every bundled
recording, of many with every fault of the catalogue, of the streams of real servers, and
of streams with random damage.
"""

from __future__ import annotations

import io
import random
import warnings
from dataclasses import replace

import pytest
from conftest import CORPUS, ROOT
from mutants import mutant

import inspector
from inspector.checker import report
from inspector.errors import InapplicableFaultError, InspectorError
from inspector.faults import FAULTS, apply
from inspector.formats import load_all, recording_paths, recordings
from inspector.recording import Ending, Reader, dump
from inspector.views.listing import listing
from inspector.views.measuring import stats
from inspector.views.summary import summary


def held_by(path):
    """Return the recordings of a file, as far as it can be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", inspector.RecordingWarning)
        return load_all(path)


BUNDLED = [recording for path in recording_paths([ROOT / "recordings"]) for recording in held_by(path)]
BROKEN_OFF = {*Ending, "partial", "unfinished"} - {"complete"}


def problems_of(recording):
    """Return in what the commands disagree on a recording."""
    text = b"".join(dump(recording))
    (row,) = listing(Reader(io.BytesIO(text)), check=True)
    checked, measured, shown = report(recording), stats(recording), summary(recording)
    timed = recording.head.timed and shown.knows_events
    said = {
        "outcome": {row.outcome, measured.outcome, shown.outcome},
        "stop reason": {row.stop_reason, measured.stop_reason, shown.stop_reason},
        "problems": {measured.problems, tuple(shown.problems)},
        "first text": {row.first_text, measured.first_token, shown.first_text if timed else None},
        "model": {row.model, measured.model},
        "at": {row.at, measured.at},
        "end": {row.end, measured.end, shown.ending},
        "events": {row.events, measured.events},
        "verdict": {row.verdict, checked.verdict.value},
        "verdict and outcome": {True, _fits(checked, shown)},
    }
    return [(name, *values) for name, values in said.items() if len(values) > 1]


def _fits(checked, shown):
    """Whether a verdict and an outcome mean the same."""
    outcome, reason = shown.outcome, shown.stop_reason
    match checked.verdict.value:
        case "complete":
            return outcome == (reason or "no_stop_reason") and checked.detail.startswith(
                f"{reason or 'no stop reason'}, "
            )
        case "partial":
            return outcome in BROKEN_OFF and (f", {reason}, " in checked.detail) is bool(reason)
        case "failed":
            return outcome == "no_response" or shown.status != 200 or shown.error is not None
        case _:  # not a stream: it may have broken off all the same
            return outcome == "not_a_stream" or not shown.events


def dumped(recording):
    """Return the recording as it comes out of its file."""
    (read,) = recordings(io.BytesIO(b"".join(dump(recording))))
    return replace(read, source="")


@pytest.mark.parametrize("name", FAULTS)
def test_of_bundled_recordings_with_a_fault(name):
    """Each fault is put into a quarter of the recordings, the next fault into the next quarter."""
    for recording in BUNDLED[[*FAULTS].index(name) % 4 :: 4]:
        try:
            broken = apply(recording, name)
        except InapplicableFaultError:
            continue
        except InspectorError as error:  # one that wants a second recording
            assert "=" in str(error)
            continue
        assert problems_of(dumped(broken)) == [], recording.source


def test_of_every_bundled_recording():
    for recording in BUNDLED:
        assert problems_of(recording) == [], recording.source


@pytest.mark.parametrize("absent", [set(), {"end"}, {"events"}, {"end", "events", "times"}])
def test_of_what_the_source_did_not_have(absent):
    """A complete end that stands in is no end, and neither are events made of a message events that came."""
    for recording in BUNDLED:
        head = replace(recording.head, extra={**(recording.head.extra or {}), "absent": sorted(absent)})
        recording = replace(recording, head=head)
        assert problems_of(recording) == [], recording.source
        measured = stats(recording)
        seen = recording.end and (recording.end.how != "complete" or "end" not in absent)
        assert measured.end == (recording.end.how if seen else None)
        assert (measured.events is None) == ("events" in absent)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the streams of real servers are not here")
def test_of_the_streams_of_real_servers():
    for path in recording_paths([CORPUS]):
        try:
            loaded = held_by(path)
        except InspectorError:
            continue
        for recording in loaded:
            assert problems_of(recording) == [], path


def test_of_streams_with_random_damage():
    chance = random.Random(12)
    for _ in range(150):
        broken = mutant(chance, BUNDLED)
        recording = dumped(broken)
        if summary(recording).body_json is None and not recording.body.startswith((b"{", b"<")):
            assert problems_of(recording) == [], recording.body
