"""`inspector proxy` where something is wrong: a port, a disk, a reader, an option."""

from __future__ import annotations

import functools
import os
import signal
import socket

import listening_command
import pytest
from click.testing import CliRunner
from conftest import ROOT
from listening_command import ended, fetched, proxying
from loopback import eventually

import inspector
from inspector.cli import cli

HELLO = ROOT / "recordings" / "hello.jsonl"

ran = functools.partial(listening_command.ran, "proxy")


def test_a_taken_port_is_one_line_and_status_3():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ran("--upstream", "http://up.test", "--port", taken.getsockname()[1])
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "Address already in use; port 0 takes any free one" in done.stderr


@pytest.mark.parametrize("place", ["file/folder", "file/run.jsonl"])
def test_a_place_that_cannot_be_written_is_said_before_anything_is_forwarded(tmp_path, place):
    (tmp_path / "file").touch()
    done = ran("--upstream", "http://up.test", "-o", tmp_path / place)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"inspector: {tmp_path / place}: cannot be written: Not a directory\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said_before_anything_is_forwarded(tmp_path):
    tmp_path.chmod(0o500)
    done = ran("--upstream", "http://up.test", "-o", tmp_path)
    assert done.stderr == f"inspector: {tmp_path}: cannot be written: Permission denied\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_a_full_disk_is_one_line_and_the_streams_go_on():
    with (
        inspector.Server(HELLO, HELLO) as upstream,
        proxying(upstream.url, "-o", "/dev/full", "-q") as process,
    ):
        assert fetched(process.url) == fetched(process.url) == inspector.load(HELLO).body
        failure = b'"recording_failure":"/dev/full: No space left on device"'
        assert eventually(lambda: failure in fetched(process.url, "/inspector/health", None))
        status, _, err = ended(process, signal.SIGINT)
    assert status == 3
    assert err.splitlines()[1:] == [
        "inspector: recording stopped: /dev/full: No space left on device; the stream itself goes on"
    ]


def test_a_reader_that_leaves_does_not_stop_the_proxy(tmp_path):
    with (
        inspector.Server(HELLO, HELLO) as upstream,
        proxying(upstream.url, "--show", "-o", tmp_path) as process,
    ):
        process.stdout.close()
        fetched(process.url)
        fetched(process.url)
        process.stdout = None
        status, _, err = ended(process, signal.SIGINT)
    assert (status, err.count("\n")) == (0, 1)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_wider_address_is_a_warning():
    with proxying("http://up.test", "--host", "0.0.0.0") as process:
        err = ended(process, signal.SIGINT)[2]
    assert err.startswith(
        "inspector: warning: 0.0.0.0 is not loopback: whoever can reach this machine can call the API "
        "through it\n"
    )


@pytest.mark.parametrize(
    "arguments, text",
    [
        (["--upstream", "api.anthropic.com"], "the base URL must be like https://host:port/path"),
        (["--upstream", "https://api.anthropic.com?x=1"], "a query or a fragment"),
        (["--upstream", "https://api.anthropic.com#f"], "a query or a fragment"),
        (["-o", "-"], "-o needs a folder or a file"),
        (["--ready-file", "-"], "`-` is no file"),
        (["--"], "a command must follow `--`"),
    ],
)
def test_wrong_use_is_status_2(arguments, text):
    done = CliRunner().invoke(cli, ["proxy", *arguments])
    assert done.exit_code == 2
    assert text in done.stderr
