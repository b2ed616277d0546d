"""`inspector stream`, against a real socket and the installed SDK."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from loopback import CUT, END, RESET, STALL, Server, chunk, chunked, head

import inspector
from inspector.cli import cli
from inspector.recording.bundled import bundled_recording

KEY = "sk-ant-api03-" + "k" * 40


def frame(name, **data):
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
START = frame("message_start", message=MESSAGE)
OPEN = frame("content_block_start", index=0, content_block={"type": "text", "text": ""})
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
HELLO = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello"})
CLOSE = frame("content_block_stop", index=0)
STOP = frame(
    "message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 2}
)
LAST = frame("message_stop")
WHOLE = [START, OPEN, PING, HELLO, CLOSE, STOP, LAST]


def stream(*options, script=None, env=None, **more):
    """Run the command in this process; against `script` where one is given."""
    runner = CliRunner(env={"ANTHROPIC_API_KEY": KEY, **(env or {})})
    if script is None:
        return runner.invoke(cli, ["stream", *options], **more)
    with Server(script) as server:
        return runner.invoke(cli, ["stream", "hi", "--base-url", server.url, *options], **more)


def eventually(look, seconds=20):
    """Look again and again, for so long at the most; say whether it came true."""
    tick = threading.Event()
    return any(look() or tick.wait(0.01) for _ in range(seconds * 100))


def interrupt(process):
    """Press Ctrl-C, and again if need be: Python loses one that comes while it runs a destructor."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return
    process.kill()


def start(*options, **more):
    """Start the command as a process of its own."""
    env = {**os.environ, "ANTHROPIC_API_KEY": KEY}
    return subprocess.Popen(
        [sys.executable, "-m", "inspector", "stream", *options], stdout=subprocess.PIPE, env=env, **more
    )


def test_every_event_is_a_row_those_the_sdk_hides_too():
    odd = [b": keepalive\n\n", b'data: {"type":"nameless"}\n\n', b'event: news\ndata: {"type":"news"}\n\n']
    result = stream(script=chunked([*WHOLE[:4], *odd, *WHOLE[4:], b"event: tail"]))
    names = [line.split()[3] for line in result.stdout.splitlines()[2:9] if line.split()[0].isdigit()]
    assert names[:4] == ["message_start", "content_block_start", "ping", "content_block_delta"]
    for shown in ("(comment)", "keepalive", "(unnamed)", "nameless", "news", "(unfinished)", "event: tail"):
        assert shown in result.stdout
    assert result.exit_code == 0


def test_the_summary_says_how_it_went():
    result = stream(script=chunked(WHOLE))
    for words in (
        "complete at",
        "7 events (1 ping)",
        "end_turn",
        "3 in, 2 out",
        "req_loopback",
        "raised nothing",
    ):
        assert words in result.stdout


@pytest.mark.parametrize(
    "format_, expected",
    [
        ("text", b"Hello\n"),
        ("raw", b"".join(WHOLE)),
        ("events", b"".join(part.split(b"data: ")[1].rstrip(b"\n") + b"\n" for part in WHOLE)),
    ],
)
def test_formats(format_, expected):
    result = stream("--format", format_, script=chunked(WHOLE))
    assert result.stdout_bytes == expected
    assert result.stderr == ""


def test_jsonl_is_the_recording(tmp_path):
    file = tmp_path / "r.jsonl"
    result = stream("--format", "jsonl", "-o", str(file), script=chunked(WHOLE))
    assert result.stdout_bytes == file.read_bytes()
    assert inspector.load(file).body == b"".join(WHOLE)


def test_message_is_the_sdks_message():
    result = stream("--format", "message", script=chunked(WHOLE))
    assert json.loads(result.stdout)["content"] == [{"type": "text", "text": "Hello"}]


@pytest.mark.parametrize(
    "steps, end, words",
    [
        pytest.param([CUT], "cut", "closed before the end", id="cut"),
        pytest.param([RESET], "reset", "reset", id="reset"),
        pytest.param([END], "complete", "without message_stop", id="ends early"),
    ],
)
def test_a_broken_stream_is_shown_recorded_and_fails(steps, end, words, tmp_path):
    script = [head(transfer_encoding="chunked"), *map(chunk, WHOLE[:4]), *steps]
    file = tmp_path / "r.jsonl"
    result = stream("-o", str(file), script=script)
    assert result.exit_code == 4
    assert words in result.stdout
    recording = inspector.load(file)
    assert recording.end.how == end
    assert recording.body == b"".join(WHOLE[:4])


def test_a_timeout_is_an_end_too(tmp_path):
    script = [head(transfer_encoding="chunked"), chunk(START), STALL]
    result = stream("--timeout", "0.2", "-o", str(tmp_path / "r.jsonl"), script=script)
    assert result.exit_code == 4
    assert inspector.load(tmp_path / "r.jsonl").end.how == "timeout"


