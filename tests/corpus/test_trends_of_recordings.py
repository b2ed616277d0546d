"""From recordings to what changed, by the real commands: whole streams, and the same with faults in them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from statistics import quantiles

import pytest
from conftest import ROOT

from inspector import check, load, save, stats
from inspector.faults import apply

NAMES = ["hello", "pings", "thinking", "tool_use"]
COPIES = 60
"""Of each recording: enough for intervals that see what the faults do."""


def inspector(*args, folder, status=0):
    command = [sys.executable, "-m", "inspector", *map(str, args)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two folders of recordings, and a set of tables of each."""
    folder = tmp_path_factory.mktemp("captures")
    whole = {path.stem: path for path in (ROOT / "recordings").glob("*.jsonl") if path.stem in NAMES}
    broken = {name: apply(load(path), ["cut-fin@mid"]) for name, path in whole.items()}
    slow = {name: apply(load(path), ["stall=90s@ev:3"]) for name, path in whole.items()}
    for name in ("healthy", "faulty"):
        (folder / name).mkdir()
    for copy in range(COPIES):
        for name, path in whole.items():
            target = f"{name}-{copy}.jsonl"
            shutil.copy(path, folder / "healthy" / target)
            faulty = {0: broken, 1: slow}.get(copy % 4)
            if faulty:
                save(faulty[name], folder / "faulty" / target)
            else:
                shutil.copy(path, folder / "faulty" / target)
    (folder / "faulty" / "no-recording.jsonl").write_text("nothing that is known")
    inspector("stats", "healthy", "-o", "A", folder=folder)
    inspector("check", "faulty", "-o", "B", folder=folder, status=3)
    return folder


@pytest.fixture(scope="module")
def document(folder):
    return json.loads(inspector("stats", "A", "B", "--format", "json", folder=folder))


def line(document, kind, name, quantile=None):
    (made,) = [
        each
        for each in document["lines"]
        if (each["kind"], each["name"], each["quantile"]) == (kind, name, quantile)
    ]
    return made


def test_faults_are_what_changed(document):
    changed = {(each["kind"], each["name"]) for each in document["lines"] if each["changed"]}
    assert {("ending", "cut"), ("verdict", "partial"), ("rule", "body-truncated")} <= changed
    assert {("rule", "gap-idle"), ("time", "longest_silence")} <= changed
    assert ("time", "time_to_first_byte") not in changed
    assert not {kind for kind, _ in changed} & {"status"}


def test_each_count_is_that_of_checking_the_recordings_one_by_one(folder, document):
    for side, name in enumerate(("healthy", "faulty")):
        files = [path for path in (folder / name).iterdir() if path.stem != "no-recording"]
        findings = [check(load(path)) for path in files]
        assert document["sets"][side]["recordings"] == len(files)
        for each in document["lines"]:
            if each["kind"] == "rule":
                count = sum(each["name"] in {finding.rule for finding in of_one} for of_one in findings)
                assert each["sides"][side]["count"] == count
        silences = [
            max(each.silences.bytes.seconds, each.silences.content.seconds)
            for each in map(stats, map(load, files))
        ]
        made = line(document, "time", "longest_silence", "p90")["sides"][side]
        assert made["count"] == len(files)
        assert made["value"] == pytest.approx(quantiles(silences, n=10, method="inclusive")[-1], abs=2e-6)


def test_what_is_no_recording_is_an_unreadable_file(document):
    assert document["sets"][1]["unreadable"] == 1
    sides = line(document, "unreadable", "")["sides"]
    assert [(side["count"], side["of"]) for side in sides] == [(0, 240), (1, 241)]


def test_sets_of_one_command_and_of_the_other_are_alike(document):
    assert [note for note in document["notes"] if "not compared" in note or "differ" in note] == []


def test_rules_that_one_set_was_made_without_are_not_compared(folder):
    inspector("check", "faulty", "-o", "C", "--ignore", "gap-idle", folder=folder, status=3)
    text = inspector("stats", "A", "C", folder=folder)
    assert "rule body-truncated" in text
    assert "rule gap-idle" not in text
    text = inspector("stats", "B", "C", "--all", folder=folder)
    assert "not compared, for not every set was made with them: gap-idle" in text


def test_a_part_of_an_interrupted_run_does_not_count(folder):
    shutil.copytree(folder / "A", folder / "D")
    part = folder / "D" / "responses" / "part-00000.parquet"
    shutil.copy(part, part.with_name("part-00001.parquet"))
    assert "240 recordings" in inspector("stats", "D", folder=folder)


def test_one_table_in_a_file_is_a_set_too(folder):
    inspector("stats", "healthy", "-o", "one.parquet", folder=folder)
    text = inspector("stats", "A", "one.parquet", folder=folder)
    assert "None of " in text
    inspector("stats", "A", "-o", "E", folder=folder, status=2)
