"""The address that a command listens on: its options, its URL in a file, and who can reach it."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from inspector.cli._printing import say
from inspector.errors import RecordingError

__all__ = ["address_options", "allow_connections", "ready", "warn_of_reach"]


def _a_file(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value == "-":
        raise click.BadParameter("`-` is no file, and the URL is printed in any case")
    return value


def address_options(port: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options of an address: `host`, `allow_hosts`, `port` (by default that one) and `ready_file`."""
    options = (
        click.option(
            "--ready-file",
            metavar="FILE",
            callback=_a_file,
            help="Write the URL to FILE as soon as it answers.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=port,
            show_default=f"{port}; any free one for a COMMAND",
            help="The port to listen on; 0 for any free one.",
        ),
        click.option(
            "--allow-host",
            "allow_hosts",
            multiple=True,
            metavar="NAME",
            help="Also answer requests for this host name, and those of its web pages; else only for "
            "localhost, addresses and --host. Repeatable.",
        ),
        click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
    )

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in options:
            command = option(command)
        return command

    return add


def warn_of_reach(host: str, what: str) -> None:
    """Warn if other machines can reach an address: `what` is what they get there."""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    if host != "localhost":
        say(f"warning: {host} is not loopback: whoever can reach this machine {what}")


@contextlib.contextmanager
def ready(path: str | None, url: str) -> Iterator[None]:
    """Keep the URL in the file for as long as it answers. The file is never there half written."""
    if path is None:
        yield
        return
    file = Path(path)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.write_text(url + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=path) from error
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def allow_connections() -> None:
    """Raise the limit of open files: each client needs one."""
    if sys.platform == "win32":  # it has no such limit
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if most == resource.RLIM_INFINITY else min(most, 65536)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
