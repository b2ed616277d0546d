"""One door: files of every format, named, in folders and on standard input."""

from __future__ import annotations

import gzip
import io

import pytest
from format_texts import BODY, SAME_BODY, SECRET, URL, vcrpy, yaml_text

from inspector.errors import FormatError, RecordingError, RecordingWarning
from inspector.formats import (
    has_native_form,
    holds_several,
    load,
    load_all,
    opened,
    recording_paths,
    recordings,
)
from inspector.recording import dump
from inspector.recording.bundled import bundled_recording


@pytest.fixture
def file(tmp_path):
    def write(text, name):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return path

    return write


@pytest.mark.parametrize("name", SAME_BODY)
def test_every_format_gives_the_body(file, name):
    recording = load(file(SAME_BODY[name], name))
    assert recording.body == BODY
    assert recording.message()["stop_reason"] == "tool_use"


@pytest.mark.parametrize("name", SAME_BODY)
def test_what_a_file_is_called_does_not_change_what_it_holds(name):
    for other in (None, "-", "x", "x.jsonl", "x.sse", name):
        assert [each.body for each in recordings(io.BytesIO(SAME_BODY[name]), other)] == [BODY]


@pytest.mark.parametrize("name", SAME_BODY)
def test_a_compressed_file_is_read_if_its_name_says_so(file, name):
    assert load(file(gzip.compress(SAME_BODY[name]), f"{name}.gz")).body == BODY


@pytest.mark.parametrize("name", SAME_BODY)
def test_no_secret_comes_through_the_door(file, name):
    assert SECRET.encode() not in b"".join(dump(load(file(SAME_BODY[name], name))))


def test_other_exchanges_are_left_out_and_counted(file):
    cassette = vcrpy()
    for host in ("api.openai.com", "api.openai.com", "example.org"):
        cassette["interactions"] += vcrpy("{}", f"https://{host}/v1/models")["interactions"]
    path = file(yaml_text(cassette), "x.yaml")
    with pytest.warns(RecordingWarning, match=r"x\.yaml: 3 exchanges are left out, .*2 of api\.openai\.com"):
        assert load(path).body == BODY


def test_a_cassette_without_any_exchange_of_ours_is_an_error_that_says_so(file):
    path = file(yaml_text(vcrpy("{}", "https://example.org/x")), "x.yaml")
    with pytest.raises(
        RecordingError, match=r"no exchange of the Messages API in it: 1 exchange is left out"
    ):
        load(path)


def test_several_exchanges_are_a_session_in_order(file):
    cassette = vcrpy()
    cassette["interactions"] += vcrpy(BODY.decode().replace("toolu_", "other_"))["interactions"]
    loaded = load_all(file(yaml_text(cassette), "x.yaml"))
    assert [b"other_" in each.body for each in loaded] == [False, True]


def test_a_folder_has_the_files_that_hold_recordings_by_their_content(file, tmp_path):
    for name, text in SAME_BODY.items():
        file(text, f"a/{name}")
    file(gzip.compress(SAME_BODY["vcrpy.yaml"]), "b/x.yaml.gz")
    for name, text in {
        "package.json": b'{"name": "x", "dependencies": {"@anthropic-ai/sdk": "1"}}',
        "broken.json": b"{",
        "config.yaml": b"data:\n  a: 1\n",
        "notes.txt": b"interactions: none\n",
        "compose.yml": b"version: 2\nservices: {}\n",
        "other.yaml": yaml_text(vcrpy("{}", "https://example.org/x")),
        "README.md": b"# hello",
        "empty.json": b"",
        "request.json": b'{"model": "claude-sonnet-5", "stream": true}',
    }.items():
        file(text, f"c/{name}")
    found = recording_paths([tmp_path])
    assert found == [
        *(str(tmp_path / "a" / name) for name in sorted(SAME_BODY)),
        str(tmp_path / "b/x.yaml.gz"),
    ]
    assert [each.body for each in load_all(tmp_path)] == [BODY] * len(found)


def test_a_broken_cassette_in_a_folder_is_not_passed_over(file, tmp_path):
    file(SAME_BODY["vcrpy.yaml"], "a.yaml")
    file(b"interactions:\n- request: [\n", "b.yaml")
    with pytest.raises(FormatError, match=r"b\.yaml:3: not YAML"):
        load_all(tmp_path)


def test_a_format_names_itself(file):
    with opened(file(SAME_BODY["browser.har"], "x")) as reader:
        assert next(reader).request.url == URL
        assert reader.format == "HAR"


def test_files_that_are_read_whole_are_not_streamed(file):
    cassette = file(SAME_BODY["vcrpy.yaml"], "x.yaml")
    assert not has_native_form(cassette)
    assert holds_several(cassette)
    assert has_native_form(file(BODY, "x.sse"))


def test_in_a_folder_a_compressed_recording_needs_no_other_ending(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(bundled_recording("hello").read_bytes()))
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"notes"))
    assert recording_paths([tmp_path]) == [str(tmp_path / "a.gz")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_a_link_to_nothing_in_a_folder_is_left_for_reading_to_report(tmp_path, name):
    (tmp_path / "hello.jsonl").write_bytes(bundled_recording("hello").read_bytes())
    (tmp_path / name).symlink_to(tmp_path / "nowhere")
    assert str(tmp_path / name) in recording_paths([tmp_path])
