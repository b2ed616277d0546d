"""`-- COMMAND…`: a program run with its Anthropic client pointed here, and its exit status given back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from inspector.protocol import DUMMY_API_KEY, client_environment

__all__ = ["Wrapping", "environment", "interrupted_by_sigterm", "run"]

_NOT_FOUND, _NOT_RUNNABLE, _BY_SIGNAL = 127, 126, 128  # as shells and env(1) have it


class Wrapping(click.Command):
    """A command that takes another one behind `--`, as the parameter `wrapped`: a tuple, maybe empty."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Cut off what stands behind the first `--`, which is not ours to read."""
        wrapped: list[str] = []
        if "--" in args:
            at = args.index("--")
            args, wrapped = args[:at], args[at + 1 :]
            if not wrapped:
                raise click.UsageError("a command must follow `--`", ctx)
        rest = super().parse_args(ctx, args)
        ctx.params["wrapped"] = tuple(wrapped)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Show that a command may follow."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


def environment(url: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which an Anthropic client calls `url`, with a key that opens nothing."""
    changed = {**inherited, **client_environment(url, inherited, key=DUMMY_API_KEY)}
    return {name: value for name, value in changed.items() if value is not None}


def run(command: Sequence[str], url: str) -> int:
    """Run `command` until it ends; its exit status, in the way of shells where it ended by a signal."""
    try:
        child = subprocess.Popen(command, env=environment(url, os.environ))
    except OSError as error:
        click.echo(f"inspector: {command[0]}: {error.strerror}", err=True)
        return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUNNABLE
    asked = 0
    while True:
        try:
            status = child.wait()
            break
        except _Terminated:
            child.terminate()
        except KeyboardInterrupt:  # the terminal has told the child as well
            asked += 1
            if asked > 1:
                child.terminate()
    return _BY_SIGNAL - status if status < 0 else status


class _Terminated(KeyboardInterrupt):
    """SIGTERM."""


@contextlib.contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Let SIGTERM stop what runs inside as Ctrl-C does."""

    def stop(*_: Any) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
