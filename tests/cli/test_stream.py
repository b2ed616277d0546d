"""`inspector stream` shows what the API and the installed SDK do, over a real socket."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from loopback import CUT, END, RESET, STALL, Server, chunk, chunked, head
from stream_command import CLOSE, HELLO, KEY, LAST, OPEN, START, STOP, WHOLE, frame, stream

import inspector
from inspector.cli import cli

REQUEST_ID = "req_011CSHxVbcaBpQ8exampleAAAA"


def test_every_event_is_a_row_even_if_the_sdk_hides_it():
    odd = [b": keepalive\n\n", b'data: {"type":"nameless"}\n\n', b'event: news\ndata: {"type":"news"}\n\n']
    result = stream(script=chunked([*WHOLE[:4], *odd, *WHOLE[4:], b"event: tail"]))
    labels = [line[23:36].strip() for line in result.stdout.splitlines()[2:9] if line.split()[0].isdigit()]
    assert labels[:4] == ["message_start", "0 text start", "ping", "0 text"]
    for shown in ("(comment)", "keepalive", "(unnamed)", "nameless", "news", "(unfinished)", "event: tail"):
        assert shown in result.stdout
    assert result.exit_code == 0


def test_the_summary_says_how_it_went():
    result = stream(script=chunked(WHOLE))
    for text in (
        "complete at",
        "7 events (1 ping)",
        "end_turn",
        "3 in, 2 out",
        "req_loopback",
        "create() passes on 6 events and raises nothing",
    ):
        assert text in result.stdout


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


def test_format_jsonl_is_the_recording(tmp_path):
    file = tmp_path / "r.jsonl"
    result = stream("--format", "jsonl", "-o", str(file), script=chunked(WHOLE))
    assert result.stdout_bytes == file.read_bytes()
    assert inspector.load(file).body == b"".join(WHOLE)


def test_format_message_is_the_sdks_message():
    result = stream("--format", "message", script=chunked(WHOLE))
    assert json.loads(result.stdout)["content"] == [{"type": "text", "text": "Hello"}]


@pytest.mark.parametrize(
    "steps, end, text",
    [
        pytest.param([CUT], "cut", "closed before the end", id="cut"),
        pytest.param([RESET], "reset", "reset", id="reset"),
        pytest.param([END], "complete", "without message_stop", id="ends early"),
    ],
)
def test_a_broken_stream_is_shown_recorded_and_fails(steps, end, text, tmp_path):
    script = [head(transfer_encoding="chunked"), *map(chunk, WHOLE[:4]), *steps]
    file = tmp_path / "r.jsonl"
    result = stream("-o", str(file), script=script)
    assert result.exit_code == 4
    assert text in result.stdout
    recording = inspector.load(file)
    assert recording.end.how == end
    assert recording.body == b"".join(WHOLE[:4])


def test_a_timeout_is_recorded_as_the_end(tmp_path):
    script = [head(transfer_encoding="chunked"), chunk(START), STALL]
    result = stream("--timeout", "0.2", "-o", str(tmp_path / "r.jsonl"), script=script)
    assert result.exit_code == 4
    assert inspector.load(tmp_path / "r.jsonl").end.how == "timeout"


@pytest.mark.parametrize("status, kind", [(401, "authentication_error"), (529, "overloaded_error")])
def test_an_error_status_is_shown_and_recorded(status, kind, tmp_path):
    body = json.dumps({"type": "error", "error": {"type": kind, "message": "No."}}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), "request-id": REQUEST_ID}
    script = [head(status, headers, retry_after="7"), body]
    result = stream("-o", str(tmp_path / "r.jsonl"), script=script)
    assert result.exit_code == 4
    for text in (kind, "No.", REQUEST_ID, "retry-after  7", str(status)):
        assert text in result.stdout
    assert inspector.load(tmp_path / "r.jsonl").body == body


@pytest.mark.parametrize("recorded", [True, False])
def test_people_see_the_id_that_support_knows_and_a_file_has_a_pseudonym(recorded, tmp_path):
    file = tmp_path / "r.jsonl"
    failed = frame("error", error={"type": "x", "message": "y"}, request_id=REQUEST_ID)
    script = chunked([START, failed], request_id=REQUEST_ID)
    shown = stream(*["-o", str(file)] * recorded, script=script).stdout
    assert f"request  {REQUEST_ID}\n" in shown
    assert "fa15e1d0" not in shown
    assert not recorded or (REQUEST_ID not in file.read_text() and "req_fa15e1d0" in file.read_text())


def test_retried_attempts_are_recorded_one_after_another(tmp_path):
    refused = [head(429, {"content-length": "2", "retry-after": "0"}), b"{}"]
    file = tmp_path / "r.jsonl"
    with Server(refused, chunked(WHOLE)) as server:
        options = ["stream", "hi", "--base-url", server.url, "--max-retries", "1", "-o", str(file)]
        result = CliRunner(env={"ANTHROPIC_API_KEY": KEY}).invoke(cli, options)
    assert result.exit_code == 0
    assert [r.response.status for r in inspector.load_all(file)] == [429, 200]


def test_events_after_an_error_event_are_shown_although_the_sdk_stops_there():
    error = frame("error", error={"type": "overloaded_error", "message": "Overloaded"})
    result = stream(script=chunked([START, error, LAST]))
    assert result.exit_code == 4
    assert "message_stop" in result.stdout
    assert "create() passes on 1 event and raises anthropic.APIStatusError" in result.stdout


@pytest.mark.parametrize(
    "body, kind", [(b"<html>Log in</html>", "text/html"), (b'{"a":1}', "application/json")]
)
def test_a_body_that_is_no_event_stream_is_shown(body, kind):
    headers = {"content-type": kind, "content-length": str(len(body))}
    result = stream(script=[head(200, headers), body])
    assert result.exit_code == 4
    assert f"not an event stream ({kind})" in result.stdout
    assert body.decode() in result.stdout


@pytest.mark.parametrize(
    "stop_reason, text", [("max_tokens", "cut off"), ("refusal", "declined"), ("pause_turn", "not finished")]
)
def test_a_stop_reason_that_leaves_the_answer_unfinished_is_a_warning(stop_reason, text):
    stop = frame("message_delta", delta={"stop_reason": stop_reason}, usage={"output_tokens": 2})
    result = stream("--format", "text", script=chunked([START, OPEN, HELLO, CLOSE, stop, LAST]))
    assert text in result.stderr
    assert result.exit_code == 0


def test_text_from_the_stream_cannot_drive_the_terminal():
    evil = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "\x1b[2J\u202eabc"})
    result = stream(script=chunked([START, OPEN, evil, CLOSE, STOP, LAST]))
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "\\e[2J" in result.stdout


def test_no_secret_reaches_the_file_or_the_screen(tmp_path):
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
    def test_the_findings_come_last_and_the_exit_status_is_1(self):
        result = stream("--check", script=chunked(WHOLE[:4]))
        assert result.exit_code == 1
        assert "message-stop-missing" in result.stdout

    def test_a_clean_stream_is_reported_as_clean(self):
        result = stream("--check", script=chunked(WHOLE))
        assert result.exit_code == 0
        assert "clean" in result.stdout

    def test_findings_go_to_stderr_if_stdout_is_data(self):
        result = stream("--check", "--format", "raw", script=chunked(WHOLE[:4]))
        assert result.stdout_bytes == b"".join(WHOLE[:4])
        assert "message-stop-missing" in result.stderr
