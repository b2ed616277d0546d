"""Commands and calls read a bucket as they read a folder with the same files."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli

pytest.importorskip("obstore")

RECORDINGS = Path(__file__).parents[2] / "recordings"
FILES = ["hello.jsonl", "tool_use.jsonl", "crlf.jsonl", "error_529.jsonl"]


@pytest.fixture
def folder(tmp_path, fake_store):
    """A folder, and a bucket with the same files in it."""
    for name in FILES:
        path = tmp_path / "of bucket" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((RECORDINGS / name).read_bytes())
        fake_store.objects[f"of bucket/{name}"] = path.read_bytes()
    return path.parent


def output(*arguments):
    result = CliRunner().invoke(cli, arguments, env={"COLUMNS": "200"})
    assert result.exit_code < 3, result.output
    return result.output


COMMANDS = ["check", "check -j 2", "check --format json", "ls --format json", "stats --format json"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_the_same_of_a_bucket_as_of_a_folder(folder, command):
    local = output(*command.split(), str(folder))
    assert output(*command.split(), "s3://bucket/of bucket/") == local.replace(
        str(folder), "s3://bucket/of bucket"
    )


@pytest.mark.parametrize("name", FILES)
def test_load_reads_an_object(folder, name):
    of_bucket, of_folder = inspector.load(f"s3://bucket/of bucket/{name}"), inspector.load(folder / name)
    assert inspector.diff(of_bucket, of_folder, exact=True).same
    assert of_bucket.source == f"s3://bucket/of bucket/{name}"


def test_an_archive_in_a_bucket_is_read(folder, fake_store):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        archive.add(folder, "run")
    fake_store.objects = {"a.tar.gz": data.getvalue()}
    assert len(inspector.load_all("s3://bucket/")) == len(FILES)
    assert inspector.load("s3://bucket/a.tar.gz/run/hello.jsonl").message


def test_an_object_that_cannot_be_read_is_counted_and_the_rest_is_checked(folder, fake_store):
    fake_store.objects["of bucket/none.jsonl"] = b"nothing to see"
    result = CliRunner().invoke(cli, ["check", "s3://bucket/of bucket/", "s3://bucket/none"])
    assert result.exit_code == 3
    assert "s3://bucket/of bucket/hello.jsonl" in result.output
    assert "s3://bucket/of bucket/none.jsonl" in result.stderr
    assert "s3://bucket/none: there is no such object, and none below it" in result.stderr
