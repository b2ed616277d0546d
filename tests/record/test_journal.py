"""The journal writes soon, and a kill, a fork, an exit or a garbage collection does no harm."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time

import pytest
from loopback import END, STALL, STREAM_HEADERS, Server, chunk, chunked, eventually, head
from recorded import BODY, PARTS, Seeing, by_time, chunks_of, only, python

from inspector import Ending, Head, Request, load, load_all, tap
from inspector.http_library import sdk_library
from inspector.record import journal as journal_module
from inspector.record.files import target_for
from inspector.record.journal import Journal
from inspector.record.tap import Tap

HEAD = Head("2026-11-21T02:00:00.000000Z", Request("GET", "http://nowhere.test/", {}), None)


@contextlib.contextmanager
def open_unread(path):
    """Open a pipe for reading, without waiting."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as file:
        whole = bytearray()

        class Pipe:
            def read(self):
                whole.extend(file.read(1 << 20) or b"")
                return whole

        yield Pipe()


@pytest.mark.parametrize("place", ["folder", "folder/", "file.jsonl"])
def test_what_has_arrived_is_on_disk_while_the_server_pauses(caller, tmp_path, place):
    folder = tmp_path / "folder" if place != "file.jsonl" else tmp_path
    arrived = []

    def is_on_disk(part):
        data = part.split(b"data: ")[1].strip()
        written = lambda: any(data in file.read_bytes() for file in folder.glob("*"))  # noqa: E731
        return lambda: arrived.append(eventually(written))

    script = [head(transfer_encoding="chunked")]
    for part in PARTS[:3]:
        script += [chunk(part), is_on_disk(part)]
    with Server([*script, END]) as server:
        caller.fetch(server.url, event_hooks=tap(f"{tmp_path}/{place}"))
    assert arrived == [True, True, True]


JSON_HEADERS = {"content-type": "application/json"}
UNFINISHED = {
    "half of an event": (STREAM_HEADERS, b'event: a\ndata: {"text":"' + b"five thousand " * 400),
    "JSON, but not all of it": (
        {"content-type": "application/json"},
        b'{"id":"msg_1","content":[' + b" " * 50,
    ),
    "all of a JSON document": (JSON_HEADERS, b'{"id":"msg_1","content":[]}'),
    "bytes that are no text": (STREAM_HEADERS, b"\xff\x00" * 2500),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_what_is_not_finished_is_on_disk_too_while_the_server_pauses(caller, tmp_path, name):
    headers, body = UNFINISHED[name]
    read = []

    def is_on_disk():
        def written():
            files = [file for file in tmp_path.iterdir() if file.stat().st_size]
            read[:] = [load(file).body for file in files]
            return read == [body]

        read.append(eventually(written))

    script = [
        head(200, headers, transfer_encoding="chunked"),
        chunk(body[:20]),
        chunk(body[20:]),
        is_on_disk,
        END,
    ]
    with Server(script) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path))
    assert read == [body, True]
    assert only(tmp_path).body == body


