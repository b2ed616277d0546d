"""`inspector probe`: its exit status and what it prints."""

from __future__ import annotations

import json
import os
import signal

import loopback
import pytest
from click.testing import CliRunner
from right_endpoint import KEY, RightEndpoint

import inspector
from inspector.cli import cli


@pytest.fixture
def run(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, ["probe", *arguments])


@pytest.fixture
def hello(recordings_folder):
    return loopback.chunked([inspector.load(recordings_folder / "hello.jsonl").body])


def test_the_status_is_4_if_nothing_listens(run):
    with loopback.Server([]) as server:
        url = server.url
    result = run("--base-url", url)
    assert result.exit_code == 4
    assert f"{url} cannot be reached" in result.output


def test_the_status_is_0_if_all_pass_and_1_if_one_fails(run, hello):
    with loopback.Server(hello) as server:
        assert run("--base-url", server.url, "--only", "text").exit_code == 0
        failing = run("--base-url", server.url, "--only", "text,max-tokens")
    assert failing.exit_code == 1
    assert "1 of 2 passed; failed: max-tokens" in failing.output


@pytest.mark.parametrize(
    "arguments",
    [[], ["--base-url", "ftp://x"], ["--base-url", "http://x", "--only", "txt"], ["--header", "x"]],
)
def test_wrong_use_has_status_2(run, arguments):
    assert run(*arguments).exit_code == 2


def test_the_list_says_what_a_run_may_cost(run):
    lines = run("--list").output.splitlines()
    assert lines[0].split()[:3] == ["probe", "requests", "max_tokens"]
    requests = [int(line.split()[1]) for line in lines[1:]]
    assert requests[-1] == sum(requests[:-1])


def test_the_json_is_the_scorecard(run, hello):
    with loopback.Server(hello) as server:
        result = run("--base-url", server.url, "--only", "text", "--format", "json")
    assert json.loads(result.output)["counts"]["pass"] == 1


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("markdown", "### Messages API 20"), ("junit", "<?xml "), ("html", "<!doctype html>")],
)
def test_each_format_is_a_document(run, hello, form, beginning):
    with loopback.Server(hello) as server:
        result = run("--base-url", server.url, "--only", "text", "--format", form)
    assert result.output.startswith(beginning)
    assert result.exit_code == 0


@pytest.mark.parametrize("option", ["--badge", "--write-expect"])
def test_a_file_that_cannot_be_written_costs_nobody_the_scorecard(run, hello, tmp_path, option):
    file = tmp_path / "no folder" / "x.svg"
    with loopback.Server(hello) as server:
        result = run("--base-url", server.url, "--only", "text", option, str(file))
    assert result.output.startswith(f"{server.url} (")
    assert "1 of 1 passed" in result.output
    assert result.exit_code == 3
    assert "x.svg: cannot be written: No such file or directory" in result.stderr


@pytest.mark.parametrize("ending", [".svg", ".json"])
def test_the_badge_goes_into_a_file(run, hello, tmp_path, ending):
    file = tmp_path / f"badge{ending}"
    with loopback.Server(hello) as server:
        for _ in range(2):  # the second time over the first one
            assert run("--base-url", server.url, "--only", "text", "--badge", str(file)).exit_code == 0
    assert "1 of 1 passed" in file.read_text()


def test_known_failures_are_written_and_then_expected(run, hello, tmp_path):
    file = str(tmp_path / "known.toml")
    with loopback.Server(hello) as server:
        call = ["--base-url", server.url, "--only", "text,max-tokens"]
        assert run(*call).exit_code == 1
        written = run(*call, "--write-expect", file)
        assert written.exit_code == 0
        assert "known.toml has 1 known failure; give each its reason" in written.output
        again = run(*call, "--expect", file)
        assert again.exit_code == 0
        assert "failed: max-tokens (known)" in again.output
        (tmp_path / "known.toml").write_text("[text]\n[max-tokens]\n")
        stale = run(*call, "--expect", file)
    assert stale.exit_code == 1
    assert "take it out of the file" in stale.output


def test_nothing_is_written_of_an_endpoint_that_cannot_be_reached(run, tmp_path):
    with loopback.Server([]) as server:
        url = server.url
    file = tmp_path / "known.toml"
    result = run("--base-url", url, "--write-expect", str(file))
    assert (result.exit_code, file.exists()) == (4, False)
    assert "is not written: nothing was tested" in result.output


