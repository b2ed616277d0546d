"""`inspector completion`: what real shells offer after a Tab."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from inspector.checker import RULES
from inspector.cli import cli, completion
from inspector.faults import FAULTS
from inspector.recording.bundled import bundled_names

BASH = """
eval "$(inspector completion bash)"
COMP_WORDS=("${@}"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { echo compopt "$@"; }
_inspector_completion "${1}"
printf '%s\\n' "${COMPREPLY[@]}"
"""

ZSH = """
autoload -Uz compinit && compinit -u
eval "$(inspector completion zsh)"
words=("${@}"); CURRENT=${#words}
_arguments() { :; }
_describe() { print -l -- "${(@)${(P)3}%%:*}"; }
compadd() { [[ ${@[-2]} == -a ]] && print -l -- ${(P)@[-1]}; }
_path_files() { print "path_files"; }
_inspector_completion
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Run a shell in which `inspector` is a command, and return the lines that it prints."""
    program = tmp_path / "bin/inspector"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m inspector "$@"\n')
    program.chmod(0o755)
    program.with_name("sse-inspector").symlink_to(program)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(name, *arguments):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        done = subprocess.run(
            [name, *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return run


def bash(shell, *words):
    return shell("bash", "-c", BASH, "bash", *words)


def zsh(shell, *words):
    return shell("zsh", "-f", "-c", ZSH, "zsh", *words)


def fish(shell, *words):
    script = f"inspector completion fish | source; complete -C '{' '.join(words)}'"
    return [line.partition("\t")[0] for line in shell("fish", "--no-config", "-c", script)]


@pytest.mark.parametrize("offers", [bash, zsh, fish])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["inspector", "comp"], ["completion"]),
        (["sse-inspector", "comp"], ["completion"]),
        (["inspector", "check", "--fail"], ["--fail-on"]),
        (["inspector", "check", "--fail-on", "w"], ["warning"]),
        (["inspector", "rules", "usage"], [name for name in RULES if name.startswith("usage")]),
        (["inspector", "faults", "cut-"], [name for name in FAULTS if name.startswith("cut-")]),
        (["inspector", "edit", "--fault", "cut-f"], ["cut-fin"]),
        (["inspector", "serve", "hel"], ["hello"]),
        (
            ["inspector", "stream", "--offline", "broken/cut"],
            [name for name in bundled_names() if name.startswith("broken/cut")],
        ),
        (["inspector", "probe", "--only", "max-t"], ["max-tokens"]),
        (["inspector", "completion", "f"], ["fish"]),
    ],
    ids=" ".join,
)
def test_a_shell_completes(shell, offers, words, expected):
    offered = offers(shell, *words)
    assert set(expected) <= set(offered)
    assert all(each.startswith(words[-1]) for each in offered)


def test_bash_and_zsh_complete_both_names_of_the_program(shell):
    ask = 'eval "$(inspector completion bash)"; complete -p inspector sse-inspector'
    registered = shell("bash", "-c", ask)
    assert [line.split()[-3:] for line in registered] == [
        ["-F", "_inspector_completion", name] for name in ("inspector", "sse-inspector")
    ]
    ask = 'autoload -Uz compinit && compinit -u; eval "$(inspector completion zsh)"; print -l $_comps[{}]'
    for name in ("inspector", "sse-inspector"):
        assert shell("zsh", "-f", "-c", ask.replace("{}", name)) == ["_inspector_completion"]


@pytest.mark.parametrize("offers", [bash, zsh, fish])
def test_what_stands_before_a_comma_stays(shell, offers):
    rules = [name for name in RULES if name.startswith("block-s")]
    offered = offers(shell, "inspector", "check", "--select", "usage,block-s")
    assert set(offered) == {f"usage,{name}" for name in rules}


@pytest.mark.parametrize(
    "words", [["show", "x"], ["check", ""], ["export", "a/"], ["serve", "./"]], ids=" ".join
)
def test_a_shell_completes_paths_itself(shell, words):
    assert bash(shell, "inspector", *words)[0] == "compopt -o default"
    assert zsh(shell, "inspector", *words) == ["path_files"]


def test_fish_completes_the_paths_of_recordings(shell, tmp_path):
    (tmp_path / "first run.jsonl").write_text("")
    assert fish(shell, "inspector", "show", "fir") == ["first run.jsonl"]


def test_every_parameter_that_is_completed_exists():
    from inspector.cli import _completing

    ctx = cli.make_context("inspector", [], resilient_parsing=True)
    for command, parameter in _completing._COMPLETERS:
        assert parameter in {each.name for each in cli.get_command(ctx, command).params}, (command, parameter)


@pytest.mark.parametrize("program", ["inspector", "sse-inspector"])
def test_the_documented_place_of_the_script_is_one_that_fish_reads(shell, tmp_path, program):
    (documented,) = re.findall(
        r"^inspector completion fish > ~/\.config/(\S+)$",
        (ROOT / "docs/settings.md").read_text(),
        re.MULTILINE,
    )
    assert f"> ~/.config/{documented}" in completion.command.help
    path = tmp_path / documented
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(shell("bash", "-c", "inspector completion fish")))
    offered = shell("fish", "-c", f"complete -C '{program} serve hel'")
    assert "hello" in [line.partition("\t")[0] for line in offered]
