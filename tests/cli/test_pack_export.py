"""`inspector export --pack` and `--unpack`, as people use them."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import tarfile
import time

import pytest
from click.testing import CliRunner
from conftest import ROOT
from packed_examples import text_of

from inspector.cli import cli
from inspector.corpus.making_packs.pack_writer import PackWriter

RECORDINGS = ROOT / "recordings"


def run(*arguments):
    return CliRunner().invoke(cli, [*map(str, arguments)])


def pack(*arguments):
    return run("export", "--pack", *arguments)


@pytest.fixture
def folder(tmp_path):
    """A folder of a recording, a bare stream, a file that is no recording, and something else."""
    folder = tmp_path / "captures"
    (folder / "runs").mkdir(parents=True)
    (folder / "runs" / "1.jsonl").write_bytes(text_of(1))
    (folder / "bare.sse").write_bytes(b'event: ping\ndata: {"type": "ping"}\n\n')
    (folder / "broken.jsonl").write_bytes(b"hello\n")
    (folder / "settings.json").write_bytes(b'{"a":1}')
    return folder


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_every_source_is_in_a_pack_or_named(folder, tmp_path):
    result = pack(folder, "-o", tmp_path / "packs")
    assert result.exit_code == 3
    assert f"inspector: {folder}/broken.jsonl:1: not a recording" in result.stderr
    assert f"{tmp_path}/packs: 2 sources in 1 pack, " in result.stderr
    assert "made into recordings: 1 of a bare event stream" in result.stderr
    assert names(tmp_path / "packs") == ["pack-00001.jsonl.zst", "pack-00001.jsonl.zst.index"]


@pytest.mark.parametrize(
    "command", [["check", "--no-sdk"], ["ls"], ["stats"], ["show"], ["show", "--format", "text"]]
)
def test_commands_read_packs_as_they_read_the_folder(command, tmp_path):
    assert pack(RECORDINGS, "-o", tmp_path / "packs", "--pack-size", 1).exit_code == 0
    of_folder = run(*command, RECORDINGS)
    of_packs = run(*command, tmp_path / "packs")
    below = f"{tmp_path}/packs/pack-00001.jsonl.zst"
    assert of_packs.exit_code == of_folder.exit_code
    assert shape(of_packs.stdout, below) == shape(of_folder.stdout, str(RECORDINGS))


def shape(text, folder):
    """A text without the name of the folder, and without the widths of columns that it changes."""
    return [line.split() for line in text.replace(folder, "").splitlines()]


def test_one_source_of_a_pack_is_shown_by_its_name(tmp_path):
    pack(RECORDINGS, "-o", tmp_path / "packs")
    hello = run("show", "--format", "jsonl", tmp_path / "packs/pack-00001.jsonl.zst/hello.jsonl")
    assert hello.stdout_bytes == (RECORDINGS / "hello.jsonl").read_bytes()


def test_several_sources_keep_their_whole_names(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "1.jsonl").write_bytes(text_of(2))
    result = pack(folder / "runs", other, "-o", tmp_path / "packs")
    assert result.exit_code == 0
    below = str(tmp_path).lstrip("/")
    assert names_in(tmp_path / "packs") == [f"{below}/captures/runs/1.jsonl", f"{below}/other/1.jsonl"]


def names_in(packs):
    lines = (packs / "pack-00001.jsonl.zst.index").read_text().splitlines()
    return [line.split('"')[3] for line in lines if line.startswith('{"name"')]


def test_a_tar_is_packed_as_the_folder_in_it(folder, tmp_path):
    with tarfile.open(tmp_path / "captures.tar.gz", "w:gz") as tar:
        tar.add(folder / "runs", "runs")
    assert pack(tmp_path / "captures.tar.gz", "-o", tmp_path / "packs").exit_code == 0
    assert names_in(tmp_path / "packs") == ["runs/1.jsonl"]


def test_unpack_brings_the_files_back(tmp_path):
    pack(RECORDINGS, "-o", tmp_path / "packs")
    result = run("export", "--unpack", tmp_path / "packs", "-o", tmp_path / "out")
    assert result.exit_code == 0
    for path in RECORDINGS.rglob("*.jsonl"):
        assert (tmp_path / "out" / path.relative_to(RECORDINGS)).read_bytes() == path.read_bytes()
    assert len(names(tmp_path / "out")) == 49


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse some of the names")
def test_a_folder_comes_back_with_its_very_names(tmp_path):
    folder = tmp_path / "captures"
    odd = ["caf\udce9", "a/\udcff/b", "e\\f", "x" * 249, "é" * 124, "-rf", " ", "a*?"]
    for number, name in enumerate(odd):
        path = folder / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text_of(number))
    assert pack(folder, "-o", tmp_path / "packs").exit_code == 0
    result = run("export", "--unpack", tmp_path / "packs", "-o", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (0, "")
    assert names(tmp_path / "out") == names(folder)
    for name in names(folder):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()


def test_names_that_are_not_safe_are_in_one_line_with_what_they_became(tmp_path):
    folder = tmp_path / "captures"
    folder.mkdir()
    for name in ("a\x1b[2J.jsonl", "b\n.jsonl", "c.jsonl"):
        (folder / name).write_bytes(text_of(1))
    pack(folder, "-o", tmp_path / "packs")
    result = run("export", "--unpack", tmp_path / "packs", "-o", tmp_path / "out")
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 0 and "2 names were changed: a\\e[2J.jsonl is " in line and "\x1b" not in line
    assert all(name in line for name in names(tmp_path / "out") if name != "c.jsonl")


def test_changed_names_are_one_line(tmp_path):
    with tarfile.open(tmp_path / "many.tar", "w") as tar:
        for name in ["a.jsonl"] * 5 + ["y" * 300 + ".jsonl"]:
            header = tarfile.TarInfo(name)
            header.size = len(text_of(1))
            tar.addfile(header, io.BytesIO(text_of(1)))
    result = run("export", "--unpack", tmp_path / "many.tar", "-o", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (0, (
        f"inspector: {tmp_path}/out: 5 names were changed: a.jsonl is a-2.jsonl, "
        f"a.jsonl is a-3.jsonl, a.jsonl is a-4.jsonl, …\n"
    ))  # fmt: skip


def test_unpack_says_nothing_of_recordings_that_nobody_counted(tmp_path):
    folder = tmp_path / "captures"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number}.jsonl").write_bytes(text_of(number))
    assert "100 read (100 recordings)" in pack(folder, "-o", tmp_path / "packs").stderr
    result = run("export", "--unpack", tmp_path / "packs", "-o", tmp_path / "out")
    assert result.stderr == "inspector: 100 sources: 100 read, 0 unreadable, 0 of something else\n"


def test_a_cut_pack_is_one_line_for_all_its_frames(tmp_path):
    folder, packs = tmp_path / "captures", tmp_path / "packs"
    folder.mkdir()
    for number in range(12):
        noise = os.urandom(400_000).hex().encode()
        (folder / f"{number}.jsonl").write_bytes(text_of(number).replace(b"x" * 200, noise))
    pack(folder, "-o", packs)
    whole = (packs / "pack-00001.jsonl.zst").read_bytes()
    (packs / "pack-00001.jsonl.zst").write_bytes(whole[: len(whole) // 3])
    result = run("check", "-q", "--no-sdk", packs)
    (line,) = [line for line in result.stderr.splitlines() if "breaks off" in line]
    assert "files: frame … of its pack breaks off: the pack ends in it, or before it: " in line


def test_a_cut_file_is_called_cut_by_every_command(tmp_path):
    path = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress((RECORDINGS / "hello.jsonl").read_bytes())
    for end in (60, 400, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:end])
        for command in (["check"], ["export", "--pack", "-o", tmp_path / "packs"]):
            assert "the gzip data breaks off here" in run(*command, path).stderr


def test_unpack_leaves_its_folder_by_no_name(tmp_path):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        for name in ("../../evil.jsonl", "/etc/evil.jsonl", "a/../../evil.jsonl"):
            header = tarfile.TarInfo(name)
            header.size = len(text_of(1))
            tar.addfile(header, io.BytesIO(text_of(1)))
    run("export", "--unpack", tmp_path / "evil.tar", "-o", tmp_path / "out")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.is_relative_to(tmp_path / "out") or path.name == "evil.tar" for path in written)
    assert len(written) == 4


def test_an_old_folder_is_refused_and_replaced_whole(folder, tmp_path):
    packs = tmp_path / "packs"
    assert pack(RECORDINGS, "-o", packs).exit_code == 0
    before = (packs / "pack-00001.jsonl.zst").read_bytes()
    result = pack(folder / "runs", "-o", packs)
    assert (result.exit_code, result.stderr) == (
        3, f"inspector: {packs}: exists already; --overwrite replaces it\n"
    )  # fmt: skip
    assert (packs / "pack-00001.jsonl.zst").read_bytes() == before
    assert pack(folder / "runs", "-o", packs, "--overwrite").exit_code == 0
    assert names_in(packs) == ["1.jsonl"]


def test_packs_are_packed_anew_in_their_own_place(tmp_path):
    packs = tmp_path / "packs"
    pack(RECORDINGS, "-o", packs)
    before = names_in(packs)
    assert pack(packs, "-o", packs, "--overwrite").exit_code == 0
    assert names_in(packs) == before


def test_a_folder_of_something_else_is_never_replaced(folder):
    result = pack(folder, "-o", folder, "--overwrite")
    assert result.exit_code == 3
    assert "holds other things, such as bare.sse" in result.stderr
    assert (folder / "runs" / "1.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pack", "x"], "name the folder to write: -o FOLDER/"),
        (["--pack", "-", "-o", "packs"], "standard input is one file"),
        (["--pack", "--unpack", "x", "-o", "y"], "exclude each other"),
        (["--pack", "--format", "har", "x", "-o", "y"], "exclude each other"),
        (["--unpack", "--overwrite", "x", "-o", "y"], "--unpack writes a new folder"),
    ],
)
def test_wrong_use_says_what_to_do(arguments, message):
    result = run("export", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_folder_without_recordings_leaves_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    result = pack(tmp_path / "empty", "-o", tmp_path / "packs")
    assert result.exit_code == 3
    assert "no recordings in this folder: it is empty" in result.stderr
    assert not (tmp_path / "packs").exists()


@pytest.mark.parametrize(("overwrite", "left"), [(False, 2), (True, 1)])
def test_an_interruption_says_what_is_there_and_exits_with_130(overwrite, left, tmp_path, monkeypatch):
    """Without an old folder the packs that are whole stay; else the old folder does."""
    folder, packs = tmp_path / "captures", tmp_path / "packs"
    folder.mkdir()
    for number in range(8):
        text = text_of(number).replace(b"x" * 200, os.urandom(500_000).hex().encode())
        (folder / f"{number}.jsonl").write_bytes(text)
    if overwrite:
        assert pack(RECORDINGS, "-o", packs).exit_code == 0
    add = PackWriter.add

    def interrupted(writer, name, lines):
        if writer.packs == 2:
            raise KeyboardInterrupt
        add(writer, name, lines)

    monkeypatch.setattr(PackWriter, "add", interrupted)
    result = pack(folder, "-o", packs, "--pack-size", 1, *["--overwrite"][: int(overwrite)])
    assert result.exit_code == 130
    assert "interrupted after " in result.stderr
    assert len(names(packs)) == 2 * left
    assert (" sources in 2 packs, " in result.stderr) is not overwrite


def test_a_killed_process_leaves_whole_packs_only(tmp_path):
    folder, packs = tmp_path / "captures", tmp_path / "packs"
    folder.mkdir()
    for number in range(40):
        text = text_of(number).replace(b"x" * 200, os.urandom(500_000).hex().encode())
        (folder / f"{number}.jsonl").write_bytes(text)
    command = [sys.executable, "-m", "inspector", "export", "--pack", str(folder), "-o", str(packs)]
    process = subprocess.Popen([*command, "--pack-size", "1"], stderr=subprocess.DEVNULL)
    while process.poll() is None and not (packs / "pack-00003.jsonl.zst").exists():
        time.sleep(0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    visible = [path for path in packs.iterdir() if not path.name.startswith(".")]
    assert len(visible) >= 6
    assert run("check", "--no-sdk", packs).exit_code < 3
