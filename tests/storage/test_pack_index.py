"""The index of a pack is what its manual says, and is read in windows."""

from __future__ import annotations

import json
import re

import pytest
from conftest import ROOT
from packed_examples import Lines, packs_of, text_of

from inspector import RecordingError
from inspector.corpus.making_packs.pack_writer import PackWriter
from inspector.storage import local_files
from inspector.storage.pack_index import PackIndex

MANUAL = (ROOT / "docs" / "packs.md").read_text()


def index_of(folder, texts):
    (pack,) = packs_of(folder, texts)
    return pack.with_name(pack.name + ".index")


def test_the_manual_has_every_member_of_every_line_and_no_other(tmp_path):
    with PackWriter(tmp_path) as writer:
        writer.add("a.har", Lines(text_of(1), packed_name="a.har.jsonl"))
    (path,) = tmp_path.glob("*.index")
    written = [json.loads(line) for line in path.read_text().splitlines()]
    table = MANUAL.partition("| member | what |")[2].partition("\n\n")[0]
    named = {
        name
        for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert named == set().union(*written)
    example = re.search(r'```\n(\{"pack".*?)```', MANUAL, re.DOTALL)[1]
    shown = [json.loads(line) for line in example.splitlines()]
    assert [list(shown[at]) for at in (0, 1, 4)] == [list(line) for line in written]


def test_every_frame_has_its_sources_however_long_the_lines_are(tmp_path):
    texts = {f"{number:05}-{'n' * 200}.jsonl": text_of(number, 9_000) for number in range(1_500)}
    index = PackIndex(local_files, str(index_of(tmp_path, texts)))
    assert len(index.frames) > 10
    names = [entry.name for frame in index.frames for entry in index.entries(frame)[0]]
    assert names == list(texts)
    backwards = [[entry.name for entry in index.entries(frame)[0]] for frame in reversed(index.frames)]
    assert [name for frame in reversed(backwards) for name in frame] == names


def test_a_name_leads_to_its_frame(tmp_path):
    texts = {f"{number}.jsonl": text_of(number, 300_000) for number in (1, 2, 9, 10, 11, 3, 100)}
    index = PackIndex(local_files, str(index_of(tmp_path, texts)))
    for name in texts:
        frame = index.frame_of(name)
        assert name in [entry.name for entry in index.entries(frame)[0]]
    assert index.frame_of("4.jsonl") is None
    assert index.frame_of("") is None


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (2, {"start": 1}),
        (2, {"frame": 1}),
        (3, {"lines": [0, 5]}),
        (3, {"lines": [500, 5]}),
    ],
)
def test_a_frame_that_does_not_follow_names_its_line(tmp_path, line, change):
    path = index_of(tmp_path, {f"{number}.jsonl": text_of(number, 600_000) for number in range(3)})
    lines = path.read_text().splitlines(keepends=True)
    lines[line - 1] = json.dumps({**json.loads(lines[line - 1]), **change}) + "\n"
    path.write_text("".join(lines))
    with pytest.raises(RecordingError) as caught:
        PackIndex(local_files, str(path))
    assert f"line {line} of a pack's index: " in str(caught.value)


@pytest.mark.parametrize("line", [2, 3, 4], ids=["first", "middle", "last"])
@pytest.mark.parametrize(
    "change",
    [lambda line: "#" * len(line), lambda line: {**line, "size": -1}, lambda line: {**line, "sources": "2"}],
    ids=["no JSON", "a negative size", "a count that is text"],
)
def test_a_frame_whose_line_is_broken_is_what_stands_between_its_neighbours(tmp_path, line, change):
    path = index_of(tmp_path, {f"{number}.jsonl": text_of(number, 600_000) for number in range(3)})
    whole = PackIndex(local_files, str(path))
    lines = path.read_text().splitlines()
    changed = change(json.loads(lines[line - 1]))
    lines[line - 1] = changed if isinstance(changed, str) else json.dumps(changed)
    path.write_text("\n".join(lines) + "\n")
    index = PackIndex(local_files, str(path))
    assert [str(each).partition(": ")[2] for each in index.problems] == [
        f"line {line} of a pack's index: this line is broken; its frame is read by those around it"
    ]
    assert index.frames == whole.frames


def test_two_broken_lines_of_frames_together_are_an_error(tmp_path):
    path = index_of(tmp_path, {f"{number}.jsonl": text_of(number, 600_000) for number in range(4)})
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "#", "#", *lines[3:]]) + "\n")
    with pytest.raises(RecordingError, match=r"line 2 of a pack's index: .* and so is the next one"):
        PackIndex(local_files, str(path))


def test_a_line_of_a_source_is_not_taken_for_the_line_of_a_frame(tmp_path):
    path = index_of(tmp_path, {"1.jsonl": text_of(1), "2.jsonl": text_of(2)})
    path.write_text(path.read_text().replace('"frames":1', '"frames":2', 1))
    with pytest.raises(RecordingError, match="line 3 of a pack's index: "):
        PackIndex(local_files, str(path))
