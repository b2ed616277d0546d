"""`-- COMMAND…`: run a program whose Anthropic clients call this address, and return its exit status."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from threading import Event, Thread

import click
from click.core import ParameterSource

from inspector.cli._printing import say
from inspector.cli._signals import Terminated
from inspector.protocol import client_environment

__all__ = ["NOT_STARTED", "Wrapping", "environment", "run"]

_NOT_FOUND, _NOT_RUNNABLE, _BY_SIGNAL = 127, 126, 128  # as in shells and env(1)
NOT_STARTED = frozenset({_NOT_FOUND, _NOT_RUNNABLE})
"""The statuses of a command that could not be started, and of one that says the same of another."""


class Wrapping(click.Command):
    """A command that takes another after `--`. It gets that one as `wrapped`: a tuple, empty without `--`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take away what follows the first `--`: those are the arguments of another program."""
        wrapped: list[str] = []
        if "--" in args:
            at = args.index("--")
            args, wrapped = args[:at], args[at + 1 :]
            if not wrapped:
                raise click.UsageError("a command must follow `--`", ctx)
        rest = super().parse_args(ctx, args)
        ctx.params["wrapped"] = tuple(wrapped)
        if wrapped and ctx.get_parameter_source("port") is ParameterSource.DEFAULT:
            ctx.params["port"] = 0  # the command gets the URL, and another may run beside it
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show in the usage that a command may follow."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


def environment(url: str, inherited: Mapping[str, str], *, key: str | None) -> dict[str, str]:
    """Return the environment in which an Anthropic client calls `url`, with that key, or None for its own."""
    changed = {**inherited, **client_environment(url, inherited, key=key)}
    return {name: value for name, value in changed.items() if value is not None}


def run(command: Sequence[str], url: str, *, key: str | None) -> int:
    """Run `command` to its end and return its exit status: 128 + N if signal N ended it, as in shells.

    Its clients call `url` with that key, or with their own if it is None.
    """
    try:
        child = subprocess.Popen(command, env=environment(url, os.environ, key=key))
    except OSError as error:
        say(f"{command[0]}: {error.strerror}")
        return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUNNABLE
    # A thread waits: no signal interrupts it between the end of the child and the note of its status.
    ended = Event()
    Thread(target=_wait, args=(child, ended), daemon=True).start()
    interrupts = 0
    while True:
        try:
            ended.wait()
            break
        except Terminated:
            child.terminate()
        except KeyboardInterrupt:  # the terminal interrupts the child as well; wait for it to end
            interrupts += 1
            if interrupts > 1:
                child.terminate()
    status = child.returncode
    return _BY_SIGNAL - status if status < 0 else status


def _wait(child: subprocess.Popen[bytes], ended: Event) -> None:
    child.wait()
    ended.set()
