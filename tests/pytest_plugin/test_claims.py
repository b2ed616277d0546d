"""One test of a run writes a file, also among parallel workers."""

from __future__ import annotations

import threading

import pytest

from inspector.pytest_plugin._claims import Claims


@pytest.fixture
def shared(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))


def test_in_one_process_a_file_is_known_as_written(tmp_path):
    claims = Claims()
    claims.hold([tmp_path / "a.jsonl"])
    assert not claims.is_written(tmp_path / "a.jsonl")
    claims.written(tmp_path / "a.jsonl")
    claims.release()
    assert claims.is_written(tmp_path / "a.jsonl")
    assert not claims.is_written(tmp_path / "b.jsonl")


def test_workers_wait_for_each_other_and_know_what_the_others_wrote(shared, tmp_path):
    one, other = Claims("run"), Claims("run")
    files = [tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    one.hold(files)
    seen = []

    def second():
        other.hold(reversed(files))
        seen.append(other.is_written(files[0]))
        other.release()

    thread = threading.Thread(target=second)
    thread.start()
    one.written(files[0])
    assert seen == []
    one.release()
    thread.join(10)
    assert seen == [True]
    assert not other.is_written(files[1])


def test_another_run_knows_nothing_of_it(shared, tmp_path):
    first = Claims("run")
    first.hold([tmp_path / "a"])
    first.written(tmp_path / "a")
    first.release()
    assert Claims("run").is_written(tmp_path / "a")
    assert not Claims("another").is_written(tmp_path / "a")