def test_a_pipe_that_nobody_reads_holds_readers_up_once_and_no_longer_than_stated(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.record.journal.PATIENCE", 1.0)
    os.mkfifo(tmp_path / "r.jsonl")
    parts = [b'event: a\ndata: {"n":"%b"}\n\n' % (b"x" * 1000)] * 200  # more than fits into a pipe
    took = []
    library = sdk_library()
    with Server(chunked(parts)) as server, library.Client(event_hooks=tap(tmp_path / "r.jsonl")) as client:
        for _ in range(3):
            start = time.monotonic()
            assert client.get(server.url).content == b"".join(parts)
            took.append(time.monotonic() - start)
    assert took[0] >= 1.0
    assert max(took) < 10
    assert took[1] < took[0]
    with open_unread(tmp_path / "r.jsonl") as pipe:  # somebody reads at last
        assert eventually(lambda: pipe.read().count(b'"end":"complete"') or b"")


def test_a_flush_waits_for_a_thread_that_is_slow_and_writes(monkeypatch):
    monkeypatch.setattr("inspector.record.journal.PATIENCE", 0.05)
    monkeypatch.setattr("inspector.record.track._BATCH", 1)
    turn, values, writes, total = threading.Semaphore(0), [], Journal._writes, 1 + 4 * len(PARTS)

    def slow(value):
        assert turn.acquire(timeout=60)
        values.append(value)

    def writes_after_another(journal):
        before = writes(journal)

        def another():
            turn.release()
            return writes(journal) > before or len(values) == total

        assert eventually(another)
        return writes(journal)

    monkeypatch.setattr(Journal, "_writes", writes_after_another)
    journal = Journal(None, lambda: Seeing(slow), interval=0)
    track = journal.begin(HEAD, sent=0.0, mask=bytes)
    for part in PARTS * 4:
        track.note(1.0, part)
    journal.flush()
    assert len(values) == total


def test_a_reader_that_comes_while_the_thread_takes_its_tokens_is_served_at_once(tmp_path, monkeypatch):
    """Its token may be drained with the others, after the pause in which the thread serves readers."""
    monkeypatch.setattr(journal_module, "_IDLE_TIMEOUT", 60)
    journal = Journal(target_for(tmp_path), interval=0.0)
    track = journal.begin(HEAD, sent=0.0, mask=bytes)
    journal.flush()
    drain, came, served = journal_module._all_of, [], threading.Event()

    def comes_now(tokens):
        if not came:
            came.append(journal.write_then(track, served.set))
        return drain(tokens)

    monkeypatch.setattr(journal_module, "_all_of", comes_now)
    journal._noted.put(None)
    assert served.wait(30)  # half of the time after which the thread looks again by itself
    track.finish(1.0, Ending.COMPLETE)


def test_the_file_is_complete_before_the_reader_goes_on_after_the_end(tmp_path):
    hooks = Tap(Journal(target_for(tmp_path / "r.jsonl"), interval=30))  # too late for the thread
    library = sdk_library()
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks) as client:
        for number in (1, 2):
            with client.stream("GET", server.url) as response:
                for _ in response.iter_raw():
                    pass
                recordings = load_all(tmp_path / "r.jsonl")
            assert [r.end.how for r in recordings] == [Ending.COMPLETE] * number
            assert recordings[-1].body == BODY


def test_the_thread_of_an_idle_journal_ends_and_a_new_response_starts_another(library, tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.record.journal._IDLE_TIMEOUT", 0.01)
    hooks = tap(tmp_path)
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks) as client:
        for _ in range(2):
            client.get(server.url)
            assert eventually(lambda: hooks._journal._thread is None)
    assert [r.end.how for r in by_time(tmp_path)] == [Ending.COMPLETE] * 2


def test_a_response_that_is_collected_while_the_journal_holds_its_lock_does_not_block_it(library, tmp_path):
    hooks = tap(tmp_path)
    journal = hooks._journal
    done = threading.Event()

    def collect(chunks):
        with journal._lock:  # as if the garbage collector ran in here
            chunks.pop().close()
        done.set()

    with Server([*chunked(PARTS[:1])[:-1], STALL]) as server, library.Client(event_hooks=hooks) as client:
        response = client.send(client.build_request("GET", server.url), stream=True)
        chunks = response.iter_raw()
        next(chunks)
        threading.Thread(target=collect, args=([chunks],), daemon=True).start()
        assert done.wait(60)
        response.close()
    assert only(tmp_path).end.how is Ending.ABANDONED


