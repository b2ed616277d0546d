"""The command line as a whole: its help, its exit statuses, and what it prints where."""

from __future__ import annotations

import subprocess
import sys
import warnings

import click
import pytest
from click.testing import CliRunner
from conftest import ROOT

from inspector.cli import cli
from inspector.errors import AddressError, FormatError, RecordingError, RecordingWarning, UsageError

COMMANDS = cli.list_commands(click.Context(cli))


@pytest.fixture
def run(monkeypatch):
    """Run a command `x` whose body is a function."""

    def run(body):
        monkeypatch.setattr(
            type(cli), "get_command", lambda self, ctx, name: click.Command("x", callback=body)
        )
        return CliRunner().invoke(cli, ["x"])

    return run


def raising(error):
    def body():
        raise error

    return body


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (UsageError("no such rule"), 2, "inspector: no such rule\n"),
        (RecordingError("cannot be read", path="a.jsonl"), 3, "inspector: a.jsonl: cannot be read\n"),
        (FormatError("not a line", path="a.jsonl", line=4), 3, "inspector: a.jsonl:4: not a line\n"),
        (AddressError("port 1 is taken"), 3, "inspector: port 1 is taken\n"),
        (
            OSError(28, "No space left on device", "a.jsonl"),
            3,
            "inspector: a.jsonl: No space left on device\n",
        ),
        (OSError(28, "No space left on device"), 3, "inspector: standard output: No space left on device\n"),
        (KeyboardInterrupt(), 130, "\n"),  # to end the line in which ^C stands
        (click.Abort(), 130, ""),
        (BrokenPipeError(), 0, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_has_its_exit_status_and_one_line(run, error, status, message):
    result = run(raising(error))
    assert (result.exit_code, result.stderr, result.stdout) == (status, message, "")


def test_a_command_returns_its_exit_status(run):
    assert run(lambda: 1).exit_code == 1
    assert run(lambda: None).exit_code == 0


def test_a_defect_is_not_hidden(run):
    assert isinstance(run(raising(ZeroDivisionError())).exception, ZeroDivisionError)


def test_a_warning_about_a_recording_is_one_line_each_time(run):
    def body():
        for _ in range(2):
            warnings.warn("a.jsonl:4: the line is torn", RecordingWarning, stacklevel=1)

    result = run(body)
    assert result.stderr == "inspector: a.jsonl:4: the line is torn\n" * 2


@pytest.mark.parametrize("arguments", [["nosuch"], ["show"], ["show", "--nosuch", "x"]])
def test_wrong_use_is_status_2_and_points_to_the_help(arguments):
    result = CliRunner().invoke(cli, arguments, prog_name="inspector")
    assert result.exit_code == 2
    assert "--help" in result.stderr or "-h" in result.stderr


@pytest.mark.parametrize(
    ("name", "hint"), [("shwo", "did you mean show?"), ("xyz", "there are stream, show, ")]
)
def test_a_command_that_does_not_exist_is_wrong_use_and_the_nearest_is_named(name, hint):
    result = CliRunner().invoke(cli, [name], prog_name="inspector")
    assert result.exit_code == 2
    assert f"there is no command {name!r}; {hint}" in result.stderr


def test_the_help_lists_every_command_without_importing_it():
    code = (
        "import sys; from inspector.cli import cli; cli.main(['--help'], standalone_mode=False);"
        f"assert not [n for n in {COMMANDS} if f'inspector.cli.{{n}}' in sys.modules]"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_fits_a_screen_of_80_columns(name):
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=80).stdout
    (line,) = (line for line in shown.splitlines() if line.startswith(f"  {name} "))
    assert line.endswith(".")
    assert len(line) <= 80


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "serve"])
def test_the_help_of_a_command_fits_a_screen_of_80_columns(name):
    shown = CliRunner().invoke(cli, [name, "--help"], terminal_width=80).stdout
    assert max(map(len, shown.splitlines())) <= 80


OPTIONS = [
    (name, option)
    for name in COMMANDS
    for option in cli.get_command(click.Context(cli), name).params
    if isinstance(option, click.Option)
]


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids=lambda value: getattr(value, "name", value))
def test_every_option_can_be_set_by_the_variable_of_its_name(name, option):
    long = max(option.opts, key=len).lstrip("-").replace("-", "_")
    assert option.envvar == f"INSPECTOR_{name}_{long}".upper()


@pytest.mark.parametrize("name", ["show", "replay", "stream"])
def test_a_variable_does_what_its_option_does(name, monkeypatch):
    arguments = [name, str(ROOT / "recordings" / "hello.jsonl")]
    if name == "stream":
        arguments.insert(1, "--offline")
    fast = [] if name == "show" else ["--speed", "1000"]
    expected = CliRunner().invoke(cli, [*arguments, *fast, "--format", "text"])
    monkeypatch.setenv(f"INSPECTOR_{name.upper()}_FORMAT", "text")
    assert CliRunner().invoke(cli, [*arguments, *fast]).stdout == expected.stdout


def test_a_repeatable_options_variable_holds_one_value_a_line(monkeypatch):
    file = str(ROOT / "recordings" / "hello.jsonl")
    faults = ["error-event=api_error,message=too many@ev:5", "cut-fin@ev:4"]
    options = [part for fault in faults for part in ("--fault", fault)]
    expected = CliRunner().invoke(cli, ["edit", file, *options])
    monkeypatch.setenv("INSPECTOR_EDIT_FAULT", "\n".join(faults))
    result = CliRunner().invoke(cli, ["edit", file])
    assert (result.exit_code, result.stdout) == (0, expected.stdout)


def test_no_variable_replaces_a_command(monkeypatch):
    monkeypatch.setenv("INSPECTOR_VERSION", "1")
    result = CliRunner().invoke(cli, ["rules", "delta-empty"], prog_name="inspector")
    assert result.stdout.startswith("delta-empty\n")