@pytest.mark.parametrize("status, kind", [(401, "authentication_error"), (529, "overloaded_error")])
def test_an_error_status_is_shown_and_recorded(status, kind, tmp_path):
    body = json.dumps({"type": "error", "error": {"type": kind, "message": "No."}}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), "request-id": "req_9"}
    script = [head(status, headers, retry_after="7"), body]
    result = stream("-o", str(tmp_path / "r.jsonl"), script=script)
    assert result.exit_code == 4
    for words in (kind, "No.", "req_9", "retry-after  7", str(status)):
        assert words in result.stdout
    assert inspector.load(tmp_path / "r.jsonl").body == body


def test_retries_are_recorded_one_after_another(tmp_path):
    refused = [head(429, {"content-length": "2", "retry-after": "0"}), b"{}"]
    file = tmp_path / "r.jsonl"
    with Server(refused, chunked(WHOLE)) as server:
        options = ["stream", "hi", "--base-url", server.url, "--max-retries", "1", "-o", str(file)]
        result = CliRunner(env={"ANTHROPIC_API_KEY": KEY}).invoke(cli, options)
    assert result.exit_code == 0
    assert [r.response.status for r in inspector.load_all(file)] == [429, 200]


def test_what_follows_an_error_event_is_seen_although_the_sdk_stops_there():
    error = frame("error", error={"type": "overloaded_error", "message": "Overloaded"})
    result = stream(script=chunked([START, error, LAST]))
    assert result.exit_code == 4
    assert "message_stop" in result.stdout
    assert "raised anthropic.APIStatusError after 1 events" in result.stdout


@pytest.mark.parametrize(
    "body, kind", [(b"<html>Log in</html>", "text/html"), (b'{"a":1}', "application/json")]
)
def test_a_body_that_is_no_stream_is_shown_as_what_it_is(body, kind):
    headers = {"content-type": kind, "content-length": str(len(body))}
    result = stream(script=[head(200, headers), body])
    assert result.exit_code == 4
    assert f"no event stream ({kind})" in result.stdout
    assert body.decode() in result.stdout


@pytest.mark.parametrize(
    "stop_reason, words", [("max_tokens", "cut off"), ("refusal", "declined"), ("pause_turn", "not finished")]
)
def test_a_stop_that_is_not_the_end_gets_a_word_of_warning(stop_reason, words):
    stop = frame("message_delta", delta={"stop_reason": stop_reason}, usage={"output_tokens": 2})
    result = stream("--format", "text", script=chunked([START, OPEN, HELLO, CLOSE, stop, LAST]))
    assert words in result.stderr
    assert result.exit_code == 0


def test_text_from_the_stream_cannot_drive_the_terminal():
    evil = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "\x1b[2J\u202eabc"})
    result = stream(script=chunked([START, OPEN, evil, CLOSE, STOP, LAST]))
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "\\e[2J" in result.stdout


def test_secrets_reach_neither_file_nor_screen(tmp_path):
    echo = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": KEY})
    script = chunked([START, OPEN, echo, CLOSE, STOP, LAST], set_cookie="session=verysecretcookie")
    file = tmp_path / "r.jsonl"
    for format_ in ("pretty", "raw", "jsonl"):
        result = stream(
            "--format", format_, "-o", str(file), "--overwrite", "--header", f"x-note: {KEY}", script=script
        )
        assert result.exit_code == 0
        for secret in (KEY, "verysecretcookie"):
            assert secret not in result.output
            assert secret.encode() not in file.read_bytes()


class TestCheck:
    def test_it_ends_with_the_findings_and_exits_with_1(self):
        result = stream("--check", script=chunked(WHOLE[:4]))
        assert result.exit_code == 1
        assert "message-stop-missing" in result.stdout

    def test_a_clean_stream_is_said_to_be(self):
        result = stream("--check", script=chunked(WHOLE))
        assert result.exit_code == 0
        assert "clean" in result.stdout

    def test_data_on_stdout_stays_data(self):
        result = stream("--check", "--format", "raw", script=chunked(WHOLE[:4]))
        assert result.stdout_bytes == b"".join(WHOLE[:4])
        assert "message-stop-missing" in result.stderr


