"""A track writes what its reader noted, and no fault of writing reaches the reader."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import threading
import zlib

import brotli
import pytest
import zstandard
from conftest import Caller
from loopback import Server, chunked, encoder, eventually
from recorded import BODY, PARTS, Seeing, chunks_of, only

import inspector
from inspector import End, Ending, Head, RecordingWarning, Request, load, tap
from inspector.record.files import Sink, target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap


@pytest.mark.parametrize("broken_from", [0, 2])
def test_a_body_that_stops_decoding_ends_there_and_the_client_gets_its_own_error(
    caller, tmp_path, broken_from
):
    feed, _ = encoder("gzip")
    good = [feed(part) for part in PARTS[:broken_from]]
    script = chunked([*good, b"\xff not gzip at all \xff", b"more"], content_encoding="gzip")
    with Server(script) as server:
        bare = caller.fetch(server.url, read="bytes")
        tapped = caller.fetch(server.url, read="bytes", event_hooks=tap(tmp_path))
    assert isinstance(tapped.error, caller.library.DecodingError)
    assert tapped.seen == bare.seen
    recording = only(tmp_path)
    assert chunks_of(recording) == PARTS[:broken_from]
    assert recording.end.how is Ending.ABANDONED
    assert recording.end.error == f"DecodingError: {bare.error}"
    kept = [json.loads(line)["undecoded"]["base64"] for _, line in recording.others]
    assert [base64.b64decode(text) for text in kept] == [b"\xff not gzip at all \xff"]


def test_an_end_says_that_a_gzip_body_had_several_members(caller, tmp_path):
    with Server(chunked([gzip.compress(part) for part in PARTS], content_encoding="gzip")) as server:
        caller.fetch(server.url, read="bytes", event_hooks=tap(tmp_path))
    recording = only(tmp_path)
    assert b"".join(chunks_of(recording)) == BODY
    assert recording.end.extra == {"several_members": True}
    found = [finding.rule for finding in inspector.check(recording, select=["content-encoding-members"])]
    assert found == ["content-encoding-members"]


@pytest.mark.parametrize("broken_from", [0, 2])
def test_a_body_that_does_not_decode_replays_what_the_client_saw(caller, tmp_path, broken_from):
    feed, _ = encoder("gzip")
    good = [feed(part) for part in PARTS[:broken_from]]
    with Server(chunked([*good, b"\xff not gzip \xff", b"more"], content_encoding="gzip")) as server:
        request = {"url": f"{server.url}/v1/messages", "content": b'{"stream":true}', "read": "bytes"}
        tapped = caller.fetch(**request, event_hooks=tap(tmp_path))
        replayed = caller.fetch(**request, transport=inspector.replay(tmp_path))
    assert isinstance(replayed.error, caller.library.DecodingError)
    assert (str(replayed.error), replayed.chunks) == (str(tapped.error), tapped.chunks)


def test_a_body_that_does_not_decode_is_kept_without_its_secrets(library, tmp_path):
    key = b"sk-ant-api03-" + b"Ab3_" * 20
    with Server(chunked([b'{"echo":"' + key + b'"}'], content_encoding="gzip")) as server:
        Caller(library, "sync").fetch(server.url, read="bytes", event_hooks=tap(tmp_path))
    (kept,) = [json.loads(line)["undecoded"]["base64"] for _, line in only(tmp_path).others]
    assert b"Ab3_" not in base64.b64decode(kept)


def bomb(coding):
    """A few bytes that decode to 200 MB."""
    piece = bytes(1_000_000)
    if coding == "zstd":
        compressor = zstandard.ZstdCompressor().compressobj()
        return b"".join([*[compressor.compress(piece) for _ in range(200)], compressor.flush()])
    compressor = brotli.Compressor(quality=5)
    return b"".join([*[compressor.process(piece) for _ in range(200)], compressor.finish()])


@pytest.mark.parametrize("read", ["raw", "bytes"])
@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_a_few_bytes_that_decode_to_very_many_cost_bounded_memory_and_disk(library, tmp_path, coding, read):
    wire = bomb(coding)
    with Server(chunked([wire], content_encoding=coding)) as server:
        Caller(library, "sync").fetch(server.url, read=read, on_chunk=lambda: None, event_hooks=tap(tmp_path))
    # Under load this takes longer than a reader waits.
    assert eventually(lambda: any(b'"end"' in file.read_bytes() for file in tmp_path.iterdir()))
    (file,) = tmp_path.iterdir()
    assert file.stat().st_size < 4 * (16_000_000 + 1100 * len(wire))
    recording = load(file)
    assert recording.end.error == "DecodingError: the body decodes to more than 1100 times its size"
    (kept,) = [json.loads(line)["undecoded"]["base64"] for _, line in recording.others]
    assert base64.b64decode(kept) == wire
    assert len(recording.body) <= 17_000_000 + 1100 * len(wire)


def test_the_pieces_of_one_long_read_are_one_read(library, tmp_path):
    parts = [b"event: a\ndata: %b\n\n" % (b"%d" % n * 40_000) for n in range(9)] * 10
    wire = zlib.compress(b"".join(parts))
    with (
        Server(chunked([wire[:50], wire[50:]], content_encoding="deflate")) as server,
        library.Client(event_hooks=tap(tmp_path)) as client,
    ):
        assert client.get(server.url).content == b"".join(parts)
    first, rest = chunks_of(only(tmp_path))
    assert first + rest == b"".join(parts)
    assert len(rest) > 3_000_000


def test_a_zstd_body_without_its_end_is_whole_for_http_and_not_for_the_client(library, tmp_path):
    wire = zstandard.ZstdCompressor().compress(BODY)[:-3]
    caller = Caller(library, "sync")
    with Server(chunked([wire], content_encoding="zstd")) as server:
        request = {"url": f"{server.url}/v1/messages", "content": b'{"stream":true}', "read": "bytes"}
        tapped = caller.fetch(**request, event_hooks=tap(tmp_path))
        replayed = caller.fetch(**request, transport=inspector.replay(tmp_path))
    assert (type(replayed.error), str(replayed.error)) == (type(tapped.error), str(tapped.error))
    assert only(tmp_path).end[1:3] == (Ending.COMPLETE, "DecodingError: Zstandard data is incomplete")


def test_reads_have_different_times_even_if_the_clock_stops_or_goes_back(caller, tmp_path):
    times = itertools.chain([5.0, 5.5, 5.5, 5.5, 5.2], itertools.repeat(5.5))
    with Server(chunked(PARTS[:3])) as server:
        hooks = Tap(Journal(target_for(tmp_path), interval=0.01), clock=lambda: next(times))
        caller.fetch(server.url, event_hooks=hooks)
    recording = only(tmp_path)
    assert list(recording.chunks()) == [(0.5, PARTS[0]), (0.500001, PARTS[1]), (0.500002, PARTS[2])]
    assert recording.end.t == 0.500003


def test_an_observer_that_fails_stops_the_recording_and_not_the_stream(caller, tmp_path):
    hooks = Tap(Journal(target_for(tmp_path), lambda: Seeing(lambda value: 1 / 0), interval=0.01))
    warns = pytest.warns(RecordingWarning, match="recording stopped: ZeroDivisionError")
    with Server(chunked(PARTS)) as server, warns:
        fetched = caller.fetch(server.url, event_hooks=hooks)
    assert (fetched.chunks, fetched.error) == (PARTS, None)


def test_nothing_is_kept_in_memory_after_recording_has_stopped(library):
    hooks = Tap(Journal(None, lambda: Seeing(lambda value: 1 / 0), interval=0.01))
    script = chunked(PARTS)
    script[2:2] = [lambda: eventually(lambda: hooks.failure)]
    warns = pytest.warns(RecordingWarning, match="ZeroDivisionError")
    client = library.Client(event_hooks=hooks)
    with Server(script) as server, client, warns, client.stream("GET", server.url) as response:
        for _ in response.iter_raw():
            pass
        assert not response.stream._track._unwritten


def test_a_reader_too_far_ahead_of_the_disk_loses_its_recording_and_goes_on(library, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.record.track._LOOK", 3)
    monkeypatch.setattr("inspector.record.journal._PENDING_LIMIT", 3)
    warns = pytest.warns(RecordingWarning, match="the disk is too slow")
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=tap(tmp_path)) as client, warns:
        assert client.get(server.url).content == BODY


HEAD = Head("2026-11-21T02:00:00.000000Z", Request("GET", "http://nowhere.test/", {}), None)


def test_a_response_that_is_collected_while_its_own_thread_writes_it_does_not_block_that_thread(monkeypatch):
    values = []
    closed = threading.Event()

    def observe(value):
        values.append(value)
        if value is HEAD:  # as if the garbage collector closed the response here
            track.finish(2.0, Ending.ABANDONED)
            closed.set()

    monkeypatch.setattr("inspector.record.journal.PATIENCE", 600)
    journal = Journal(None, lambda: Seeing(observe), interval=0.1)
    track = journal.begin(HEAD, sent=1.0, mask=bytes)
    assert closed.wait(60)  # less than the journal's patience
    assert eventually(lambda: values == [HEAD, End(1.0, Ending.ABANDONED)])


def test_a_reader_does_not_wait_longer_than_the_timeout_for_a_disk_that_hangs(monkeypatch):
    monkeypatch.setattr("inspector.record.journal.PATIENCE", 0.01)
    writes, go_on = threading.Event(), threading.Event()
    values = []

    def hang(value):
        values.append(value)
        writes.set()
        go_on.wait(60)

    journal = Journal(None, lambda: Seeing(hang), interval=0)
    track = journal.begin(HEAD, sent=1.0, mask=bytes)
    assert writes.wait(60)
    track.finish(2.0, Ending.COMPLETE)
    assert values == [HEAD]
    go_on.set()
    assert eventually(lambda: values == [HEAD, End(1.0, Ending.COMPLETE)])


@pytest.mark.parametrize("cut", [1, 7, len(PARTS[0]), 3 * len(PARTS[0]), len(BODY)])
def test_a_file_is_the_same_with_and_without_an_observer(tmp_path, cut):
    body = BODY + b": comment\n\n" + BODY.replace(b"\n", b"\r\n") + BODY + b"event: unfinished"
    chunks = [body[at : at + cut] for at in range(0, len(body), cut)]
    recordings = []
    for observe in (None, lambda: Seeing(lambda value: None)):
        times = itertools.count(1)
        file = tmp_path / f"{observe is None}.jsonl"
        journal = Journal(target_for(file), observe, interval=30)
        track = journal.begin(HEAD, sent=0.0, mask=bytes)
        for number, chunk in enumerate(chunks):
            track.note(float(next(times)), chunk)
            if number % 3 == 0:
                journal.flush()
        track.finish(float(next(times)), Ending.COMPLETE)
        recordings.append(file.read_bytes())
        assert chunks_of(load(file)) == chunks
    assert recordings[0] == recordings[1]


def test_a_flush_waits_until_a_finished_file_has_its_name(tmp_path, monkeypatch):
    """A command flushes and ends: what is still to be done then is never done."""
    finish, left = Sink.finish, []

    def finishing(self, name=""):
        left.append(list(journal._tracks))
        finish(self, name)

    monkeypatch.setattr(Sink, "finish", finishing)
    journal = Journal(target_for(tmp_path), interval=0)
    track = journal.begin(HEAD, sent=1.0, mask=bytes)
    written = threading.Event()
    track.finish(2.0, Ending.COMPLETE, then=written.set)
    assert written.wait(60)
    assert left == [[track]]