def test_unread_responses_may_be_collected_at_any_call_that_we_make(tmp_path):
    journal = Journal(target_for(tmp_path), interval=0)
    unread = [journal.begin(HEAD, sent=0.0, mask=bytes) for _ in range(300)]

    def collect(frame, event, _):
        if event == "call" and unread:
            unread.pop().abandon(1.0)

    def record():
        sys.setprofile(collect)
        while unread:
            track = journal.begin(HEAD, sent=0.0, mask=bytes)
            track.note(0.5, BODY)
            journal.flush()
            track.finish(1.0, Ending.COMPLETE)

    thread = threading.Thread(target=record, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert eventually(lambda: all(b'"end"' in file.read_bytes() for file in tmp_path.iterdir()))


def test_a_killed_process_leaves_every_line_that_it_wrote(library, tmp_path):
    file = tmp_path / "r.jsonl"
    started = []

    def kill():
        assert eventually(lambda: file.exists() and b'"n":2' in file.read_bytes())
        os.kill(started[0].pid, signal.SIGKILL)

    script = [*chunked(PARTS[:2])[:-1], kill, chunk(PARTS[2]), STALL]
    code = f"""
        import sys, {library.__name__} as library, inspector
        with library.Client(event_hooks=inspector.tap(sys.argv[1]), timeout=60) as client:
            client.get(sys.argv[2])
    """
    with Server(script) as server:
        process = python(code, file, server.url)
        started.append(process)
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    recording = load(file)
    assert recording.end is None
    assert not recording.torn
    assert recording.body[: len(PARTS[0] * 2)] == PARTS[0] + PARTS[1]


def test_many_taps_with_open_responses_do_not_keep_a_process_from_ending(library, tmp_path):
    code = f"""
        import sys, time, {library.__name__} as library, inspector
        unfinished = []
        for number in range(10):
            hooks = inspector.tap(f"{{sys.argv[1]}}/{{number}}.jsonl")
            client = library.Client(event_hooks=hooks, trust_env=False)
            client.get(sys.argv[2])
            response = client.send(client.build_request("GET", sys.argv[3]), stream=True)
            chunks = response.iter_raw()
            next(chunks)
            unfinished.append((client, response, chunks))
        print(time.monotonic())
    """
    with Server(chunked(PARTS)) as complete, Server([*chunked(PARTS[:1])[:-1], STALL]) as stalled:
        process = python(code, tmp_path, complete.url, stalled.url)
        out, err = process.communicate(timeout=60)
        ended = time.monotonic()
    assert (process.returncode, err) == (0, "")
    assert ended - float(out) < 3
    for number in range(10):
        first, second = load_all(tmp_path / f"{number}.jsonl")
        assert (first.body, first.end.how) == (BODY, Ending.COMPLETE)
        assert second.body == PARTS[0]


@pytest.mark.parametrize("place", ["", "session.jsonl"])
def test_a_fork_in_the_middle_of_a_stream_leaves_its_recording_to_the_parent(library, tmp_path, place):
    code = f"""
        import os, sys, warnings, {library.__name__} as library, inspector
        from inspector.record.files import Sink, target_for
        from inspector.record.journal import Journal
        from inspector.record.tap import Tap
        warnings.simplefilter("default", DeprecationWarning)  # of forking with threads, in later Pythons
        hooks = Tap(Journal(target_for(sys.argv[1]), interval=30))
        client = library.Client(event_hooks=hooks, trust_env=False)
        with client.stream("GET", sys.argv[2]) as response:
            chunks = response.iter_raw()
            next(chunks)
            hooks.flush()
            next(chunks)  # noted, but not written
            if not (child := os.fork()):
                with library.Client(event_hooks=hooks, trust_env=False) as own:
                    own.get(sys.argv[3])
                sys.exit()  # with the functions that run at an exit
            os.waitpid(child, 0)
            for _ in chunks:
                pass
    """
    with Server(chunked(PARTS)) as server, Server(chunked([b"of the child\n\n"])) as child:
        process = python(code, tmp_path / place, server.url, child.url)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    of_parent, of_child = load_all(tmp_path / place) if place else by_time(tmp_path)
    assert chunks_of(of_parent) == PARTS
    assert (of_parent.end.how, of_child.end.how) == (Ending.COMPLETE, Ending.COMPLETE)
    assert of_child.body == b"of the child\n\n"


def test_recordings_of_one_file_stay_in_the_order_in_which_they_began(tmp_path):
    journal = Journal(target_for(tmp_path / "r.jsonl"), interval=0.2)
    for number in range(20):  # all of them before the thread writes the first one
        head_ = Head(HEAD.at, Request("GET", f"http://nowhere.test/{number}", {}), None)
        journal.begin(head_, sent=0.0, mask=bytes).finish(1.0, Ending.COMPLETE, then=list)
    journal.flush()
    urls = [each.request.url for each in load_all(tmp_path / "r.jsonl")]
    assert urls == [f"http://nowhere.test/{number}" for number in range(20)]