class TestRequest:
    def ask(self, *options, **more):
        with Server(chunked(WHOLE)) as server:
            runner = CliRunner(env={"ANTHROPIC_API_KEY": KEY})
            result = runner.invoke(cli, ["stream", "--base-url", server.url, *options], **more)
        assert result.exit_code == 0, result.output
        ((line, headers, body),) = server.requests
        assert line == "POST /v1/messages HTTP/1.1"
        return headers, json.loads(body)

    def test_the_prompt_is_the_users_message(self):
        _, body = self.ask("Why?", "--model", "m", "--max-tokens", "7")
        assert body == {
            "model": "m",
            "max_tokens": 7,
            "stream": True,
            "messages": [{"role": "user", "content": "Why?"}],
        }

    @pytest.mark.parametrize("arguments", [["-"], []], ids=["dash", "pipe"])
    def test_the_prompt_comes_from_standard_input(self, arguments):
        _, body = self.ask(*arguments, input="From a pipe\n")
        assert body["messages"] == [{"role": "user", "content": "From a pipe"}]

    def test_a_whole_request_body_is_sent_as_it_is(self, tmp_path):
        asked = {
            "model": "x",
            "max_tokens": 9,
            "temperature": 0.5,
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"name": "t", "input_schema": {"type": "object"}}],
            "brand_new": {"a": 1},
        }
        file = tmp_path / "body.json"
        file.write_text(json.dumps(asked))
        _, body = self.ask("--request", str(file))
        assert body == {**asked, "stream": True}

    def test_headers_and_betas_are_sent(self):
        headers, _ = self.ask("hi", "--header", "x-a: b", "--beta", "one", "--beta", "two")
        assert headers["x-a"] == "b"
        assert headers["anthropic-beta"] == "one,two"

    def test_options_come_from_the_environment(self):
        with Server(chunked(WHOLE)) as server:
            env = {"ANTHROPIC_API_KEY": KEY, "INSPECTOR_STREAM_BASE_URL": server.url}
            CliRunner(env=env).invoke(cli, ["stream", "hi"], auto_envvar_prefix="INSPECTOR")
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "text, words",
    [("{", "not JSON"), ("[]", "`messages`"), ('{"model":"m"}', "`messages`"), (None, "cannot be read")],
    ids=["half", "a list", "no messages", "missing"],
)
def test_a_request_that_is_none_is_one_clear_line(text, words, tmp_path):
    file = tmp_path / "body.json"
    if text is not None:
        file.write_text(text)
    result = stream("--request", str(file))
    assert result.exit_code == 4
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url, words",
    [
        ("http://127.0.0.1:1", "cannot reach http://127.0.0.1:1/v1/messages"),
        ("http://host.invalid", "cannot reach http://host.invalid/v1/messages"),
    ],
)
def test_a_host_that_is_not_there_is_one_clear_line_and_recorded(url, words, tmp_path):
    file = tmp_path / "r.jsonl"
    result = stream("hi", "--base-url", url, "-o", str(file))
    assert result.exit_code == 4
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert inspector.load(file).response is None


def answer_in_the_clear(server):
    """Answer a TLS handshake by something else."""
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"no TLS here")


def test_a_tls_failure_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_in_the_clear, args=(server,), daemon=True).start()
        result = stream("hi", "--base-url", f"https://127.0.0.1:{server.getsockname()[1]}")
    assert result.exit_code == 4
    assert "cannot reach https://127.0.0.1" in result.stderr
    assert result.stderr.count("\n") == 1


def test_no_key_is_one_sentence_that_names_the_variable_and_the_way_out(tmp_path):
    nothing = {"ANTHROPIC_API_KEY": None, "ANTHROPIC_AUTH_TOKEN": None, "HOME": str(tmp_path)}
    result = stream("hi", env=nothing)
    assert result.exit_code == 4
    assert "ANTHROPIC_API_KEY" in result.stderr
    assert "--offline" in result.stderr
    assert result.stderr.count("\n") == 1


class TestOffline:
    def test_it_needs_no_key(self):
        env = {"ANTHROPIC_API_KEY": None, "ANTHROPIC_AUTH_TOKEN": None}
        result = stream("--offline", "--speed", "1000", "--format", "text", env=env)
        assert result.exit_code == 0
        assert result.stdout.startswith("Hello!")

    def test_it_plays_any_bundled_recording_through_the_tap(self, tmp_path):
        file = tmp_path / "again.jsonl"
        result = stream("--offline", "tool_use", "--speed", "1000", "-o", str(file))
        assert result.exit_code == 0
        bundled = inspector.load(bundled_recording("tool_use"))
        assert inspector.load(file).body == bundled.body
        assert [c for _, c in inspector.load(file).chunks()] == [c for _, c in bundled.chunks()]

    def test_it_plays_a_recording_of_ones_own(self, tmp_path):
        file = tmp_path / "mine.jsonl"
        stream("-o", str(file), script=chunked(WHOLE))
        result = stream("--offline", str(file), "--speed", "1000", "--format", "text")
        assert result.stdout == "Hello\n"

    def test_a_name_that_is_none_lists_those_that_are(self):
        result = stream("--offline", "nosuch")
        assert result.exit_code == 2
        assert "hello" in result.stderr


