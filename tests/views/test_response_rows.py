"""A row of a table says what `inspector.stats`, `report` and `ls` say of the same recording."""

from __future__ import annotations

import io
import random
from datetime import UTC, datetime

import pytest
from conftest import CORPUS, ROOT
from every_recording import RECORDINGS
from mutants import mutant
from small_recordings import small, stream

from inspector import stats
from inspector.checker import Severity
from inspector.checker.session import session_reports
from inspector.errors import InspectorError, RecordingError
from inspector.faults import FAULTS, apply
from inspector.formats import recordings
from inspector.formats.door import importing
from inspector.recording import Head, Reader, Recording, Request, dump
from inspector.views.key_numbers import longest_silence
from inspector.views.listing import listing
from inspector.views.response_rows import response_rows

pytestmark = pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")

STRANGERS = sorted(path for path in (ROOT.parent / "shared" / "formats").glob("*.*"))


def bytes_of(*recordings):
    return b"".join(line for recording in recordings for line in dump(recording))


def rows_of(text, name="x.jsonl", **options):
    return [row for row, _ in response_rows(Reader(io.BytesIO(text), name, importing), **options)]


def assert_same(text, name="x.jsonl"):
    """Compare the rows of a file with three readings of the same file."""
    rows = rows_of(text, name)
    loaded = list(recordings(io.BytesIO(text), name))
    listed = list(listing(Reader(io.BytesIO(text), name, importing), check=True))
    reports = list(session_reports(Reader(io.BytesIO(text), name, importing)))
    assert len(rows) == len(loaded) == len(listed) == len(reports)
    for number, each in enumerate(zip(rows, loaded, listed, reports, strict=True), 1):
        row, recording, line, checked = each
        assert (row.source, row.number) == (name, number)
        assert_row(row, stats(recording), checked)
        assert (row.status, row.verdict, row.errors) == (line.status, line.verdict, line.errors)
        assert (row.warnings, row.stop_reason) == (line.warnings, line.stop_reason)
        assert (row.ending, row.events) == (line.end, line.events)
    return rows


def assert_row(row, s, checked):
    assert row.status == s.status
    assert row.model == s.model
    assert row.ending == s.end
    assert row.stop_reason == s.stop_reason
    assert (row.events, row.bytes) == (s.events, s.bytes)
    assert row.pings == (s.pings.count if s.pings else None)
    assert row.time_to_first_byte == s.first_byte
    assert row.time_to_first_event == s.first_event
    assert row.time_to_first_text == s.first_token
    assert row.duration == s.duration
    assert row.longest_gap == (s.event_gaps.longest.seconds if s.event_gaps else None)
    silence = longest_silence(s)
    assert row.longest_silence == (silence.seconds if silence else None)
    tokens = s.tokens
    assert (row.input_tokens, row.output_tokens) == (tokens.input, tokens.output)
    assert (row.cache_read_tokens, row.cache_creation_tokens) == (tokens.cache_read, tokens.cache_write)
    assert row.thinking_tokens == tokens.thinking
    assert row.verdict == checked.verdict
    assert (row.errors, row.warnings) == tuple(map(checked.count, (Severity.ERROR, Severity.WARNING)))
    assert set(row.rules) == {finding.rule for finding in checked.findings}
    assert len(row.rules) == len(set(row.rules))


@pytest.mark.parametrize("path", sorted((ROOT / "recordings").rglob("*.jsonl")), ids=lambda path: path.stem)
def test_a_bundled_recording(path):
    assert_same(path.read_bytes())


@pytest.mark.parametrize("name", FAULTS)
def test_a_recording_with_a_fault(name):
    """Each fault is put into a quarter of the recordings, the next fault into the next quarter."""
    for recording in [*RECORDINGS.values()][[*FAULTS].index(name) % 4 :: 4]:
        try:
            broken = apply(recording, name)
        except InspectorError:
            continue  # inapplicable, or one that wants a second recording
        assert_same(bytes_of(broken))


def test_a_session_of_every_recording_has_a_row_for_each():
    rows = assert_same(bytes_of(*RECORDINGS.values()))
    assert [row.number for row in rows] == [*range(1, len(RECORDINGS) + 1)]


def test_recordings_with_random_damage():
    chance, pool = random.Random(14), list(RECORDINGS.values())
    for _ in range(300):
        assert_same(bytes_of(mutant(chance, pool)))


@pytest.mark.parametrize("path", STRANGERS, ids=lambda path: path.name)
def test_a_file_of_another_tool(path):
    text = path.read_bytes()
    try:
        held = list(recordings(io.BytesIO(text), path.name))
    except RecordingError:
        pytest.skip("it holds nothing that can be read")
    assert len(assert_same(text, path.name)) == len(held)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the streams of real servers are not here: {CORPUS}")
def test_streams_of_real_servers():
    paths = [path for kind in ("sse", "jsonl") for path in sorted(CORPUS.glob(f"*/**/*.{kind}"))]
    assert paths
    for path in paths:
        try:
            list(recordings(io.BytesIO(path.read_bytes()), path.name))
        except RecordingError:
            continue
        assert_same(path.read_bytes(), path.name)


def test_the_row_names_what_answered():
    url = "https://user:secret@Gateway.example:8443/v1/messages?key=1"
    start = {"type": "message_start", "message": {"type": "message", "id": "msg_1", "model": "claude-x"}}
    sent = stream(start, {"type": "message_stop"})
    head = Head("2026-11-22T10:20:30.5+01:00", Request("POST", url, {}, b"{}"), sent.response)
    (row,) = rows_of(bytes_of(Recording(head, sent.blocks, sent.end)))
    assert row.at == datetime(2026, 11, 22, 9, 20, 30, 500_000, tzinfo=UTC)
    assert (row.host, row.model) == ("gateway.example", "claude-x")
    assert (row.message_id, row.request_id) == ("msg_1", "req_small")


def test_the_silence_of_a_body_that_is_no_stream_is_that_without_a_byte():
    sent = RECORDINGS["error_401"]
    (row,) = rows_of(bytes_of(sent))
    silences = stats(sent).silences
    assert silences.content is None
    assert row.longest_silence == silences.bytes.seconds > 0


def test_a_whole_message_has_its_id():
    body = b'{"type":"message","id":"msg_7","model":"m","stop_reason":"end_turn","content":[]}'
    sent = small(body, body=b'{"model":"m"}')
    assert rows_of(bytes_of(sent))[0].message_id == "msg_7"


@pytest.mark.parametrize("at", ["", "yesterday", "0001-01-01T00:00:00+14:00", "2026-13-01"])
def test_a_date_that_is_none_is_unknown(at):
    head = Head(at, Request("POST", "http://[bad/v1/messages", {}, b"{}"))
    (row,) = rows_of(bytes_of(Recording(head, (), stream().end)))
    assert (row.at, row.host, row.status, row.request_id) == (None, None, None, None)


def test_the_rows_before_the_place_where_reading_fails_come_first():
    text = bytes_of(*[*RECORDINGS.values()][:2]) + b"broken\n{}\n"
    rows = response_rows(Reader(io.BytesIO(text), "x.jsonl"))
    assert [next(rows)[0].number, next(rows)[0].number] == [1, 2]
    with pytest.raises(RecordingError):
        next(rows)


def test_all_blocks_are_seen_with_their_recording():
    seen = {}
    sent = [RECORDINGS["hello"], RECORDINGS["thinking"], stream(end=None)]
    rows_of(bytes_of(*sent), seen=lambda number, head, blocks: seen.setdefault(number, []).extend(blocks))
    assert seen == {1: list(sent[0].blocks), 2: list(sent[1].blocks)}
