"""Files and folders: a name for every recording, and recordings that overlap in time do not mix."""

from __future__ import annotations

import asyncio
import os
import re
import threading

import pytest
from conftest import ROOT
from loopback import Server, chunked, eventually
from recorded import BODY, PARTS, python

from inspector import Ending, RecordingWarning, load, load_all, tap
from inspector.record.files import Sink, target_for


def test_a_folder_is_created_and_gets_a_file_for_each_response(caller, tmp_path):
    with Server(chunked(PARTS)) as server:
        hooks = tap(tmp_path / "deep" / "down")
        for _ in range(3):
            caller.fetch(server.url, event_hooks=hooks)
    files = sorted((tmp_path / "deep" / "down").iterdir())
    assert len(files) == 3
    for file in files:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{6}(-\d+)?\.jsonl", file.name)
        assert load(file).body == BODY


def test_responses_of_the_same_microsecond_get_different_names(tmp_path):
    target = target_for(tmp_path)
    sinks = [target.open("2026-11-21_02-00-00-000000") for _ in range(3)]
    assert sorted(sink.path.name for sink in sinks) == [
        "2026-11-21_02-00-00-000000-2.jsonl",
        "2026-11-21_02-00-00-000000-3.jsonl",
        "2026-11-21_02-00-00-000000.jsonl",
    ]
    for sink in sinks:
        sink.finish()


def test_a_file_is_appended_to_after_a_writer_that_died_in_a_line(caller, tmp_path):
    file = tmp_path / "session.jsonl"
    torn = (ROOT / "recordings" / "broken" / "torn.jsonl").read_bytes()
    file.write_bytes(torn)
    with Server(chunked(PARTS)) as server:
        caller.fetch(server.url, event_hooks=tap(file))
    with pytest.warns(RecordingWarning, match="torn"):
        first, second = load_all(file)
    assert first.end is None
    assert (second.body, second.end.how) == (BODY, Ending.COMPLETE)
    assert file.read_bytes().startswith(torn + b'\n{"recording":1,')


HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00Z","request":{"method":"POST"}}\n'
END = b'{"t":2.000000,"end":"complete"}\n'


def overlapping(count):
    """Make scripts of responses that are all sent at the same time; return them and their bodies."""
    barrier = threading.Barrier(count)
    bodies, scripts = [], []
    for number in range(count):
        parts = [b'event: a\ndata: {"response":%d,"n":%d}\n\n' % (number, n) for n in range(20)]
        script = chunked(parts)
        script[5:5] = script[12:12] = [lambda: barrier.wait(60)]
        scripts.append(script)
        bodies.append(b"".join(parts))
    return scripts, bodies


