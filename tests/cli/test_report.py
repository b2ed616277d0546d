"""`inspector report`: where the page goes, and what is said about it."""

from __future__ import annotations

import json
import re
import shutil

import click
import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.cli import report as report_command
from inspector.recording.bundled import bundled_recording

HELLO, CUT, SESSION = (str(bundled_recording(name)) for name in ("hello", "broken/cut_text", "tool_session"))


def run(*arguments):
    return CliRunner().invoke(cli, ["report", *map(str, arguments)])


def facts_in(page):
    return json.loads(re.search(rb'id="facts"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_goes_into_the_current_folder(here):
    result = run(HELLO)
    assert result.exit_code == 0
    assert result.stdout == ""
    page = (here / "report.html").read_bytes()
    assert f"report.html has 1 recording, {len(page) / 1e3:.0f} kB" in result.stderr
    assert page.startswith(b"<!doctype html>")


def test_the_page_goes_to_standard_output():
    result = run(HELLO, "-o", "-")
    assert result.stdout_bytes.startswith(b"<!doctype html>")
    assert "the page has 1 recording" in result.stderr


def test_a_page_that_exists_is_replaced_on_request_only(here):
    (here / "a.html").write_text("mine")
    result = run(HELLO, "-o", "a.html")
    assert result.exit_code == 3
    assert "exists already" in result.stderr
    assert (here / "a.html").read_text() == "mine"
    assert run(HELLO, "-o", "a.html", "--overwrite").exit_code == 0
    assert (here / "a.html").read_text() != "mine"


def test_folders_sessions_and_other_formats_come_into_one_page(here):
    (here / "run").mkdir()
    shutil.copy(SESSION, here / "run/session.jsonl")
    (here / "run/bare.sse").write_bytes(b'event: ping\ndata: {"type": "ping"}\n\n')
    assert run("run", HELLO).exit_code == 0
    names = [each["name"] for each in facts_in((here / "report.html").read_bytes())["recordings"]]
    assert names == ["bare.sse", "session.jsonl #1", "session.jsonl #2", "hello.jsonl"]


def test_what_cannot_be_read_is_said_and_the_rest_is_written(here):
    (here / "bad.jsonl").write_text("nothing")
    result = run("bad.jsonl", HELLO)
    assert result.exit_code == 3
    assert "bad.jsonl" in result.stderr
    assert len(facts_in((here / "report.html").read_bytes())["recordings"]) == 1


def test_without_any_recording_there_is_no_page(here):
    assert run("missing.jsonl").exit_code == 3
    assert not (here / "report.html").exists()


def test_what_is_left_out_is_said(monkeypatch):
    from inspector.page import building

    monkeypatch.setattr(building, "MOST_RECORDINGS", 1)
    assert "3 more are left out: a page has at most" in run(SESSION, HELLO, CUT).stderr


def test_the_sdk_says_what_it_does_with_a_broken_recording():
    (broken,) = facts_in(run(CUT, "-o", "-").stdout_bytes)["recordings"]
    assert broken["sdk"][0].startswith("anthropic ")


@pytest.mark.parametrize("arguments", [[CUT, "--no-sdk"], [HELLO], [HELLO, "--sdk"]])
def test_the_sdk_says_nothing_of_a_sound_recording_and_with_no_sdk(arguments):
    (made,) = facts_in(run(*arguments, "-o", "-").stdout_bytes)["recordings"]
    assert made["sdk"] == []


def test_a_long_recording_is_played_to_the_sdk_on_request_only(monkeypatch):
    monkeypatch.setattr(report_command, "_LONGEST", 3)
    (made,) = facts_in(run(CUT, "-o", "-").stdout_bytes)["recordings"]
    assert made["sdk"] == ["not played to the SDK: it has more than 3 events; --sdk plays it"]
    (made,) = facts_in(run(CUT, "--sdk", "-o", "-").stdout_bytes)["recordings"]
    assert made["sdk"][0].startswith("anthropic ")


def test_open_shows_the_page_in_the_browser(here, monkeypatch):
    opened = []
    monkeypatch.setattr(click, "launch", opened.append)
    assert run(HELLO, "--open", "-o", "a.html").exit_code == 0
    assert opened == ["a.html"]
    assert run(HELLO, "--open", "-o", "-").exit_code == 2


def test_content_is_hidden_on_request(here):
    assert run(HELLO, "--redact", "outputs").exit_code == 0
    assert facts_in((here / "report.html").read_bytes())["recordings"][0]["masked"] == ["outputs", "request"]
