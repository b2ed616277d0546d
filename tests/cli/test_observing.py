"""What SDKs do, as `inspector check` says it: for whom, by default, and in which formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import anthropic
import pytest
from check_examples import EXAMPLES
from click.testing import CliRunner
from streams import GOOD, recording

import inspector
from inspector.cli import _observing, cli
from inspector.cli._kept_reader import KeptReader
from inspector.cli._observing import INSTALLED, Sdks, live_outcome, sdks_of
from inspector.record.sdk import SdkResult
from inspector.recording import opened

CUT = EXAMPLES["message-stop-missing"].recording
SDK = f"anthropic {anthropic.__version__}"


@pytest.fixture
def cut(tmp_path):
    inspector.save(CUT, tmp_path / "cut.jsonl")
    return str(tmp_path / "cut.jsonl")


@pytest.fixture
def clean(tmp_path):
    inspector.save(recording(GOOD), tmp_path / "clean.jsonl")
    return str(tmp_path / "clean.jsonl")


def run(*arguments, **options):
    return CliRunner().invoke(cli, ["check", *arguments], **options)


def test_a_line_below_the_findings_says_what_the_sdk_does(cut):
    *_, calls, lacking = run(cut).output.splitlines()
    assert (
        calls == f"  {SDK}: messages.stream() raises nothing; create() passes on 3 events and raises nothing"
    )
    assert "the input {}, from JSON that is not whole; stop_reason is None" in lacking


def test_it_is_what_observe_says(cut):
    first, *more = inspector.observe(inspector.load(cut)).lines()
    output = run(cut).output
    assert f"\n  {first}\n" in output
    assert all(line in output for line in more)


def test_the_sdk_is_not_played_to_without_need(cut, clean):
    code = (
        "import sys; from inspector.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        "print({'anthropic', 'httpx', 'httpx2'} & set(sys.modules))"
    )
    for arguments in (
        [clean],
        ["--no-sdk", "--fail-on=never", cut],
        ["--format=github", "--fail-on=never", cut],
    ):
        shown = subprocess.run(
            [sys.executable, "-c", code, "check", *arguments], capture_output=True, text=True, check=True
        )
        assert shown.stdout.splitlines()[-1] == "set()"


def test_no_sdk_leaves_it_out(cut):
    assert SDK not in run("--no-sdk", cut).output


def test_many_files_are_played_on_request(cut, monkeypatch):
    monkeypatch.setattr(_observing, "FEW_FILES", 2)
    assert run(*[cut] * 3).output.count(SDK) == 0
    assert run(*[cut] * 3, "--sdk").output.count(SDK) == 3
    assert run("--sdk", *[cut] * 3).output.count(SDK) == 3


def test_of_many_recordings_in_a_file_the_first_are_played(tmp_path, monkeypatch):
    monkeypatch.setattr(_observing, "FEW_FILES", 2)
    path = tmp_path / "all.jsonl"
    for _ in range(3):
        inspector.save(CUT, tmp_path / "one.jsonl", overwrite=True)
        path.write_bytes(
            (path.read_bytes() if path.exists() else b"") + (tmp_path / "one.jsonl").read_bytes()
        )
    result = run(str(path))
    assert result.stdout.count(SDK) == 2
    assert "1 more recordings have errors or warnings; --sdk plays all to the SDK" in result.stderr
    assert result.stderr.count("inspector:") == 1
    assert run(str(path), "--sdk").stdout.count(SDK) == 3


def test_files_in_several_processes_are_played_too(cut):
    assert run("--sdk", *[cut] * 50, "-j2").output.count(SDK) == 50


def test_standard_input_is_played(cut):
    assert run("-", input=Path(cut).read_bytes()).output.count(SDK) == 1


def test_another_interpreter_is_named_by_its_path(cut):
    shown = run("--sdk", "--sdk", sys.executable, cut)
    assert shown.output.count(SDK) == 2
    one, other = Sdks((INSTALLED, sys.executable)).observe(CUT)
    assert one == other


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("/nowhere/python", "/nowhere/python: cannot be run: No such file"),
        ("/bin/cat", "no Python that runs"),
    ],
)
def test_an_interpreter_that_cannot_be_used_is_wrong_use(cut, python, message):
    result = run(f"--sdk={python}", cut)
    assert result.exit_code == 2
    assert message in result.output


def test_what_follows_the_option_is_a_file_unless_it_is_an_interpreter(cut):
    assert run("--sdk", cut).exit_code == 1
    assert run("--sdk").exit_code == 2  # no FILE


def test_documents_for_machines_have_it(cut):
    found = json.loads(run(cut, "--format=json").stdout)
    (observation,) = found["reports"][0]["observations"]
    assert observation == inspector.observe(inspector.load(cut)).to_dict()
    assert SDK in run(cut, "--format=junit").stdout
    results = json.loads(run(cut, "--format=sarif").stdout)["runs"][0]["results"]
    assert results[0]["properties"]["sdk"][0].startswith(SDK)


def test_the_defaults():
    assert sdks_of((), False, 16) == Sdks((INSTALLED,), 16)
    assert sdks_of((), False, 17) == Sdks()
    assert sdks_of((INSTALLED, INSTALLED), False, 9999) == Sdks((INSTALLED,), None)
    assert sdks_of((INSTALLED,), True, 1) == Sdks()


def test_a_recording_that_is_too_long_is_not_kept(cut, monkeypatch):
    monkeypatch.setattr(_observing, "_KEPT_BYTES", 100)
    with opened(cut) as reader:
        kept = KeptReader(reader)
        list(kept)
    assert kept.take() is None
    assert SDK not in run(cut).output


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (None, "raises nothing"),
        (ValueError("no"), "raises ValueError: no"),
        (json.JSONDecodeError("no", "{", 0), "raises json.JSONDecodeError: no: line 1 column 1 (char 0)"),
    ],
)
def test_a_call_is_described_as_an_observation_is(error, text):
    assert live_outcome(SdkResult(3, error)) == f"{SDK}: create() passes on 3 events and {text}"


def test_show_has_it_in_the_summary_on_request(cut, tmp_path):
    show = ["show", cut, cut]
    assert SDK not in CliRunner().invoke(cli, show).output
    output = CliRunner().invoke(cli, [*show, "--sdk", f"--sdk={sys.executable}"]).output
    text = str(inspector.observe(CUT))
    assert output.count(f"        sdk  {text}; {text}") == 2
    assert SDK not in CliRunner().invoke(cli, [*show, "--sdk", "--format=jsonl"]).output
