"""The options of `inspector probe` for a gateway: what stands behind it, and the command that starts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from inspector.conformance.defaults import PROTOCOLS, STALL

if TYPE_CHECKING:
    from inspector.conformance.through_run import Behind

__all__ = ["behind_of", "behind_options"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def behind_options(function: _Function) -> _Function:
    """Add the options for what stands behind a gateway: they are for `behind_of`."""
    for option in (
        click.option(
            "--stall",
            type=click.FloatRange(min=0.1, max=3600),
            help=f"Behind a gateway: seconds for which the upstream is silent; {STALL:g} if not given.",
        ),
        click.option(
            "--env",
            "variables",
            metavar="NAME",
            multiple=True,
            help="Set this variable of COMMAND to the upstream's URL. Repeatable.",
        ),
        click.option(
            "--behind-protocol",
            type=click.Choice(PROTOCOLS),
            help="What the upstream speaks: the Messages API, as if not given, or Chat Completions.",
        ),
        click.option(
            "--behind",
            type=click.IntRange(0, 65535),
            metavar="PORT",
            help="Probe a gateway: its upstream is here, on 127.0.0.1 and this port; 0 is any free one.",
        ),
    ):
        function = option(function)
    return function


def behind_of(options: dict[str, Any], command: tuple[str, ...]) -> Behind | None:
    """Take the options of `behind_options` out of `options`; None if no gateway is to be probed."""
    port, protocol, variables, stall = (
        options.pop(name) for name in ("behind", "behind_protocol", "variables", "stall")
    )
    if port is None and not command:
        given = {"--env": variables or None, "--behind-protocol": protocol, "--stall": stall}
        for name, value in given.items():
            if value is not None:
                raise click.UsageError(f"{name} is for a gateway: give --behind PORT, or a COMMAND after --")
        return None
    if variables and not command:
        raise click.UsageError("--env is for the COMMAND after --, which starts the gateway")
    if port == 0 and not command:
        raise click.UsageError("--behind 0 needs a COMMAND after --: no other gateway can know the port")

    from inspector.conformance.through_run import Behind

    return Behind(port or 0, protocol or PROTOCOLS[0], command, variables, STALL if stall is None else stall)