def test_an_endpoint_of_which_nothing_can_be_judged_is_never_a_known_failure(run, tmp_path):
    page = b"<!doctype html><title>Welcome</title>"
    head = loopback.head(200, {"content-type": "text/html", "content-length": str(len(page))})
    file = tmp_path / "known.toml"
    with loopback.Server([head, page]) as server:
        call = ["--base-url", server.url, "--only", "text,max-tokens"]
        written = run(*call, "--write-expect", str(file))
        assert (written.exit_code, file.exists()) == (1, False)
        assert "is not written: nothing can be judged" in written.output
        file.write_text("[text]\n[max-tokens]\n")
        expected = run(*call, "--expect", str(file))
    assert expected.exit_code == 1
    assert "(known)" not in expected.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "2020-01"], "there is no set '2020-01'"),
        (["--badge", "badge.png"], "must end in .svg or .json"),
        (["--expect", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--expect", "a", "--write-expect", "b"], "give one of both"),
    ],
)
def test_a_wrong_option_says_what_is_possible(run, arguments, message):
    result = run("--base-url", "http://127.0.0.1:1", *arguments)
    assert result.exit_code == 2
    assert message in result.output + str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--header", "X-Test: é"], "the value of the header X-Test"),
        (["--header", "content-length: 3"], "content-length cannot be set"),
        (["--header", "Host: x"], "Host cannot be set"),
        (["--header", "a b: c"], "this is not a header; write 'Name: value'"),
        (["--only", ""], "names no probe"),
        (["--timeout", "nan"], "timeout is nan"),
        (["--timeout", "inf"], "--timeout"),
        (["--patience", "nan"], "patience is nan"),
        (["--stall", "5"], "--stall is for a gateway"),
        (["--behind-protocol", "anthropic"], "--behind-protocol is for a gateway"),
        (["--base-url", "http://x:70000"], "the port in the base URL"),
        (["--base-url", "localhost:80"], "must begin with http://"),
        (["--base-url", "http://x/?a=b"], "must have no query"),
        (["--base-url", "http://x/#a"], "must have no fragment"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_a_sentence(run, arguments, message):
    result = run("--base-url", "http://127.0.0.1:1", *arguments)
    assert result.exit_code == 2
    assert message in result.output + str(result.exception)


@pytest.mark.parametrize("key", ["k\u00e9y", "two words", "a\nb"])
def test_a_key_that_no_header_can_have_is_refused(run, monkeypatch, key):
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    result = run("--base-url", "http://127.0.0.1:1")
    assert result.exit_code == 2
    assert "the key has a character" in result.output
    assert key not in result.output


def test_blanks_around_a_key_are_not_sent(run, hello, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", " the-key\n")
    with loopback.Server(hello) as server:
        assert run("--base-url", server.url, "--only", "text").exit_code == 0
    assert server.requests[0][1]["x-api-key"] == "the-key"


def test_recordings_that_cannot_be_written_have_status_3(run, hello, tmp_path):
    (tmp_path / "file").write_text("")
    with loopback.Server(hello) as server:
        result = run("--base-url", server.url, "--only", "text", "-o", str(tmp_path / "file" / "x"))
    assert isinstance(result.exception, inspector.RecordingError) or result.exit_code == 3
    assert server.requests == []


def test_a_folder_that_goes_bad_has_status_3_and_no_file_that_is_not_there(run, hello, tmp_path, monkeypatch):
    def full(target, name):
        raise OSError(28, "No space left on device", str(tmp_path / name))

    monkeypatch.setattr("inspector.record.files.FolderTarget.open", full)
    with loopback.Server(hello) as server:
        result = run("--base-url", server.url, "--only", "max-tokens", "-o", str(tmp_path))
    assert result.exit_code == 3
    assert "max-tokens-1.jsonl" not in result.stdout


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signals")
def test_a_signal_has_its_own_status_and_the_scorecard_is_shown(monkeypatch):
    def terminate(asked, reply):
        os.kill(os.getpid(), signal.SIGTERM)
        return reply

    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with RightEndpoint(terminate) as endpoint:
        result = CliRunner().invoke(cli, ["probe", "--base-url", endpoint.url])
    assert result.exit_code == 143
    assert "interrupted: " in result.output
