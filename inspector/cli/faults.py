"""`inspector faults`: what can go wrong on demand, what the SDK does with it, and who met it."""

from __future__ import annotations

import textwrap
from itertools import groupby

import click

from inspector.cli._observed import fault_observations, versions
from inspector.cli._printing import echo
from inspector.faults import FAULTS, GROUPS, POSITIONS, PRESETS, Kind, parse
from inspector.manual import fault_page

__all__ = ["command"]

_WIDTH = 80
_NAMES = 23
"""How many columns the names of a list take, with the spaces around them."""


@click.command("faults")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the faults, or explain one: what happens on the wire, what the SDK does with it, who met it.

    Use one as --fault NAME[=VALUE][@POSITION][,key=value…].
    """
    if name is None:
        _list()
    elif name in PRESETS:
        for text in PRESETS[name]:
            kind = parse(text).kind
            _entry(text, kind.sentence, fault_page(kind.name))
    else:
        for line in _page(FAULTS.get(name) or parse(name).kind):
            echo(*line.splitlines())


def _list() -> None:
    for group, kinds in groupby(FAULTS.values(), lambda kind: kind.group):
        echo(f"{GROUPS[group]}:")
        for kind in kinds:
            _entry(kind.name, kind.sentence, fault_page(kind.name))
    echo("where a fault applies, as @POSITION:")
    for shape, meaning in POSITIONS.items():
        _entry(shape, meaning)
    echo("lists of faults, to try one after another:")
    for name, texts in PRESETS.items():
        _entry(name, ", ".join(texts))


def _entry(name: str, text: str, page: str = "") -> None:
    first, *more = _wrapped(f"  {name}".ljust(_NAMES - 1) + " ", text, " " * _NAMES).splitlines()
    start, end = first[:2], first[2 + len(name) :]
    echo([(start, {}), (name, {"page": page}), (end, {})], *more)


def _page(kind: Kind) -> list[str]:
    lines = [
        kind.usage,
        _wrapped("  ", kind.sentence, "  "),
        *_field("a correct client should", kind.client),
        *_field("seen in", kind.incident),
    ]
    for parameter in kind.parameters:
        lines += _field(parameter.name, parameter.help)
        width = max(map(len, parameter.options), default=0)
        lines += [f"    {word:{width}}  {meaning}" for word, meaning in parameter.options.items()]
    if kind.position:
        lines += _field("POSITION", f"{', '.join(POSITIONS)}; default: {kind.position.text}")
    lines += _field("on", "the requests that get it, counted from 1: 1, 1..2 or 2..; default: all")
    lines += [f"  played to anthropic {versions()}:", *map(_outcome, fault_observations(kind.name))]
    lines.append(f"  $ inspector edit FILE --fault {_example(kind)} | inspector show -")
    return [*lines, f"  {fault_page(kind.name)}"]


def _outcome(observed: tuple[str, str]) -> str:
    example, sentence = observed
    return _wrapped(f"    {example}: ", sentence, "      ")


def _field(name: str, text: str) -> list[str]:
    return [_wrapped(f"  {name}: ", text, "    ")] if text else []


def _wrapped(start: str, text: str, indent: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False)


def _example(kind: Kind) -> str:
    default = kind.parameters[0].default_text if kind.parameters else ""
    place = f"@{kind.position.text}" if kind.position else ""
    return kind.name + (f"={default}" if default else "") + place
