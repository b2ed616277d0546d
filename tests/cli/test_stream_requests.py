"""`inspector stream` sends the request that its options and its input describe, or says why it cannot."""

from __future__ import annotations

import json
import socket
import threading

import pytest
from click.testing import CliRunner
from loopback import Server, chunked
from stream_command import KEY, WHOLE, stream

import inspector
from inspector.cli import cli
from inspector.recording.bundled import bundled_recording


class TestRequest:
    def send(self, *options, **more):
        with Server(chunked(WHOLE)) as server:
            runner = CliRunner(env={"ANTHROPIC_API_KEY": KEY})
            result = runner.invoke(cli, ["stream", "--base-url", server.url, *options], **more)
        assert result.exit_code == 0, result.output
        ((line, headers, body),) = server.requests
        assert line == "POST /v1/messages HTTP/1.1"
        return headers, json.loads(body)

    def test_the_prompt_is_the_users_message(self):
        _, body = self.send("Why?", "--model", "m", "--max-tokens", "7")
        assert body == {
            "model": "m",
            "max_tokens": 7,
            "stream": True,
            "messages": [{"role": "user", "content": "Why?"}],
        }

    @pytest.mark.parametrize("arguments", [["-"], []], ids=["dash", "pipe"])
    def test_the_prompt_comes_from_standard_input(self, arguments):
        _, body = self.send(*arguments, input="From a pipe\n")
        assert body["messages"] == [{"role": "user", "content": "From a pipe"}]

    def test_a_request_file_is_sent_as_it_is(self, tmp_path):
        request = {
            "model": "x",
            "max_tokens": 9,
            "temperature": 0.5,
            "messages": [{"role": "user", "content": "hi"}],
            "tools": [{"name": "t", "input_schema": {"type": "object"}}],
            "brand_new": {"a": 1},
        }
        file = tmp_path / "body.json"
        file.write_text(json.dumps(request))
        _, body = self.send("--request", str(file))
        assert body == {**request, "stream": True}

    def test_headers_and_betas_are_sent(self):
        headers, _ = self.send("hi", "--header", "x-a: b", "--beta", "one", "--beta", "two")
        assert headers["x-a"] == "b"
        assert headers["anthropic-beta"] == "one,two"

    def test_options_come_from_the_environment(self):
        with Server(chunked(WHOLE)) as server:
            env = {"ANTHROPIC_API_KEY": KEY, "INSPECTOR_STREAM_BASE_URL": server.url}
            CliRunner(env=env).invoke(cli, ["stream", "hi"], auto_envvar_prefix="INSPECTOR")
        assert len(server.requests) == 1


def test_without_anything_to_send_the_message_names_what_is_missing():
    result = stream(input="")
    assert result.exit_code == 2
    assert "nothing to send: give a PROMPT, --request FILE, or --offline" in result.stderr


@pytest.mark.parametrize(
    "text, message",
    [("{", "not JSON"), ("[]", "`messages`"), ('{"model":"m"}', "`messages`"), (None, "cannot be read")],
    ids=["half", "a list", "no messages", "missing"],
)
def test_an_unusable_request_file_is_one_line_on_stderr(text, message, tmp_path):
    file = tmp_path / "body.json"
    if text is not None:
        file.write_text(text)
    result = stream("--request", str(file))
    assert result.exit_code == 4
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url, message",
    [
        ("http://127.0.0.1:1", "cannot reach http://127.0.0.1:1/v1/messages"),
        ("http://host.invalid", "cannot reach http://host.invalid/v1/messages"),
    ],
)
def test_an_unreachable_host_is_one_line_on_stderr_and_a_recording(url, message, tmp_path):
    file = tmp_path / "r.jsonl"
    result = stream("hi", "--base-url", url, "-o", str(file))
    assert result.exit_code == 4
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert inspector.load(file).response is None


def answer_in_the_clear(server):
    """Answer a TLS handshake by something else."""
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"no TLS here")


def test_a_tls_failure_is_one_line_on_stderr():
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_in_the_clear, args=(server,), daemon=True).start()
        result = stream("hi", "--base-url", f"https://127.0.0.1:{server.getsockname()[1]}")
    assert result.exit_code == 4
    assert "cannot reach https://127.0.0.1" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_key_is_one_line_that_names_the_variable_and_offline(tmp_path):
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

    def test_it_plays_a_recording_of_the_users_own(self, tmp_path):
        file = tmp_path / "mine.jsonl"
        stream("-o", str(file), script=chunked(WHOLE))
        result = stream("--offline", str(file), "--speed", "1000", "--format", "text")
        assert result.stdout == "Hello\n"

    def test_an_unknown_name_lists_the_known_ones(self):
        result = stream("--offline", "nosuch")
        assert result.exit_code == 2
        assert "hello" in result.stderr


@pytest.mark.parametrize("header", ["ä: b", "a b: c", ": c", "no colon", "a\nb: c"])
def test_a_header_whose_name_is_none_in_http_is_refused(header):
    result = CliRunner().invoke(cli, ["stream", "--offline", "--header", header])
    assert result.exit_code == 2
    assert "--header: this is not a header; write 'Name: value'" in result.stderr


def test_a_header_that_is_refused_is_not_repeated_because_it_may_hold_a_key():
    headers = ["--header", "a: b", "--header", "x-api-key=a-secret-of-the-tests"]
    result = CliRunner().invoke(cli, ["stream", "--offline", *headers])
    assert result.exit_code == 2
    assert "--header: number 2 is not a header" in result.stderr
    assert "secret" not in result.output + result.stderr


@pytest.mark.parametrize(
    "options", [["--append"], ["--overwrite"], ["--append", "--overwrite", "-o", "x.jsonl"]]
)
def test_options_for_the_file_need_one_and_exclude_each_other(options, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["stream", "--offline", *options])
    assert result.exit_code == 2
    assert "--append" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "alice:pa55w0rdX@nonexist.invalid/",
        "http://alice:pa55w/0rdX@127.0.0.1:9/",
        "http://alice:pa55w#0rdX@127.0.0.1:9/",
        "https://",
        "ftp://alice:pa55w0rdX@127.0.0.1/",
    ],
)
@pytest.mark.parametrize("given", ["option", "variable"])
def test_a_base_url_that_is_none_is_wrong_use_and_not_repeated(url, given, tmp_path):
    file = tmp_path / "r.jsonl"
    options = ["--base-url", url] if given == "option" else []
    env = {"ANTHROPIC_BASE_URL": url} if given == "variable" else {}
    result = stream("hi", *options, "-o", str(file), env=env)
    assert result.exit_code == 2
    assert "the base URL must be like" in result.stderr
    assert "pa55w" not in result.output
    assert not file.exists()


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e300", "0", "-1"])
def test_a_timeout_that_no_clock_can_count_is_wrong_use(seconds):
    result = stream("hi", "--timeout", seconds)
    assert result.exit_code == 2
    assert "is not in the range" in result.stderr