def fetch_together(caller, urls_and_hooks):
    """Make several requests at the same time, in threads or in tasks."""
    if caller.mode == "sync":
        threads = [
            threading.Thread(target=caller.fetch, args=(url,), kwargs={"event_hooks": hooks})
            for url, hooks in urls_and_hooks
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    else:

        async def fetch(url, hooks):
            async with caller.library.AsyncClient(event_hooks=hooks, trust_env=False) as client:
                await client.post(url)

        async def fetch_all():
            await asyncio.gather(*(fetch(url, hooks) for url, hooks in urls_and_hooks))

        asyncio.run(fetch_all())


@pytest.mark.parametrize("place", ["", "session.jsonl"])
def test_responses_at_the_same_time_do_not_mix(caller, tmp_path, place):
    scripts, bodies = overlapping(8)
    with Server(*scripts) as server:
        hooks = tap(tmp_path / place)
        fetch_together(caller, [(server.url, hooks)] * 8)
    recordings = [r for file in tmp_path.iterdir() for r in load_all(file)]
    assert sorted(r.body for r in recordings) == sorted(bodies)
    assert {r.end.how for r in recordings} == {Ending.COMPLETE}
    assert len(list(tmp_path.iterdir())) == (1 if place else 8)


def test_responses_of_two_taps_on_one_file_do_not_mix(caller, tmp_path):
    scripts, bodies = overlapping(4)
    file = tmp_path / "session.jsonl"
    with Server(*scripts) as server:
        fetch_together(caller, [(server.url, tap(path)) for path in [file, str(file)] * 2])
    assert sorted(r.body for r in load_all(file)) == sorted(bodies)
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_process_left_waiting_is_appended(tmp_path):
    target = target_for(tmp_path / "s.jsonl")
    (tmp_path / "s.jsonl.waiting").mkdir()
    (tmp_path / "s.jsonl.waiting" / f"{os.getpid()}-1.jsonl").write_bytes(b"left behind\n")
    sinks = [target.open("one"), target.open("two")]
    for sink, line in zip(sinks, [b"1\n", b"2\n"], strict=True):
        sink.write(line)
        sink.finish()
    assert (tmp_path / "s.jsonl").read_bytes() == b"1\nleft behind\n2\n"
    assert [file.name for file in tmp_path.iterdir()] == ["s.jsonl"]


def test_a_file_that_was_removed_before_it_was_locked_is_not_used(tmp_path):
    sink = Sink(tmp_path / "part", os.O_CREAT)
    (tmp_path / "part").unlink()
    assert not sink.try_lock()
    sink.close()


def test_a_file_is_unlocked_after_its_recording_even_if_a_forked_child_has_it_open(tmp_path):
    target = target_for(tmp_path / "s.jsonl")
    sink = target.open("one")
    descriptor_of_child = os.dup(sink._file)
    sink.finish()
    sink = target.open("two")
    assert sink.path == tmp_path / "s.jsonl"
    sink.finish()
    os.close(descriptor_of_child)


def test_a_forked_child_that_releases_a_file_leaves_it_locked_for_its_parent(tmp_path):
    target = target_for(tmp_path / "s.jsonl")
    sink = target.open("one")
    descriptor_of_parent = os.dup(sink._file)
    sink.release()
    other = Sink(tmp_path / "s.jsonl", 0)
    assert not other.try_lock()
    os.close(descriptor_of_parent)
    assert other.try_lock()
    other.close()


def without_locks(monkeypatch):
    """As on some network file systems."""

    def no_locks(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    monkeypatch.setattr("inspector.record.locking._warned", set())


def test_without_locks_in_the_file_system_one_warning_says_so(library, tmp_path, monkeypatch):
    without_locks(monkeypatch)
    hooks = tap(tmp_path / "r.jsonl")
    with (
        Server(chunked(PARTS)) as server,
        library.Client(event_hooks=hooks) as client,
        pytest.warns(RecordingWarning, match="no locks .No locks available.; let only one process") as warned,
    ):
        client.get(server.url)
        client.get(server.url)
    assert len(warned) == 1
    assert [r.body for r in load_all(tmp_path / "r.jsonl")] == [BODY] * 2


@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")
def test_without_locks_the_threads_of_one_process_still_do_not_mix(caller, tmp_path, monkeypatch):
    without_locks(monkeypatch)
    scripts, bodies = overlapping(4)
    file = tmp_path / "session.jsonl"
    with Server(*scripts) as server:
        fetch_together(caller, [(server.url, tap(path)) for path in [file, str(file)] * 2])
    assert sorted(r.body for r in load_all(file)) == sorted(bodies)
    assert list(tmp_path.iterdir()) == [file]


def test_recordings_of_two_processes_in_one_file_do_not_mix(library, tmp_path):
    file = tmp_path / "session.jsonl"
    recorded = threading.Event()
    code = f"""
        import sys, {library.__name__} as library, inspector
        with library.Client(event_hooks=inspector.tap(sys.argv[1]), timeout=60) as client:
            client.get(sys.argv[2])
    """

    def record_another_here():
        assert eventually(lambda: file.exists() and b'"n":2' in file.read_bytes())
        with (
            Server(chunked([b"of this process\n\n"])) as own,
            library.Client(event_hooks=tap(file)) as client,
        ):
            client.get(own.url)
        recorded.set()

    script = chunked(PARTS)
    script[3:3] = [record_another_here]
    with Server(script) as server:
        process = python(code, file, server.url)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err, recorded.is_set()) == (0, "", True)
    assert [(r.body, r.end.how) for r in load_all(file)] == [
        (BODY, Ending.COMPLETE),
        (b"of this process\n\n", Ending.COMPLETE),
    ]
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_that_a_killed_process_left_is_hidden(tmp_path):
    file = tmp_path / "s.jsonl"
    target = target_for(file)
    sinks = [target.open("one"), target.open("two")]
    for sink in sinks:
        sink.write(HEAD + END)
    waiting = tmp_path / "s.jsonl.waiting" / f"{os.getpid()}-1.jsonl"
    assert sinks[1].path == waiting
    with pytest.warns(
        RecordingWarning, match=r"s\.jsonl: 1 recording is not in this file but in .*\.waiting"
    ):
        assert len(load_all(file)) == 1
    assert [r.source for r in load_all(tmp_path)] == [str(file), str(waiting)]
    for sink in sinks:
        sink.finish()
    assert len(load_all(file)) == 2


def test_a_stale_file_of_the_same_process_number_is_not_appended_to(tmp_path):
    folder = tmp_path / "s.jsonl.waiting"
    folder.mkdir()
    (folder / f"{os.getpid()}-1.jsonl").write_bytes(b"stale\n")
    target = target_for(tmp_path / "s.jsonl")
    sinks = [target.open("one"), target.open("two")]
    assert sinks[1].path.name == f"{os.getpid()}-2.jsonl"
    for sink in sinks:
        sink.close()
    assert (folder / f"{os.getpid()}-1.jsonl").read_bytes() == b"stale\n"
