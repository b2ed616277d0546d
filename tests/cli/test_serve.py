"""`inspector serve`: a real process, what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import functools
import json
import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import listening_command
import pytest
from click.testing import CliRunner
from conftest import ROOT
from listening_command import BOUND, ended, fetched, listening

from inspector import load
from inspector.cli import cli
from inspector.cli._wrapping import environment

HELLO = ROOT / "recordings" / "hello.jsonl"
FAST = ["--port", "0", "--speed", "max"]
FETCH = (
    "import os, urllib.request; url = os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages';"
    "urllib.request.urlopen(url, b'{}').read()"
)


serving = functools.partial(listening, "serve")
ran = functools.partial(listening_command.ran, "serve")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_url_and_logs_requests_until_it_is_stopped(by):
    with serving(HELLO, *FAST) as process:
        assert fetched(process.url) == load(HELLO).body
        status, out, err = ended(process, by)
    assert (status, out) == (0, "")
    (line,) = err.splitlines()
    assert f" POST /v1/messages 200 {HELLO} (the next in order) · 7,020 bytes in 0.0" in line
    assert line.endswith(" s, complete")


def test_a_bundled_recording_is_served_by_its_name(tmp_path):
    with serving("hello", "broken/cut_tool", *FAST, "-q", cwd=tmp_path) as process:
        assert fetched(process.url) == load(HELLO).body
        assert ended(process)[2] == ""


def test_options_come_from_the_environment():
    environ = {"INSPECTOR_SERVE_PORT": "0", "INSPECTOR_SERVE_SPEED": "max"}
    assert ran(HELLO, "--", sys.executable, "-c", FETCH, env=environ).returncode == 0


def test_the_ready_file_holds_the_url_for_as_long_as_it_answers(tmp_path):
    file = tmp_path / "ready"
    with serving(HELLO, *FAST, "--ready-file", file) as process:
        assert file.read_text() == process.url + "\n"
        ended(process)
    assert list(tmp_path.iterdir()) == []


def test_the_log_is_json_lines_without_secrets(tmp_path):
    log = tmp_path / "log.jsonl"
    with serving(HELLO, *FAST, "--log", log) as process:
        request = urllib.request.Request(
            f"{process.url}/v1/messages?key=secret", b'{"stream":true}', {"authorization": "Bearer secret"}
        )
        urllib.request.urlopen(request, timeout=BOUND).close()
        with contextlib.suppress(urllib.error.HTTPError):
            fetched(process.url)
        assert ended(process)[2] == ""
    text = log.read_text()
    assert "secret" not in text
    played, missed = map(json.loads, text.splitlines())
    assert played.pop("at").endswith("Z")
    assert played.pop("seconds") >= 0
    assert played.pop("bytes") > 6000
    assert played == {
        "request": 1,
        "method": "POST",
        "path": "/v1/messages",
        "recording": str(HELLO),
        "status": 200,
        "end": "complete",
        "why": "order",
    }
    assert missed["status"] == 404
    assert missed["miss"].startswith("inspector: no recording left for POST /v1/messages: ")


@pytest.mark.parametrize("status", [0, 7])
def test_a_commands_exit_status_is_given_back(status):
    code = f"{FETCH}; import sys; print(os.environ['ANTHROPIC_BASE_URL']); sys.exit(int(sys.argv[1]))"
    done = ran(HELLO, *FAST, "-q", "--", sys.executable, "-c", code, status)
    assert done.returncode == status
    assert (
        done.stdout == done.stderr
    )  # the command's output is all there is on stdout; the URL goes beside it
    assert done.stdout.startswith("http://127.0.0.1:")


def test_a_command_that_a_signal_ends():
    assert ran(HELLO, *FAST, "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_a_command_that_does_not_exist_or_cannot_run(tmp_path):
    done = ran(HELLO, *FAST, "--", "no-such-command")
    assert done.returncode == 127
    assert done.stderr.splitlines()[-1] == "inspector: no-such-command: No such file or directory"
    assert ran(HELLO, *FAST, "--", tmp_path).returncode == 126


def test_sigterm_reaches_the_command():
    code = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(5)); print('up', flush=True);"
        "signal.pause()"
    )
    with serving(HELLO, *FAST, "--", sys.executable, "-c", code) as process:
        assert process.url == "up"
        assert ended(process, signal.SIGTERM)[0] == 5


def test_the_sdk_in_a_wrapped_command_needs_nothing():
    code = (
        "import anthropic; client = anthropic.Anthropic();"
        "print(client.messages.create(model='m', max_tokens=1, messages=[]).id)"
    )
    bad = {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "ANTHROPIC_AUTH_TOKEN": "t",
    }
    done = ran(HELLO, *FAST, "-q", "--", sys.executable, "-c", code, env=bad)
    assert done.stdout.strip() == load(HELLO).message()["id"]


def test_the_environment_of_a_command():
    given = {"A": "1", "ANTHROPIC_API_KEY": "real", "ANTHROPIC_AUTH_TOKEN": "real", "NO_PROXY": "x"}
    made = environment("http://h:1", given, key="none")
    assert "real" not in made.values()
    assert (made["A"], made["ANTHROPIC_BASE_URL"]) == ("1", "http://h:1")
    assert made["NO_PROXY"] == "127.0.0.1,localhost,::1,x"
    assert given["ANTHROPIC_API_KEY"] == "real"


def test_a_taken_port_is_one_line_and_status_3():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = ran(HELLO, "--port", port)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"inspector: cannot listen on 127.0.0.1:{port}: Address already in use; port 0 takes any free one\n"
    )


@pytest.mark.parametrize("path", ["nothing.jsonl", "nothing/*.jsonl"])
def test_no_such_recording_is_status_3(path):
    done = ran(path, *FAST)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"inspector: {path}: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--log", "--ready-file"])
def test_a_file_that_cannot_be_written_is_status_3(option, tmp_path):
    done = ran(HELLO, *FAST, option, tmp_path / "none" / "x", "--", "true")
    assert done.returncode == 3
    assert "cannot be written: No such file or directory" in done.stderr


def test_a_host_that_others_can_reach_is_a_warning():
    with serving(HELLO, *FAST, "--host", "0.0.0.0") as process:
        assert process.url.startswith("http://0.0.0.0:")
        err = ended(process)[2]
    assert err == "inspector: warning: 0.0.0.0 is not loopback: whoever can reach this machine gets answers\n"


@pytest.mark.parametrize(
    "arguments, text",
    [
        ([], "Missing argument 'PATH...'"),
        ([str(HELLO), "--"], "a command must follow `--`"),
        ([str(HELLO), "--speed", "0"], "'0' is neither a number above 0 nor `max`"),
        ([str(HELLO), "--speed", "nan"], "neither a number"),
        ([str(HELLO), "--match", "best"], "'best' is not one of"),
    ],
)
def test_wrong_use_is_status_2(arguments, text):
    done = CliRunner().invoke(cli, ["serve", *arguments])
    assert done.exit_code == 2
    assert text in done.stderr


def test_options_behind_the_dashes_go_to_the_command():
    code = "import sys; print(sys.argv[1:])"
    done = ran(HELLO, *FAST, "-q", "--", sys.executable, "-c", code, "--speed", "--")
    assert done.stdout.strip() == "['--speed', '--']"


def test_help_says_that_a_command_may_follow():
    shown = CliRunner().invoke(cli, ["serve", "--help"]).stdout
    assert "PATH... [-- COMMAND...]" in shown


def test_a_fault_for_some_requests_ends():
    code = (
        "import anthropic\n"
        "client = anthropic.Anthropic(max_retries=2)\n"
        "ask = dict(model='m', max_tokens=1, messages=[])\n"
        "with client.messages.stream(**ask) as stream: print(stream.get_final_message().stop_reason)\n"
    )
    fault = ["--fault", "http-error=529,on=1..2,retry_after=0"]
    result = CliRunner().invoke(
        cli, ["serve", "tool_use", *fault, "--speed", "max", "--port", "0", "--", sys.executable, "-c", code]
    )
    assert result.exit_code == 0, result.output
    assert [line.split()[3] for line in result.stderr.splitlines() if "POST" in line] == ["529", "529", "200"]


@pytest.mark.parametrize("fault", ["cut-fn", "tool-json=truncate"])
def test_an_unknown_fault_or_one_that_cannot_be_applied_is_refused_before_listening(fault):
    result = CliRunner().invoke(cli, ["serve", "hello", "--fault", fault, "--port", "0"])
    assert result.exit_code == 2
    assert "http://" not in result.stdout
    assert result.stderr.startswith("inspector: ")


# Workers.


WORKERS = ["--workers", "2", "--match", "any"]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_workers_answer_again_and_again_until_they_are_stopped(by, tmp_path):
    log, ready = tmp_path / "log.jsonl", tmp_path / "ready"
    with serving(HELLO, *FAST, *WORKERS, "--log", log, "--ready-file", ready) as process:
        assert ready.read_text() == process.url + "\n"
        for _ in range(10):
            assert fetched(process.url) == load(HELLO).body
        status, out, err = ended(process, by)
    assert (status, out, err) == (0, "", "")
    assert list(tmp_path.iterdir()) == [log]
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert {entry["status"] for entry in entries} == {200}
    assert len({entry["request"] for entry in entries}) == 10


def test_workers_log_on_standard_error():
    with serving(HELLO, *FAST, *WORKERS) as process:
        fetched(process.url)
        err = ended(process)[2]
    assert err.endswith(" s, complete\n")
    assert err.count("\n") == 1


def test_workers_serve_a_command():
    code = (
        "import os, urllib.request\n"
        "url = os.environ['ANTHROPIC_BASE_URL'] + '/v1/messages'\n"
        "print(len([urllib.request.urlopen(url, b'{}').read() for _ in range(5)]))"
    )
    done = ran(HELLO, *FAST, *WORKERS, "-q", "--", sys.executable, "-c", code)
    assert (done.returncode, done.stdout) == (0, "5\n")
    assert done.stderr.startswith("http://127.0.0.1:")
    assert ran(HELLO, *FAST, *WORKERS, "--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_workers_that_cannot_listen_are_one_line_and_status_3():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ran(HELLO, *WORKERS, "--port", taken.getsockname()[1])
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)


@pytest.mark.parametrize(
    "arguments, text",
    [
        ([], "--workers needs --match any, name, body or request: in order, the answer depends"),
        (
            ["--match", "any", "--fault", "http-error,on=1..2"],
            "--workers cannot play a --fault with `on`: that counts requests, and workers share no count",
        ),
        (["--match", "any", "--show"], "--workers and --show exclude each other"),
        (["--match", "any", "--workers", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_workers_cannot_do_is_wrong_use_that_says_why(arguments, text):
    done = CliRunner().invoke(cli, ["serve", str(HELLO), "--workers", "2", *arguments])
    assert done.exit_code == 2
    assert text in done.stderr


def test_workers_can_play_a_fault_for_every_request():
    with serving(HELLO, *FAST, *WORKERS, "--fault", "http-error=529") as process:
        for _ in range(3):
            with pytest.raises(urllib.error.HTTPError, match="529"):
                fetched(process.url)
        ended(process)


# What is made up.


@pytest.mark.parametrize("options, status", [([], 200), (["--strict"], 404)])
def test_strict_refuses_what_would_be_made_up(options, status):
    with serving(HELLO, *FAST, "-q", *options) as process:
        try:
            with urllib.request.urlopen(f"{process.url}/v1/models", timeout=BOUND) as response:
                seen = response.status
        except urllib.error.HTTPError as error:
            seen = error.code
            error.close()
        ended(process)
    assert seen == status


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_log_that_cannot_be_written_is_named_and_nobody_is_kept_waiting(tmp_path):
    with serving(HELLO, *FAST, "--loop", "--log", "/dev/full") as process:
        for _ in range(3):
            assert fetched(process.url) == load(HELLO).body
        status, _, err = ended(process)
    assert status == 0
    assert err == "inspector: warning: the log /dev/full cannot be written: No space left on device\n"
    done = ran(HELLO, *FAST, "--log", tmp_path / "no" / "log")
    assert (done.returncode, done.stderr) == (
        3,
        f"inspector: {tmp_path}/no/log: cannot be written: No such file or directory\n",
    )


def test_a_name_that_is_no_recording_is_answered_with_those_that_are():
    result = CliRunner().invoke(cli, ["serve", "nosuch"])
    assert result.exit_code == 3
    assert "nosuch: there is no such file, and no bundled recording of this name" in result.stderr
    assert "hello" in result.stderr


def test_by_request_the_question_counts_and_what_is_ignored_does_not():
    asked = load(HELLO).request.json()
    other = {**asked, "messages": [{"role": "user", "content": "Another?"}], "max_tokens": 1}
    with serving(HELLO, *FAST, "--loop", "--match", "request") as server:
        assert fetched(server.url, body=json.dumps({**asked, "system": "s"}).encode()) == load(HELLO).body
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetched(server.url, body=json.dumps(other).encode())
        status, _, log = ended(server)
    assert status == 0
    assert 'body.messages[0].content is "Another?"' in log
    with serving(HELLO, *FAST, "--match", "request", "--ignore", "messages[*].content") as server:
        assert fetched(server.url, body=json.dumps(other).encode()) == load(HELLO).body


def test_a_path_that_is_none_is_a_mistake_of_the_command_line():
    result = ran(HELLO, *FAST, "--match", "body", "--ignore", "a[")
    assert (result.returncode, "is no path in a body" in result.stderr) == (2, True)


def test_the_live_page_and_the_view_of_events_go_together():
    with serving("hello", *FAST, "--show", "--ui") as process:
        fetched(process.url)
        with urllib.request.urlopen(f"{process.url}/inspector/", timeout=BOUND) as page:
            assert b'"live":true' in page.read()
        status, shown, said = ended(process)
    assert status == 0
    assert "message_stop" in shown or "complete at" in shown
    assert said.endswith("/inspector/\n")


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_events_of_answers_are_shown_as_they_are_sent(wrapped):
    if wrapped:
        fetch = FETCH.replace("b'{}'", """b'{"stream":true}'""")
        shown = ran("hello", *FAST, "--show", "--", sys.executable, "-c", fetch).stderr
    else:
        with serving("hello", *FAST, "--show") as process:
            fetched(process.url)
            _, shown, said = ended(process)
        assert said == ""  # no log beside it
    lines = shown.splitlines()
    assert sum("content_block_delta" in line or " 0 text " in line for line in lines) > 30
    assert any("complete at" in line for line in lines)
    assert any("#1" in line and "/v1/messages · 200" in line for line in lines)
