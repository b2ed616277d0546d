"""Tables of recordings wherever they are kept: packs, of which each part is a source, and object stores."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner
from conftest import ROOT
from object_servers import nanio
from table_runs import rows, run

from inspector.cli import cli
from inspector.storage import listed, packs

pytest.importorskip("obstore")
NAMES = ("hello", "thinking", "tool_use", "pings", "unicode", "broken/cut_text")


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(24):
        shutil.copy(ROOT / "recordings" / f"{NAMES[number % len(NAMES)]}.jsonl", folder / f"{number}.jsonl")
    return folder


def inspector(*arguments):
    result = CliRunner().invoke(cli, [str(each) for each in arguments])
    assert result.exit_code in (0, 1), result.output
    return result


@pytest.fixture
def pack(files, tmp_path, monkeypatch):
    """Pack the files, so that every frame is a source of its own."""
    from inspector.corpus.making_packs import pack_writer

    monkeypatch.setattr(pack_writer, "_FRAME", 8192)
    monkeypatch.setattr(packs, "_RANGE", 1)

    def packed():
        inspector("export", "--pack", files, "-o", tmp_path / "packs", "--overwrite")
        return tmp_path / "packs"

    return packed


def facts(out, table):
    """The rows of a table without what says where a recording is kept."""
    changing = ("source", "sha256", "size", "modified")
    made = [{k: v for k, v in row.items() if k not in changing} for row in rows(out, table)]
    return sorted(made, key=lambda row: [str(value) for value in row.values()])


def test_a_pack_has_the_rows_of_the_folder_that_it_was_made_of(files, pack, tmp_path):
    place = pack()
    assert len(list(listed(str(place)))) > 4
    run(files, tmp_path / "a")
    run(place, tmp_path / "b")
    for table in ("responses", "findings", "events"):
        assert facts(tmp_path / "a", table) == facts(tmp_path / "b", table) != []


def test_a_pack_is_gone_on_with_part_by_part(pack, tmp_path):
    place = pack()
    run(place, tmp_path / "whole")
    sources = list(listed(str(place)))
    from inspector.corpus.tabulation.table_folder import TableFolder
    from inspector.corpus.tabulation.tabulate import Tabulate

    job = Tabulate(events=True)
    with TableFolder(tmp_path / "out", job) as folder:
        folder.add(job([each for each in sources[:2] if folder.wants(each)]))
    read = []
    run(place, tmp_path / "out", resume=True, read=read)
    assert read == sources[2:]
    assert rows(tmp_path / "out", "responses") == rows(tmp_path / "whole", "responses")


def test_what_was_there_before_is_counted_in_files_as_all_else(pack, tmp_path):
    place = pack()
    inspector("check", place, "-o", tmp_path / "out")
    again = inspector("check", place, "-o", tmp_path / "out", "--resume")
    assert again.stderr == (
        "inspector: 24 sources: 24 read (24 recordings), 0 unreadable, 0 of something else; "
        "24 were in the tables before\n"
    )


@pytest.mark.parametrize("frame", [4096, 8192, 10**6])
def test_of_a_pack_that_changed_no_old_row_is_left(files, pack, tmp_path, monkeypatch, frame):
    from inspector.corpus.making_packs import pack_writer

    run(pack(), tmp_path / "out", batch=1)
    for number in (0, 13, 23):
        (files / f"{number}.jsonl").unlink()
    monkeypatch.setattr(pack_writer, "_FRAME", frame)
    place = pack()
    run(place, tmp_path / "out", resume=True, batch=1)
    run(place, tmp_path / "whole", batch=1)
    for table in ("responses", "findings", "events", "sources"):
        assert rows(tmp_path / "out", table) == rows(tmp_path / "whole", table)


def test_objects_have_the_rows_of_files(files, tmp_path, clouds_unset, monkeypatch):
    bucket = tmp_path / "store" / "captures"
    shutil.copytree(files, bucket / "2026")
    with nanio(tmp_path / "store") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        inspector("check", "s3://captures/2026/", "-o", tmp_path / "out", "--events")
        again = inspector("check", "s3://captures/2026/", "-o", tmp_path / "out", "--events", "--resume")
    assert again.stderr.endswith("24 were in the tables before\n")
    run(files, tmp_path / "whole")
    for table in ("responses", "findings", "events"):
        assert facts(tmp_path / "out", table) == facts(tmp_path / "whole", table)
    assert rows(tmp_path / "out", "responses")[0]["source"] == "s3://captures/2026/0.jsonl"
    secrets = [value for name, value in environment.items() if "SECRET" in name]
    assert not [secret for secret in secrets if secret in str(rows(tmp_path / "out", "sources"))]


def test_a_bucket_that_can_be_listed_by_now_is_no_longer_unreadable(
    files, tmp_path, clouds_unset, monkeypatch
):
    (tmp_path / "store" / "other").mkdir(parents=True)
    command = ["check", "s3://captures/2026/", "-o", str(tmp_path / "out")]
    with nanio(tmp_path / "store") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        before = CliRunner().invoke(cli, command)
        shutil.copytree(files, tmp_path / "store" / "captures" / "2026")
        inspector(*command, "--resume")
    assert before.exit_code == 3
    assert "1 unreadable" in before.stderr
    assert not [row["error"] for row in rows(tmp_path / "out", "responses") if row["error"]]
    assert len(rows(tmp_path / "out", "sources")) == 24
