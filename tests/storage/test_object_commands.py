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


@pytest.mark.parametrize("command", ["ls", "check", "show", "stats", "export --format har"])
@pytest.mark.parametrize("key", ["of bucket/hello.jsonl", "of bucket/", "a.tar/run/1.jsonl", "*.jsonl"])
def test_a_url_with_credentials_is_refused_by_every_command(folder, fake_store, command, key):
    result = CliRunner().invoke(cli, [*command.split(), f"s3://AKIAEXAMPLE:s3cr3t@bucket/{key}"])
    assert result.exit_code == 3, result.output
    assert (
        result.stderr.count("credentials do not belong in this URL") == len(result.stderr.splitlines()) == 1
    )
    assert "s3cr3t" not in result.output and not fake_store.requests


@pytest.mark.parametrize("command", ["ls", "check", "stats", "show"])
@pytest.mark.parametrize("argument", ["s3://bucket", "s3://bucket/", "s3://bucket/none/"])
def test_a_bucket_or_a_folder_in_which_nothing_is_says_so(fake_store, command, argument):
    result = CliRunner().invoke(cli, [command, argument])
    assert result.exit_code == 3
    assert f"{argument}: no recordings below this: it is empty" in result.stderr
    assert not [target for method, target, _ in fake_store.requests if method == "HEAD"]


@pytest.mark.parametrize("command", ["ls", "check", "check -j 2", "stats", "show"])
@pytest.mark.parametrize("endpoint", ["localhost:9311", "garbage"])
def test_an_endpoint_that_is_no_url_is_one_line(fake_store, monkeypatch, command, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    result = CliRunner().invoke(cli, [*command.split(), "s3://bucket/a.jsonl"])
    assert result.exit_code == 3 and f"AWS_ENDPOINT_URL is '{endpoint}', which is no URL" in result.stderr
    assert "write http://HOST:PORT" in result.stderr and len(result.stderr.splitlines()) == 1


def test_an_object_that_cannot_be_read_is_counted_and_the_rest_is_checked(folder, fake_store):
    fake_store.objects["of bucket/none.jsonl"] = b"nothing to see"
    result = CliRunner().invoke(cli, ["check", "s3://bucket/of bucket/", "s3://bucket/none"])
    assert result.exit_code == 3
    assert "s3://bucket/of bucket/hello.jsonl" in result.output
    assert "s3://bucket/of bucket/none.jsonl" in result.stderr
    assert "s3://bucket/none: there is no such object, and none below it" in result.stderr
