"""`inspector import`: recordings of other tools' files, one for each file or all in one."""

from __future__ import annotations

import gzip
import io
import json
import signal

import pytest
from click.testing import CliRunner

from inspector.cli import cli
from inspector.formats import opened
from inspector.recording import load, load_all, recordings
from inspector.recording.bundled import bundled_recording

HELLO = load(bundled_recording("hello"))
BODY = HELLO.body
TEXT = BODY.decode()
SECRET = "sk-ant-api03-" + "Ab3" * 20


def cassette(*urls, body=TEXT):
    request = {"method": "POST", "body": "{}", "headers": {"x-api-key": [SECRET]}}
    response = {"status": {"code": 200}, "headers": {}}
    made = [
        {
            "request": {**request, "uri": url},
            "response": {**response, "body": {"string": "{}" if url == OTHER else body}},
        }
        for url in urls
    ]
    return json.dumps({"version": 1, "interactions": made})


OURS, OTHER = "https://api.anthropic.com/v1/messages", "https://example.org/other"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/one.json").write_text(cassette(OURS))
    (tmp_path / "in/a/two.json").write_text(cassette(OURS, OTHER, OURS))
    (tmp_path / "in/a/three.sse.gz").write_bytes(gzip.compress(BODY))
    (tmp_path / "in/package.json").write_text('{"name": "x"}')
    return tmp_path


def run(*arguments, stdin=None, status=0):
    result = CliRunner().invoke(cli, ["import", *map(str, arguments)], input=stdin)
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def test_a_file_goes_to_stdout_and_what_was_found_to_stderr(folder):
    result = run(folder / "in/a/two.json")
    assert [each.body for each in recordings(io.BytesIO(result.stdout_bytes))] == [BODY, BODY]
    assert result.stderr == (
        f"{folder}/in/a/two.json: vcrpy cassette, 2 exchanges; 1 exchange is left out, not of the Messages "
        "API (1 of example.org)\n"
    )


def test_a_folder_becomes_a_folder_with_a_file_for_each(folder):
    run(folder / "in", "-o", folder / "out")
    written = {
        str(path.relative_to(folder / "out")): len(load_all(path)) for path in (folder / "out").rglob("*.*")
    }
    assert written == {"one.jsonl": 1, "a/two.jsonl": 2, "a/three.jsonl": 1}


def test_all_files_go_into_one_session_in_their_order(folder):
    run(folder / "in/one.json", folder / "in/a/two.json", "-o", folder / "all.jsonl")
    assert len(load_all(folder / "all.jsonl")) == 3


def test_two_files_of_one_name_do_not_replace_each_other(folder):
    (folder / "in/one.yaml").write_text(cassette(OURS))
    run(folder / "in", "-o", folder / "out")
    assert {path.name for path in (folder / "out").glob("*.jsonl")} == {"one.jsonl", "one-2.jsonl"}


def test_standard_input_is_imported(folder):
    run("-", "-o", folder / "out", stdin=BODY)
    assert load(folder / "out/stdin.jsonl").body == BODY


def test_a_file_that_exists_is_kept_unless_the_user_says_otherwise(folder):
    target = folder / "x.jsonl"
    target.write_text("mine")
    result = run(folder / "in/one.json", "-o", target, status=3)
    assert "x.jsonl: exists already" in result.stderr
    assert target.read_text() == "mine"
    run(folder / "in/one.json", "-o", target, "--overwrite")
    assert load(target).body == BODY


def test_a_file_that_is_none_does_not_stop_the_others(folder):
    (folder / "bad.yaml").write_text("interactions:\n- request: [\n")
    result = run(folder / "none.har", folder / "bad.yaml", folder / "in/one.json", status=3)
    assert "none.har: cannot be read: No such file or directory" in result.stderr
    assert "bad.yaml:3: not YAML" in result.stderr
    assert len(list(recordings(io.BytesIO(result.stdout_bytes)))) == 1


def test_a_folder_that_cannot_be_made_is_one_clear_line(folder):
    (folder / "file").write_text("")
    result = run(folder / "in/one.json", "-o", folder / "file/out", status=3)
    assert "file/out/one.jsonl: cannot be written: Not a directory" in result.stderr


@pytest.mark.parametrize("name", ["in.json", "in.sse"])
def test_no_secret_is_written(folder, name):
    body = BODY.replace(b'"text":"', f'"text":"{SECRET} '.encode(), 2)
    (folder / name).write_bytes(cassette(OURS, body=body.decode()).encode() if name == "in.json" else body)
    result = run(folder / name)
    assert SECRET.encode() not in result.stdout_bytes
    assert b"*" * len(SECRET[7:]) in result.stdout_bytes
    (recording,) = recordings(io.BytesIO(result.stdout_bytes))
    assert len(recording.body) == len(body)


def test_a_recording_is_imported_as_it_is(folder):
    result = run(bundled_recording("tool_session"))
    assert result.stdout_bytes == bundled_recording("tool_session").read_bytes()


def test_ids_of_another_tool_become_pseudonyms_and_more_is_hidden_if_the_user_says_so(tmp_path):
    request_id = "req_011CYq2RT4r4zamNx4oSw6EJ"
    capture = tmp_path / "capture.txt"
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: {request_id}\r\n\r\n"
    delta = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}'
    capture.write_text(f"{head}event: content_block_delta\ndata: {delta}\n\n", newline="")
    assert run(capture, "-o", tmp_path / "a.jsonl", "--redact", "outputs").exit_code == 0
    written = (tmp_path / "a.jsonl").read_text()
    assert request_id not in written and "req_fa15e1d0" in written
    assert '"text":"*****"' in written


def test_the_folder_of_one_file_is_made(folder):
    path = folder / "new" / "deep" / "all.jsonl"
    run(folder / "in/a/two.json", "-o", path)
    assert len(load_all(path)) == 2


def test_a_name_of_another_format_is_refused_before_anything_is_read(folder):
    result = run(folder / "in", "-o", folder / "x.har", status=3)
    assert "not written as .har" in result.stderr
    assert not (folder / "x.har").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_import_says_what_is_written(number, status, folder, monkeypatch):
    read = []

    def interrupted(path):
        read.append(path)
        if len(read) == 3:
            signal.raise_signal(number)
        return opened(path)

    monkeypatch.setattr("inspector.cli.import_.opened", interrupted)
    result = CliRunner().invoke(cli, ["import", str(folder / "in"), "-o", str(folder / "out")])
    assert result.exit_code == status
    assert "inspector: interrupted after 2 of 3 sources; files written: 2\n" in result.stderr
    assert len(list(folder.glob("out/**/*.jsonl"))) == 2
