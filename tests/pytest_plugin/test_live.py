"""The API answers a test: its responses are recorded, or compared with the recordings."""

from __future__ import annotations

from conftest import ROOT

import inspector
import inspector.faults
import inspector.serve.server

pytest_plugins = ["pytester", "inner_runs"]


def test_what_is_missing_is_recorded_and_then_replayed(inner, api, pytester):
    result = inner(inner.to_record, "--inspector=record", "-rP")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["recorded: *recordings/mine.jsonl"])
    assert "sk-ant-real-key-of-the-user" in str(api.requests[0].raw_headers)
    original = inspector.load(ROOT / "recordings/hello.jsonl")
    for name in ("mine", "other", "third"):
        recording = inspector.load(pytester.path / f"recordings/{name}.jsonl")
        assert (recording.body, recording.end.how) == (original.body, "complete")
        assert b"sk-ant-real" not in (pytester.path / f"recordings/{name}.jsonl").read_bytes()
    for mode in ("replay", "record"):
        inner(inner.to_record, f"--inspector={mode}").assert_outcomes(passed=3)
    assert len(api.requests) == 3


def test_a_failing_test_records_nothing_and_rewrite_keeps_the_old_file(inner, api, pytester):
    (pytester.path / "recordings").mkdir()
    old = (ROOT / "recordings/tool_use.jsonl").read_bytes()
    (pytester.path / "recordings/mine.jsonl").write_bytes(old)
    source = """
@pytest.mark.recording("mine")
def test_it(replay_server):
    ask(anthropic.Anthropic())
    assert {}
"""
    result = inner(source.format("False"), "--inspector=rewrite")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not recorded, because the test failed*"])
    assert (pytester.path / "recordings/mine.jsonl").read_bytes() == old
    inner(source.format("True"), "--inspector=rewrite").assert_outcomes(passed=1)
    assert inspector.load(pytester.path / "recordings/mine.jsonl").message()["stop_reason"] == "end_turn"


def test_several_names_get_a_response_each_and_the_last_one_the_rest(inner, api, pytester):
    source = """
@pytest.mark.recording("one", "two")
def test_it(replay_server):
    for _ in range(3):
        ask(anthropic.Anthropic())
"""
    inner(source, "--inspector=record").assert_outcomes(passed=1)
    counts = [len(inspector.load_all(pytester.path / f"recordings/{n}.jsonl")) for n in ("one", "two")]
    assert counts == [1, 2]
    (pytester.path / "recordings/one.jsonl").unlink()
    result = inner(source, "--inspector=record")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*only one is missing*--inspector=rewrite*"])


def test_a_bundled_recording_is_played_in_every_mode(inner, api):
    source = "@pytest.mark.recording('hello')\ndef test_it(replay_server): ask(anthropic.Anthropic())"
    for mode in ("record", "rewrite", "verify"):
        inner(source, f"--inspector={mode}").assert_outcomes(passed=1)
    assert api.requests == []


def test_verify_compares_and_leaves_the_recordings(inner, api, pytester):
    inner(inner.to_record, "--inspector=record").assert_outcomes(passed=3)
    tool_use = (ROOT / "recordings/tool_use.jsonl").read_bytes()
    (pytester.path / "recordings/other.jsonl").write_bytes(tool_use)
    result = inner(inner.to_record, "--inspector=verify")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["response 1 is not as recorded in *other.jsonl: stop reason was tool_use, *"]
    )
    assert (pytester.path / "recordings/other.jsonl").read_bytes() == tool_use


def test_a_broken_upstream_is_broken_here_too(inner, monkeypatch, pytester):
    recording = inspector.faults.apply(inspector.load(ROOT / "recordings/hello.jsonl"), ["cut-fin@ev:4"])
    with inspector.serve.server.Server(recording) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        inner(
            """
@pytest.mark.recording("mine")
def test_it(replay_server):
    with pytest.raises(Exception, match="peer closed|incomplete"):
        ask(anthropic.Anthropic(api_key="k"))
""",
            "--inspector=record",
        ).assert_outcomes(passed=1)
    assert inspector.load(pytester.path / "recordings/mine.jsonl").end.how == "cut"


def test_a_key_without_a_known_shape_is_in_no_report(inner, api, pytester, monkeypatch):
    """In this mode the key is the real one."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "OpaqueSecretKey77abcdefXYZ1234567890")
    result = inner(
        """
import os

@pytest.mark.recording("mine")
def test_that_calls(replay_server):
    ask(anthropic.Anthropic())
    assert os.environ["ANTHROPIC_API_KEY"] == "other"

@pytest.mark.recording("mine")
def test_that_does_not_call(replay_server):
    assert os.environ["ANTHROPIC_API_KEY"] == "other"
""",
        "--inspector=record",
        "-rA",
        "--showlocals",
        "--junitxml=report.xml",
    )
    result.assert_outcomes(failed=2)
    produced = str(result.stdout) + str(result.stderr) + (pytester.path / "report.xml").read_text()
    assert "*" * 36 in produced
    assert "OpaqueSecretKey77" not in produced
