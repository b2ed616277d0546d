"""`inspector faults`: what can go wrong on demand, and what comes of it."""

from __future__ import annotations

import textwrap
from itertools import groupby

import click

from inspector.faults import FAULTS, POSITIONS, PRESETS, Kind, parse

__all__ = ["command"]

_GROUPS = {
    "connection": "the connection and HTTP",
    "waiting": "waiting",
    "pacing": "pace and pieces",
    "lines": "lines and blank lines",
    "corruption": "inside one event",
    "order": "the order of events",
    "content_blocks": "content blocks",
    "message_fields": "the message",
    "tool_calls": "tool calls and thinking",
}


@click.command("faults")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the faults, or explain one: what happens on the wire, what the SDK does with it, who met it.

    They are used as --fault NAME[=VALUE][@POSITION][,key=value…].
    """
    if name is None:
        _list()
    elif name in PRESETS:
        for text in PRESETS[name]:
            click.echo(f"{text:20} {parse(text).kind.sentence}")
    else:
        for line in _explained(FAULTS.get(name) or parse(name).kind):
            click.echo(line)


def _list() -> None:
    for group, kinds in groupby(FAULTS.values(), lambda kind: kind.group):
        click.echo(f"{_GROUPS[group]}:")
        for kind in kinds:
            click.echo(f"  {kind.name:20} {kind.sentence}")
    click.echo("where they strike, as @POSITION:")
    for shape, meaning in POSITIONS.items():
        click.echo(f"  {shape:20} {meaning}")
    click.echo("lists of faults:")
    for name, texts in PRESETS.items():
        click.echo(f"  {name:20} {', '.join(texts[:3])}, … one after another")


def _explained(kind: Kind) -> list[str]:
    lines = [kind.usage, f"  {kind.sentence}", *_field("the SDK", kind.sdk)]
    lines += _field("a correct client should", kind.client)
    if kind.incident:
        lines += _field("seen in", kind.incident)
    for parameter in kind.parameters:
        default = parameter.shown_default
        lines += _field(parameter.name, f"{parameter.doc}" + (f" ({default})" if default else ""))
    if kind.default:
        lines += _field("POSITION", f"{', '.join(POSITIONS)} ({kind.at})")
    lines += _field("on", "the requests that meet it, counted from 1: 1, 1..2 or 2.. (all)")
    return [*lines, f"  $ inspector edit FILE --fault {_example(kind)} | inspector show -"]


def _field(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, 100, initial_indent=f"  {name}: ", subsequent_indent="    ", break_on_hyphens=False
    )


def _example(kind: Kind) -> str:
    default = kind.parameters[0].shown_default if kind.parameters else ""
    return kind.name + (f"={default}" if default else "") + (f"@{kind.at}" if kind.default else "")