class TestOutput:
    def test_an_existing_file_is_not_overwritten_unasked(self, tmp_path):
        file = tmp_path / "r.jsonl"
        file.write_text("mine\n")
        result = stream("-o", str(file), script=chunked(WHOLE))
        assert result.exit_code == 3
        assert "--overwrite" in result.stderr
        assert file.read_text() == "mine\n"

    def test_it_is_replaced_or_appended_to_when_asked(self, tmp_path):
        file = tmp_path / "r.jsonl"
        stream("-o", str(file), script=chunked(WHOLE))
        stream("-o", str(file), "--append", script=chunked(WHOLE))
        assert len(inspector.load_all(file)) == 2
        stream("-o", str(file), "--overwrite", script=chunked(WHOLE))
        assert len(inspector.load_all(file)) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["r.jsonl"]

    def test_a_folder_that_is_not_there_is_said_before_anything_is_asked(self, tmp_path):
        result = stream("-o", str(tmp_path / "no" / "r.jsonl"), script=chunked(WHOLE))
        assert result.exit_code == 3
        assert "no such folder" in result.stderr

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
    def test_a_full_disk_is_loud_and_the_stream_goes_on(self):
        result = stream("-o", "/dev/full", "--append", "--format", "text", script=chunked(WHOLE))
        assert result.stdout == "Hello\n"
        assert "No space left" in result.stderr
        assert result.exit_code == 3


class TestAsAProcess:
    def test_an_event_is_shown_while_the_stream_still_runs(self):
        go_on = threading.Event()
        script = [head(transfer_encoding="chunked"), chunk(START), go_on.wait, *map(chunk, WHOLE[1:]), END]
        with Server(script) as server, start("hi", "--base-url", server.url, "--format", "events") as process:
            assert json.loads(process.stdout.readline())["type"] == "message_start"
            go_on.set()
            assert len(process.stdout.read().splitlines()) == 6
        assert process.returncode == 0

    def test_ctrl_c_keeps_what_arrived(self, tmp_path):
        file = tmp_path / "r.jsonl"
        script = [head(transfer_encoding="chunked"), chunk(START), STALL]
        options = ["hi", "--format", "events", "-o", str(file)]
        with Server(script) as server, start(*options, "--base-url", server.url) as process:
            process.stdout.readline()
            interrupt(process)
        assert process.returncode == 130
        recording = inspector.load(file)
        assert recording.end.how == "abandoned"
        assert recording.body == START

    def test_kill_9_leaves_every_line_that_was_shown(self, tmp_path):
        file = tmp_path / "r.jsonl"
        script = [head(transfer_encoding="chunked"), chunk(START), chunk(OPEN), STALL]
        options = ["hi", "--format", "events", "-o", str(file)]
        with Server(script) as server, start(*options, "--base-url", server.url) as process:
            process.stdout.readline()
            process.stdout.readline()
            process.kill()
        recording = inspector.load(file)
        assert recording.end is None
        assert recording.body == START + OPEN

    def test_a_reader_that_leaves_ends_it_quietly(self):
        script = [head(transfer_encoding="chunked"), chunk(START), *[chunk(HELLO)] * 5000, STALL]
        with Server(script) as server:
            process = start("hi", "--base-url", server.url, stderr=subprocess.PIPE)
            process.stdout.readline()
            process.stdout.close()
            assert process.wait(20) == 0
            assert process.stderr.read() == b""
            process.stderr.close()

    def test_a_reader_that_leaves_does_not_end_a_recording(self, tmp_path):
        file = tmp_path / "r.jsonl"
        with Server(chunked([START, OPEN, *[HELLO] * 3000, CLOSE, STOP, LAST])) as server:
            process = start("hi", "--base-url", server.url, "-o", str(file), stderr=subprocess.PIPE)
            process.stdout.readline()
            process.stdout.close()
            assert process.wait(20) == 0
            assert process.stderr.read() == b""
            process.stderr.close()
        assert inspector.load(file).end.how == "complete"

    def test_a_slow_reader_does_not_hold_up_the_recording(self, tmp_path):
        """Nobody reads our output until the server has seen its client take the whole stream."""
        file = tmp_path / "r.jsonl"
        parts = [START, OPEN, *[HELLO] * 4000, CLOSE, STOP, LAST]
        sent = threading.Event()
        script = [*chunked(parts)[:-1], sent.set, END]
        with Server(script) as server, start("hi", "--base-url", server.url, "-o", str(file)) as process:
            assert sent.wait(20)
            assert eventually(lambda: file.exists() and b'"end"' in file.read_bytes())
            process.stdout.read()
        assert inspector.load(file).body == b"".join(parts)
