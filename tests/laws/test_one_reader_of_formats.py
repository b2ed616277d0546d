"""What one command can read, every command can read: files of other tools, named, in a folder and piped."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from inspector.checker import report
from inspector.cli import cli
from inspector.http_library import sdk_library
from inspector.recording import recordings
from inspector.serve.server import Server

sys.path.append(str(Path(__file__).parents[1] / "formats"))

from format_texts import BODY, REQUEST, SAME_BODY, aimock, har_events, json_text

FILES = {**SAME_BODY, "events.har": json_text(har_events()), "aimock.json": json_text(aimock())}


@pytest.fixture(params=FILES)
def path(request, tmp_path):
    file = tmp_path / request.param
    file.write_bytes(FILES[request.param])
    return file


def run(*arguments, stdin=None):
    result = CliRunner().invoke(cli, [*map(str, arguments)], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def loaded(path, recwarn):
    return inspector.load_all(path)


def bodies(found):
    return [each.body for each in found]


def test_show_prints_its_bodies_its_payloads_and_its_messages(path, loaded):
    assert run("show", "--format", "raw", path).stdout_bytes == b"".join(bodies(loaded))
    events = [event.block.data + b"\n" for each in loaded for event in each.events()]
    assert run("show", "--format", "events", path).stdout_bytes == b"".join(events)
    shown, decoder = run("show", "--format", "message", path).stdout.strip(), json.JSONDecoder()
    for each in loaded:
        message, end = decoder.raw_decode(shown)
        shown = shown[end:].lstrip()
        assert message == (each.message() or json.loads(each.body))


def test_it_is_the_same_by_name_in_a_folder_and_on_standard_input(path, loaded):
    piped = recordings(io.BytesIO(run("show", "--format", "jsonl", "-", stdin=FILES[path.name]).stdout_bytes))
    assert bodies(piped) == bodies(inspector.load_all(path.parent)) == bodies(loaded)


def test_import_writes_a_recording_that_says_the_same(path, loaded):
    again = list(recordings(io.BytesIO(run("import", path).stdout_bytes)))
    assert [(each.head, each.blocks, each.end) for each in again] == [
        (each.head, each.blocks, each.end) for each in loaded
    ]


def test_check_says_of_it_what_the_library_says(path, loaded):
    reports = json.loads(run("check", "--no-sdk", "--format", "json", path).stdout)["reports"]
    assert len(reports) == len(loaded)
    for shown, each in zip(reports, loaded, strict=True):
        assert [found["rule"] for found in shown["findings"]] == [f.rule for f in report(each).findings]


def test_replay_shows_and_edit_edits_it(path, loaded):
    assert run("replay", "--speed", "1e6", "--format", "raw", path).stdout_bytes == b"".join(bodies(loaded))
    edited = run("edit", path, "--fault", "http-error=529")
    assert len(list(recordings(io.BytesIO(edited.stdout_bytes)))) == len(loaded)


def test_the_transport_and_the_server_answer_with_it(path, loaded):
    library = sdk_library()
    with library.Client(transport=inspector.replay(path, match="any")) as client:
        replayed = [client.post("http://x/v1/messages", content=REQUEST).content for _ in loaded]
    with Server(path, match="any") as server, library.Client() as client:
        served = [client.post(f"{server.url}/v1/messages", content=REQUEST).content for _ in loaded]
    assert replayed == served == bodies(loaded)


@pytest.mark.parametrize("name", ["vcrpy.yaml", "browser.har"])
def test_a_large_file_is_played_whole(name, tmp_path):
    """A file of more than a mebibyte is streamed if it is a recording, and loaded if it is not."""
    comment = b": " + b"x" * 1_200_000 + b"\n\n"
    text = FILES[name].replace(
        b"event: message_stop", comment.replace(b"\n", b"\\n") + b"event: message_stop"
    )
    if name == "vcrpy.yaml":
        import yaml

        value = yaml.safe_load(FILES[name])
        body = value["interactions"][0]["response"]["body"]
        body["string"] = body["string"].replace(
            "event: message_stop", comment.decode() + "event: message_stop"
        )
        text = yaml.safe_dump(value).encode()
    file = tmp_path / name
    file.write_bytes(text)
    with sdk_library().Client(transport=inspector.replay(file, match="any")) as client:
        assert client.post("http://x/v1/messages", content=REQUEST).content == BODY.replace(
            b"event: message_stop", comment + b"event: message_stop"
        )
