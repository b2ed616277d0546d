"""`-- COMMAND…`: what belongs to which program, its environment, its exit status, its end."""

from __future__ import annotations

import os
import signal
import sys
import threading

import click
import pytest
from click.testing import CliRunner

from inspector.cli._signals import interrupted_by_signals
from inspector.cli._wrapping import Wrapping, environment, run

URL = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["a"], "a ()"),
        (["a", "--", "npm", "test"], "a ('npm', 'test')"),
        (["a", "--", "npm", "--", "--help"], "a ('npm', '--', '--help')"),
    ],
)
def test_what_follows_the_first_dashes_is_the_wrapped_command(arguments, shown):
    @click.command(cls=Wrapping)
    @click.argument("name")
    def command(name, wrapped):
        click.echo(f"{name} {wrapped}")

    assert CliRunner().invoke(command, arguments).stdout.strip() == shown


def test_the_real_key_and_token_are_not_passed_on():
    inherited = {"ANTHROPIC_API_KEY": "real", "ANTHROPIC_AUTH_TOKEN": "real", "HOME": "/root"}
    given = environment(URL, inherited, key="replayed")
    assert "real" not in given.values()
    assert (given["ANTHROPIC_BASE_URL"], given["HOME"]) == (URL, "/root")


@pytest.mark.parametrize(
    ("script", "status"), [("exit 7", 7), ("kill -TERM $$", 128 + signal.SIGTERM), ("exit 0", 0)]
)
def test_the_exit_status_is_that_of_the_command_as_in_shells(script, status):
    assert run(["sh", "-c", script], URL, key=None) == status


def test_without_a_key_of_ours_the_command_keeps_its_own():
    inherited = {"ANTHROPIC_API_KEY": "real", "ANTHROPIC_BASE_URL": "https://api.anthropic.com"}
    given = environment(URL, inherited, key=None)
    assert (given["ANTHROPIC_BASE_URL"], given["ANTHROPIC_API_KEY"]) == (URL, "real")


def test_a_command_that_cannot_be_started_has_the_status_of_shells(tmp_path, capsys):
    assert run([str(tmp_path / "nosuch")], URL, key=None) == 127
    assert run([str(tmp_path)], URL, key=None) == 126
    assert capsys.readouterr().err.splitlines() == [
        f"inspector: {tmp_path / 'nosuch'}: No such file or directory",
        f"inspector: {tmp_path}: Permission denied",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_interrupts_the_block_and_is_as_before_after_it(number):
    inherited = signal.signal(number, signal.SIG_DFL)  # a shell's `nohup` may have it ignored
    try:
        with pytest.raises(KeyboardInterrupt), interrupted_by_signals():
            os.kill(os.getpid(), number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, inherited)


@pytest.mark.parametrize(
    ("interrupts", "status"),
    [([signal.SIGTERM], 128 + signal.SIGTERM), ([signal.SIGINT, signal.SIGINT], 128 + signal.SIGTERM)],
    ids=["SIGTERM", "Ctrl-C twice"],
)
def test_an_interrupt_ends_a_command_that_goes_on(interrupts, status, monkeypatch):
    left = list(interrupts)

    class Interrupted(threading.Event):
        """The end of a command that goes on for long. Each wait for it is interrupted by the next signal."""

        def wait(self, timeout=None):
            if left:
                os.kill(os.getpid(), left.pop(0))
            return super().wait(timeout)

    monkeypatch.setattr("inspector.cli._wrapping.Event", Interrupted)
    with interrupted_by_signals():
        assert run([sys.executable, "-c", "import time; time.sleep(60)"], URL, key=None) == status
