"""Defaults from `inspector.toml` and `pyproject.toml`, and from environment variables."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from conftest import ROOT

from inspector.cli import cli

HELLO = str(ROOT / "recordings/hello.jsonl")
COMMANDS = cli.list_commands(click.Context(cli))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `inspector` in a folder with these files, and return what `CliRunner` returns."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, env=None, **files):
        for name, text in files.items():
            path = tmp_path / f"{name}.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return CliRunner().invoke(cli, arguments, env=env)

    return run


@pytest.mark.parametrize(
    "files",
    [
        {"inspector": '[show]\nformat = "text"\n'},
        {"pyproject": '[tool.inspector.show]\nformat = "text"\n'},
        {"pyproject": '[tool.inspector]\nshow = {format = "text"}\n'},
        {"inspector": '[show]\nformat = "text"\n', "pyproject": '[tool.inspector.show]\nformat = "raw"\n'},
    ],
    ids=["own", "project", "inline", "own goes before the project's"],
)
def test_a_file_sets_the_default_of_an_option(run, files):
    assert run("show", HELLO, **files).stdout.startswith("Hello! ")


def test_the_nearest_file_above_counts(run, tmp_path, monkeypatch):
    (tmp_path / "inner/deep").mkdir(parents=True)
    (tmp_path / "inner/pyproject.toml").write_text("[tool.other]\n")
    monkeypatch.chdir(tmp_path / "inner/deep")
    assert run("show", HELLO, inspector='[show]\nformat = "text"\n').stdout.startswith("Hello! ")


def test_the_environment_goes_before_a_file_and_the_command_line_before_both(run):
    file, env = '[show]\nformat = "text"\n', {"INSPECTOR_SHOW_FORMAT": "raw"}
    assert run("show", HELLO, inspector=file, env=env).stdout.startswith("event: message_start")
    assert run("show", HELLO, "--format", "jsonl", inspector=file, env=env).stdout.startswith('{"recording"')


def test_a_repeatable_option_takes_an_array_or_one_value(run):
    for value in ('["text-missing", "usage"]', '"usage"'):
        result = run("check", HELLO, inspector=f"[check]\nignore = {value}\n")
        assert result.exit_code == (2 if "text-missing" in value else 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[chek]\n", "[chek] is no command's table; did you mean check?"),
        ("check = 1\n", "[check] is no command's table"),
        ('[check]\nfail_on = "error"\n', "[check] fail_on: there is no such option; did you mean fail-on?"),
        (
            '[check]\nfail-on = "always"\n',
            "[check] fail-on: 'always' is not one of 'error', 'warning', 'never'",
        ),
        ("[check]\nquiet = 1\n", "[check] quiet: write true or false"),
        ("[check]\nfail-on = [1]\n", "[check] fail-on: write text or a number"),
        ("[check]\nselect = 3\n", "[check] select: write an array"),
        ("[check]\njobs = 0\n", "[check] jobs: 0 is not in the range x>=1"),
        ("[check\n", "not TOML"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file(run, text, message):
    result = run("check", HELLO, inspector=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert "inspector.toml: " in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "option", "value"),
    [
        ("stream", "base-url", '"https://evil.example"'),
        ("stream", "header", '["x: y"]'),
        ("stream", "overwrite", "true"),
        ("proxy", "upstream", '"https://evil.example"'),
        ("probe", "key-env", '"HOME"'),
        ("check", "sdk", '["./run-me"]'),
    ],
)
def test_a_file_of_a_checkout_decides_nothing_that_could_harm(run, command, option, value):
    result = run(command, HELLO, inspector=f"[{command}]\n{option} = {value}\n")
    assert result.exit_code == 2
    assert f"[{command}] {option}: no file sets this option" in result.stderr


def test_other_commands_do_not_mind_a_wrong_option(run):
    assert run("show", HELLO, "--format", "text", inspector='[check]\nx = "y"\n').exit_code == 0


def options_of_commands():
    ctx = click.Context(cli)
    for name in COMMANDS:
        for option in cli.get_command(ctx, name).params:
            if isinstance(option, click.Option) and option.name != "help":
                yield pytest.param(name, option, id=f"{name} {max(option.opts, key=len)}")


def sample(option):
    """Return a value for an environment variable that is not the option's default, and the value it gives."""
    if option.is_flag:
        return ("0", False) if option.default is True else ("1", True)
    if isinstance(option.type, click.Choice):
        value = next(each for each in option.type.choices if each != option.default)
        return value, value
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType):
        return "3", 3
    if isinstance(option.type, click.types.FuncParamType):
        return "3", option.type.func("3")
    return "value", "value"


@pytest.mark.parametrize(("name", "option"), list(options_of_commands()))
def test_every_option_is_set_by_the_variable_of_its_name(name, option):
    text, expected = sample(option)
    long = max(option.opts, key=len).removeprefix("--")
    variable = f"INSPECTOR_{name}_{long}".upper().replace("-", "_")
    ctx = click.Context(cli.get_command(click.Context(cli), name), resilient_parsing=True)
    runner = CliRunner()
    with runner.isolation(env={variable: text}):
        value, source = option.consume_value(ctx, {})
    assert source is click.core.ParameterSource.ENVIRONMENT
    converted = option.type_cast_value(ctx, value)
    assert (converted[0] if option.multiple else converted) == expected


def test_a_variable_that_sets_no_option_is_said(run):
    misspelled = run("show", HELLO, env={"INSPECTOR_SHOW_FORMATS": "raw"})
    assert misspelled.exit_code == 0
    assert "variable INSPECTOR_SHOW_FORMATS sets no option of show" in misspelled.stderr
    assert misspelled.stderr.endswith("did you mean INSPECTOR_SHOW_FORMAT?\n")
    by_chance = run("show", HELLO, env={"INSPECTOR_SHOW_8089_TCP_ADDR": "10.0.0.1"})
    assert "`inspector show --help` lists the options" in by_chance.stderr
    of_another = run("show", HELLO, env={"INSPECTOR_SERVE_FORMATS": "raw"})
    assert of_another.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_variable_of_a_command_is_known(run, name):
    command = cli.get_command(click.Context(cli), name)
    variables = {str(option.envvar): "" for option in command.params if isinstance(option, click.Option)}
    variables["INSPECTOR_REDACT_KEY"] = "secret"
    assert "sets no option" not in run(name, "--help", env=variables).stderr
