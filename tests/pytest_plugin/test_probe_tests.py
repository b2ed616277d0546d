"""`pytest --inspector-probe URL`: a test for each probe."""

from __future__ import annotations

import loopback
import pytest
from right_endpoint import KEY, RightEndpoint, error

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # of the run that this test is a part of
    pytester.makepyfile("def test_of_the_servers_own_suite(): pass")
    return lambda *arguments: pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rsf", *arguments)


def test_each_probe_is_a_test_beside_those_of_the_suite(run):
    with RightEndpoint() as endpoint:
        result = run("--inspector-probe", endpoint.url, "--inspector-probe-model", "m", "-v")
    models = {asked.body["model"] for asked in endpoint.asked if asked.body}
    assert models == {"m", "no-such-model-of-inspector"}
    result.assert_outcomes(passed=24, skipped=1)  # no pause, so `idle` is not tested
    result.stdout.fnmatch_lines(["inspector-probe::text PASSED*", "inspector-probe::models PASSED*"])


def test_a_probe_that_fails_says_how_and_one_without_its_subject_is_skipped(run, pytester):
    def deviate(asked, reply):
        if b'"image"' in asked.content:
            return error(400, "invalid_request_error", "no pictures here")
        if "hundred" in asked.prompt:
            reply.events[-2]["delta"]["stop_reason"] = "end_turn"
        return reply

    with RightEndpoint(deviate) as endpoint:
        options = ("--inspector-probe-keep", "kept", "-k", "max-tokens or image")
        result = run("--inspector-probe", endpoint.url, *options)
    result.assert_outcomes(failed=1, skipped=1, deselected=23)
    result.stdout.fnmatch_lines(['max-tokens-1: it stops for "end_turn"*', "*kept/max-tokens-1.jsonl"])
    result.stdout.fnmatch_lines(["FAILED *max-tokens - max-tokens-1: it stops*"])
    result.stdout.fnmatch_lines(["*not applicable: no images: 400 invalid_request_error: no pictures here"])
    assert (pytester.path / "kept" / "max-tokens-1.jsonl").exists()


def test_if_nothing_listens_the_run_is_not_green(run):
    with loopback.Server([]) as server:
        url = server.url
    result = run("--inspector-probe", url)
    result.assert_outcomes(passed=1, failed=1, skipped=23)
    result.stdout.fnmatch_lines(["*cannot be reached*"])


def test_keeping_deletes_nothing_that_no_probe_wrote(run, pytester):
    kept = pytester.mkdir("kept")
    (kept / "text-notes.jsonl").write_text("mine")
    options = ("--inspector-probe-keep", "kept", "-k", "max-tokens")
    with RightEndpoint() as endpoint:
        for _ in range(2):
            run("--inspector-probe", endpoint.url, *options).assert_outcomes(passed=1, deselected=24)
        (kept / "tool-1.jsonl").write_text("mine")
        result = run("--inspector-probe", endpoint.url, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*tool-1.jsonl: has the name of a probe's recording*"])
    assert (kept / "text-notes.jsonl").exists()
    assert (kept / "tool-1.jsonl").exists()
