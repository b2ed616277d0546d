"""Every engine says exactly what one process says: the same bytes, whatever it is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from conftest import CORPUS, ROOT
from every_recording import RECORDINGS
from faults.fault_rows import ROWS

from inspector.cli import cli
from inspector.faults import apply
from inspector.recording import save

ENGINES = {
    "two processes": ["-j", "2"],
    "three processes": ["-j", "3"],
    "a cluster": ["--engine", "dask", "-j", "2"],
}
COMMANDS = {
    "check, JSON": ["check", "--format", "json", "--no-sdk"],
    "check, text": ["check", "-v", "--no-sdk"],
    "check, SARIF": ["check", "--format", "sarif", "--no-sdk"],
    "stats": ["stats", "--format", "json"],
    "ls": ["ls", "--format", "json"],
}


@pytest.fixture(scope="module")
def arguments(tmp_path_factory) -> Iterator[list[str]]:
    """The bundled recordings, every fault in every mode, files that are broken, and those of real servers."""
    folder = tmp_path_factory.mktemp("faults")
    for number, row in enumerate(ROWS):
        save(apply(RECORDINGS[row.recording], row.fault), folder / f"{number:03}.jsonl")
    (folder / "bad.jsonl").write_bytes(b"x\n")
    (folder / "other.json").write_text("{}")
    return [str(ROOT / "recordings"), str(folder), *([str(CORPUS)] if CORPUS.is_dir() else [])]


@pytest.fixture(scope="module")
def alone(arguments):
    """What one process prints, for each command."""
    return {name: printed(command, ["-j", "1"], arguments) for name, command in COMMANDS.items()}


def printed(command, engine, arguments):
    result = CliRunner().invoke(cli, [*command, *engine, *arguments], prog_name="inspector")
    # Where dask has a dashboard, its address is said, too.
    messages = [line for line in result.stderr.splitlines() if "the dashboard is at" not in line]
    return result.stdout, messages, result.exit_code


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("command", COMMANDS)
def test_all_engines_print_the_same_bytes(command, engine, arguments, alone):
    if engine == "a cluster" and command != "check, JSON":
        pytest.skip("one command is enough: a cluster takes seconds to start, and the results are the same")
    assert printed(COMMANDS[command], ENGINES[engine], arguments) == alone[command]


def test_the_law_is_about_many_recordings(alone):
    assert alone["ls"][0].count('"file"') >= len(RECORDINGS) + len(ROWS)
