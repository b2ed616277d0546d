"""Every command reads every place: what it says of recordings does not depend on where they are kept."""

from __future__ import annotations

import gzip
import re
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from object_servers import nanio
from zstd_library import zstd

import inspector
from inspector.cli import cli
from inspector.play.sources import loaded
from inspector.recording.bundled import bundled_recording
from inspector.serve.server import Server

ONE, OTHER = (bundled_recording(name) for name in ("tool_use", "broken/cut_tool"))
TEXTS = {"a.jsonl": ONE.read_bytes(), "b.jsonl": OTHER.read_bytes()}


def folder(root):
    for name, text in TEXTS.items():
        (root / "run" / name).parent.mkdir(exist_ok=True)
        (root / "run" / name).write_bytes(text)
    return [str(root / "run")]


def files(root):
    return [f"{path}/{name}" for path in folder(root) for name in TEXTS]


def compressed(ending, pack):
    def place(root):
        for name, text in TEXTS.items():
            (root / f"{name}{ending}").write_bytes(pack(text))
        return [str(root / f"{name}{ending}") for name in TEXTS]

    return place


def archive(ending, pack):
    def place(root):
        plain = root / "plain"
        with tarfile.open(plain, "w") as tar:
            for name in files(root):
                tar.add(name, f"./run/{Path(name).name}")
        (root / f"x{ending}").write_bytes(pack(plain.read_bytes()))
        return [str(root / f"x{ending}")]

    return place


def members(root):
    [path] = archive(".tar.gz", gzip.compress)(root)
    return [f"{path}/run/{name}" for name in TEXTS]


def in_a_folder(root):
    """An archive that stands in a folder."""
    [path] = archive(".tar", bytes)(root)
    (root / "outer").mkdir()
    Path(path).rename(root / "outer" / "x.tar")
    return [str(root / "outer")]


def packs(root):
    out = root / "packs"
    assert CliRunner().invoke(cli, ["export", "--pack", *folder(root), "-o", str(out)]).exit_code == 0
    return [str(out)]


PLACES = {
    "a folder": folder,
    "a pattern": lambda root: [f"{folder(root)[0]}/*"],
    "gzip": compressed(".gz", gzip.compress),
    "zstd": compressed(".zst", zstd.compress),
    "tar": archive(".tar", bytes),
    "tar.gz": archive(".tar.gz", gzip.compress),
    "tgz": archive(".tgz", gzip.compress),
    "tar.zst": archive(".tar.zst", zstd.compress),
    "members of a tar.gz": members,
    "a tar in a folder": in_a_folder,
    "packs": packs,
}
"""Functions that make a place in a folder, and return the arguments that mean the two recordings in it."""

IN_A_BUCKET = {
    "s3": folder,
    "objects of s3": files,
    "compressed objects": compressed(".gz", gzip.compress),
    "a tar in s3": archive(".tar.zst", zstd.compress),
    "members of a tar in s3": members,
    "packs in s3": packs,
}
"""Places that are made in a folder that a store serves as a bucket."""

RUNS = [
    *(("show", "--format", form) for form in ("raw", "events", "text", "message", "jsonl")),
    ("replay", "--format", "raw", "--speed", "1e6"),
    ("check", "--format", "json", "--no-sdk"),
    ("check", "--format", "json", "--no-sdk", "-j", "1"),
    ("stats", "--format", "json"),
    ("ls", "--format", "json"),
    ("export", "--format", "har"),
    ("export", "--format", "csv"),
    ("import",),
]
"""Commands that write to standard output what they say of several recordings."""

_NAME = re.compile(r"""[^\s"']*[/\\]([ab]\.jsonl)(?:\.gz|\.zst)?""")


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    """A bucket of a real store: the folder in which its objects are, and the environment that reaches it."""
    pytest.importorskip("obstore")
    pytest.importorskip("nanio")
    folder = tmp_path_factory.mktemp("nanio") / "bucket"
    folder.mkdir()
    with nanio(folder.parent) as environment:
        yield folder, environment


@pytest.fixture(params=[*PLACES, *IN_A_BUCKET])
def place(request, tmp_path, monkeypatch):
    if request.param in PLACES:
        root = tmp_path / "place"
        root.mkdir()
        return PLACES[request.param](root)
    folder, environment = request.getfixturevalue("bucket")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    root = folder / request.param.replace(" ", "-")
    root.mkdir(exist_ok=True)
    if not (root / "arguments").exists():
        (root / "arguments").write_text("\n".join(IN_A_BUCKET[request.param](root)))
    names = (root / "arguments").read_text().split("\n")
    return [f"s3://bucket/{Path(name).relative_to(folder)}" for name in names]


@pytest.fixture
def plain(tmp_path):
    root = tmp_path / "plain"
    root.mkdir()
    return files(root)


def run(*arguments):
    """What a command prints, by the names of the files alone, and its exit status."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, _NAME.sub(r"\1", result.stdout), _NAME.sub(r"\1", result.stderr)


@pytest.mark.parametrize("command", RUNS, ids=" ".join)
def test_a_command_says_the_same_of_every_place(command, place, plain):
    status, said, problems = run(*command, *plain)
    assert run(*command, *place) == (status, said, problems)
    assert said


@pytest.mark.parametrize("command", ["import", "redact", "export"])
def test_a_command_writes_a_file_for_each(command, place, plain, tmp_path):
    key = [] if command == "export" else ["--redact-key", "k"]
    form = ["--format", "har"] if command == "export" else []
    written = []
    for number, arguments in enumerate((plain, place)):
        out = tmp_path / f"out{number}"
        out.mkdir()
        status, _, problems = run(command, *form, *key, *arguments, "-o", str(out))
        assert status == 0, problems
        written.append({path.name.split(".")[0] for path in out.rglob("*") if path.is_file()})
    assert written == [{"a", "b"}, {"a", "b"}]


def test_the_library_reads_it(place):
    bodies = [inspector.load(path).body for path in (ONE, OTHER)]
    assert [each.body for argument in place for each in inspector.load_all(argument)] == bodies
    assert [each.body for each in loaded(place)] == bodies
    assert inspector.replay(*place, match="any") is not None


def test_it_is_served(place):
    with Server(*place, match="any") as server:
        assert server.url


def test_it_is_compared(place, plain):
    if len(place) == 1:
        same = place[0] if "*" in place[0] else str(Path(plain[0]).parent)
        assert run("diff", same, place[0])[0] == 0
    else:
        assert [run("diff", *pair)[0] for pair in zip(plain, place, strict=True)] == [0, 0]


def test_it_is_in_a_page(place, tmp_path):
    status, _, said = run("report", *place, "-o", str(tmp_path / "page.html"), "--no-sdk")
    assert (status, "has 2 recordings" in said) == (0, True)


def test_one_recording_is_edited_and_streamed(place):
    if len(place) == 2:
        assert run("edit", "--fault", "http-error=529", place[0])[0] == 0
        status, said, _ = run("stream", "--offline", place[0], "--format", "raw", "--speed", "1e6", "hi")
        assert (status, said) == (0, inspector.load(ONE).body.decode())


@pytest.mark.parametrize("command", ["show", "replay", "check", "stats", "ls", "import", "report"])
def test_an_archive_without_recordings_is_refused(command, tmp_path):
    path = tmp_path / "x.tar"
    path.write_bytes(bytes(1024))
    status, _, problems = run(command, str(path))
    assert status == 3
    assert f"inspector: {path}: no recordings in this archive: it is empty" in problems
