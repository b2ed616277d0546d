"""The page's program reads a recording as the package does: its bytes, its times, its message."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest

import inspector
from inspector.cli._event_lines import Look, event_line
from inspector.page.building import report
from inspector.views.timeline import BODY, Timeline, Tone, claims_stream

_ROOT = Path(__file__).parents[2]
_APP = _ROOT / "inspector" / "page" / "app"
_PATHS = sorted((_ROOT / "recordings").rglob("*.jsonl"))

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (_APP / "node_modules" / "esbuild").exists(),
    reason="needs node, and `npm ci` in inspector/page/app",
)


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, inspector.Recording]]:
    """Return what the program made of each bundled recording, and the recording as the page has it."""
    folder = tmp_path_factory.mktemp("page")
    page = folder / "page.html"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", inspector.RecordingWarning)  # one of them is torn
        page.write_bytes(report(*_PATHS))
    script = Path(__file__).with_name("program_readings.mjs")
    output = subprocess.run(["node", script, _APP, page], check=True, capture_output=True).stdout
    packed = re.findall(rb'<script id="lines-\d+"[^>]*>([^<]*)</script>', page.read_bytes())
    recordings = []
    for index, each in enumerate(packed):
        path = folder / f"{index}.jsonl"
        path.write_bytes(gzip.decompress(base64.b64decode(each)))
        recordings.append(inspector.load(path))
    return list(zip(json.loads(output), recordings, strict=True))


def test_the_lines_bytes_make_the_body(readings: list[tuple[Any, inspector.Recording]]) -> None:
    for reading, recording in readings:
        body = b"".join(block.raw_bytes for block in recording.blocks)
        assert base64.b64decode(reading["body"]) == body, reading["name"]


def test_events_and_times_are_those_of_the_recording(readings: list[tuple[Any, inspector.Recording]]) -> None:
    for reading, recording in readings:
        assert reading["events"] == sum(block.data is not None for block in recording.blocks), reading["name"]
        times = [block.t for block in recording.blocks]
        assert reading["times"][: len(times)] == pytest.approx(times, abs=2e-6), reading["name"]


def test_a_line_that_is_not_unpacked_yet_is_not_taken_for_a_broken_one(
    readings: list[tuple[Any, inspector.Recording]],
) -> None:
    for reading, _ in readings:
        assert reading["early"] in (None, {"name": "", "text": "", "tone": ""}), reading["name"]


def test_events_are_called_as_the_terminal_calls_them(
    readings: list[tuple[Any, inspector.Recording]],
) -> None:
    for reading, recording in readings:
        rows = list(Timeline(stream=claims_stream(recording.head)).rows(recording.blocks))
        if all(row.name == BODY for row in rows):
            continue
        for row, label in zip(rows, reading["labels"], strict=False):
            if row.number is not None and row.tone not in (Tone.ODD, Tone.ERROR):
                line = event_line(row._replace(content=""), Look())
                assert line.split(None, 3)[3:] == [label] or row.block is None, (reading["name"], line)


def test_the_message_has_the_text_that_the_package_folds(
    readings: list[tuple[Any, inspector.Recording]],
) -> None:
    compared = 0
    for reading, recording in readings:
        message = recording.message()
        if message is None or "spliced" in reading["name"] or "index_gap" in reading["name"]:
            continue  # these two have no message that two readers would agree on
        blocks = reading["message"]["blocks"]
        assert len(blocks) == len(message["content"]), reading["name"]
        for block, folded in zip(blocks, message["content"], strict=True):
            if block["kind"] in ("text", "thinking"):
                assert block["text"] == folded[block["kind"]], reading["name"]
            elif _has_whole_input(block) and "glued" not in reading["name"]:
                assert json.loads(block["text"]) == folded["input"], reading["name"]
            compared += 1
    assert compared > 40


def _has_whole_input(block: dict[str, Any]) -> bool:
    return bool(block["kind"].endswith("tool_use") and block["text"] and not block["open"])


def test_the_message_only_grows(readings: list[tuple[Any, inspector.Recording]]) -> None:
    for reading, _ in readings:
        for before, after in zip(reading["steps"], reading["steps"][1:], strict=False):
            assert len(before) <= len(after), reading["name"]
            assert all(was <= now for was, now in zip(before, after, strict=False)), reading["name"]


def test_text_is_found_where_it_is_split_over_deltas(
    readings: list[tuple[Any, inspector.Recording]],
) -> None:
    found = {reading["name"]: reading["found"] for reading, _ in readings}
    assert found["tool_use.jsonl"] == {"split": 2, "absent": 0}
