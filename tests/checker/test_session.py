"""A file is checked while it is read, recording by recording; every finding names the line it is about."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from check_examples import EXAMPLES
from streams import GOOD, STOP, events_of, message_delta, opens, recording, start

from inspector.checker import Limits, Profile, Verdict, report
from inspector.checker.session import session_reports
from inspector.errors import FormatError, RecordingError
from inspector.recording import Reader, dump, recordings

CUT = EXAMPLES["message-stop-missing"].recording


def text_of(*several):
    return b"".join(b"".join(dump(each)) for each in several)


def checked(text, name="x.jsonl", **options):
    return list(session_reports(Reader(io.BytesIO(text), name), **options))


def places(reports):
    return [(finding.rule, finding.line) for each in reports for finding in each.findings]


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_file_gets_the_report_of_the_recording_in_it(example):
    (made,) = checked(text_of(example.recording))
    expected = report(example.recording)
    assert (made.verdict, made.file, made.number) == (expected.verdict, "x.jsonl", 1)
    assert [(f.rule, f.message, f.event) for f in made.findings] == [
        (f.rule, f.message, f.event) for f in expected.findings
    ]


def test_every_recording_of_a_session_has_its_report_with_its_number():
    reports = checked(text_of(recording(GOOD), CUT, recording(GOOD)), "s.jsonl")
    assert [(each.number, each.verdict) for each in reports] == [
        (1, Verdict.COMPLETE),
        (2, Verdict.PARTIAL),
        (3, Verdict.COMPLETE),
    ]


def test_message_ids_are_remembered_from_one_recording_to_the_next():
    alone, session = recording(GOOD), text_of(recording(GOOD), recording(GOOD))
    new = {rule for rule, _ in places(checked(session))} - {
        finding.rule for finding in report(alone).findings
    }
    assert len(new) == 1


def test_a_finding_is_at_the_line_of_its_event_in_its_own_recording():
    doubled = recording(*events_of(GOOD + STOP))
    lines = text_of(doubled).count(b"\n")
    text = text_of(doubled) + b"\n\n" + text_of(doubled)
    duplicates = [line for rule, line in places(checked(text)) if rule == "message-stop-duplicate"]
    assert duplicates == [lines - 1, lines + 2 + lines - 1]


def test_what_is_found_at_the_end_is_at_the_last_line_of_its_own_recording():
    unfinished = recording(start() + opens(0), how=None)
    lines = text_of(unfinished).count(b"\n")
    text = text_of(unfinished) + b"\n" + text_of(recording(GOOD))
    assert dict(places(checked(text)))["recording-unfinished"] == lines


def test_of_a_torn_recording_the_torn_line_is_the_last():
    torn = text_of(recording(start() + opens(0), how=None)) + b'{"t":1,"ev'
    lines = dict(places(checked(torn + b"\n" + text_of(recording(GOOD)))))
    assert lines["recording-unfinished"] == torn.count(b"\n") + 1


def test_a_file_that_stops_being_a_recording_is_reported_up_to_there():
    reader = Reader(io.BytesIO(text_of(recording(start() + opens(0))) + b"oops\n{}\n"), "x.jsonl")
    reports = session_reports(reader)
    assert next(reports).verdict is Verdict.PARTIAL
    with pytest.raises(FormatError, match=r"^x\.jsonl:5: not a line of a recording"):
        next(reports)


def test_a_recording_that_came_whole_is_whole_also_if_the_file_goes_wrong_after_it():
    reports = session_reports(Reader(io.BytesIO(text_of(recording(GOOD)) + b"oops\n{}\n"), "x.jsonl"))
    whole = next(reports)
    assert (whole.verdict, whole.findings) == (Verdict.COMPLETE, ())
    with pytest.raises(FormatError):
        next(reports)


@pytest.mark.parametrize("text", [b"", b"hello\n"])
def test_what_is_no_recording_has_no_report(text):
    with pytest.raises(RecordingError):
        checked(text)


def test_the_options_are_those_of_the_checker():
    text = text_of(recording(*((0.5 + n, part) for n, part in enumerate(events_of(GOOD + STOP)))))
    assert [each.profile for each in checked(text, profile=Profile.COMPAT)] == [Profile.COMPAT]
    assert places(checked(text, rules={"frame-event-missing"})) == []
    limits = Limits()._replace(gap_idle=0.5)
    assert "gap-idle" in dict(places(checked(text, limits=limits)))
    assert "gap-idle" not in dict(places(checked(text)))


def test_times_that_are_not_real_are_not_judged():
    late = recording(start(), (400.0, message_delta() + STOP + STOP))
    assert "gap-idle" in dict(places(checked(text_of(late))))
    untimed = text_of(late).replace(b'{"recording":1,', b'{"recording":1,"untimed":true,')
    assert "gap-idle" not in dict(places(checked(untimed)))
    (loaded,) = recordings(io.BytesIO(untimed))
    assert "gap-idle" not in dict(places([report(loaded)]))
    assert {finding.t for finding in report(loaded).findings} <= {None}


def test_memory_does_not_grow_with_the_file():
    pieces = [start(), opens(0), *[b'event: ping\ndata: {"type": "ping"}\n\n'] * 20_000]
    text = text_of(recording(*pieces))
    reader = Reader(io.BytesIO(text), "x.jsonl")
    tracemalloc.start()
    list(session_reports(reader))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000 < len(text)
