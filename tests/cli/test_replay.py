"""`inspector replay`: what `show` prints, at the recorded pace."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli, replay
from inspector.recording.bundled import bundled_recording

TOOL = str(bundled_recording("tool_use"))


def run(*arguments):
    return CliRunner().invoke(cli, arguments)


class Clock:
    """A clock that moves only while somebody sleeps on it."""

    def __init__(self):
        self.now = 100.0
        self.naps = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds


def play(monkeypatch, *options):
    clock = Clock()
    monkeypatch.setattr(replay, "time", clock)
    start = clock.now
    assert run("replay", TOOL, *options).exit_code == 0
    return clock, clock.now - start


def test_it_takes_the_recorded_time(monkeypatch):
    _, seconds = play(monkeypatch)
    assert seconds == pytest.approx(inspector.load(TOOL).end.t)


def test_twice_the_speed_is_half_the_time(monkeypatch):
    _, seconds = play(monkeypatch, "--speed", "2")
    assert seconds == pytest.approx(inspector.load(TOOL).end.t / 2)


def test_no_wait_is_longer_than_the_longest_gap_allowed(monkeypatch):
    clock, seconds = play(monkeypatch, "--max-gap", "0.03")
    assert max(clock.naps) == pytest.approx(0.03)
    times = [0.0, inspector.load(TOOL).response.t, *(b.t for b in inspector.load(TOOL).blocks)]
    times.append(inspector.load(TOOL).end.t)
    assert seconds == pytest.approx(sum(min(b - a, 0.03) for a, b in itertools.pairwise(times)))


def test_it_prints_what_show_prints(monkeypatch):
    monkeypatch.setattr(replay, "time", Clock())
    for name in ("tool_session", "broken/html", "unicode"):
        path = str(bundled_recording(name))
        assert run("replay", path).stdout == run("show", "--unfold", path).stdout
        assert run("replay", "--fold", path).stdout == run("show", path).stdout


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_being_shown(tmp_path):
    (tmp_path / "a.jsonl").touch()
    (tmp_path / "b.jsonl").write_bytes(Path(bundled_recording("hello")).read_bytes())
    result = CliRunner().invoke(cli, ["replay", "--speed", "1000", str(tmp_path)])
    assert result.exit_code == 3
    assert "a.jsonl: is empty" in result.stderr
    assert "message_stop" in result.stdout


@pytest.mark.parametrize(
    ("format_", "said"), [("pretty", "stdout"), ("text", "stderr"), ("message", "stderr")]
)
def test_what_is_interrupted_is_not_called_a_recording_without_an_end(monkeypatch, format_, said):
    clock = Clock()
    monkeypatch.setattr(replay, "time", clock)

    def interrupted(seconds):
        clock.now += seconds
        if clock.now > 101.0:
            raise KeyboardInterrupt

    clock.sleep = interrupted
    result = run("replay", str(bundled_recording("broken/timeout")), "--format", format_)
    assert result.exit_code == 130
    assert "without an end" not in result.output
    if format_ != "text":  # of which some has come
        assert "interrupted: what follows is not shown" in getattr(result, said)
