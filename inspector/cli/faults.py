"""`inspector faults`: what can go wrong on demand, what the SDK does with it, and who met it."""

from __future__ import annotations

from itertools import groupby

import click

from inspector.cli._explained import FaultText, fault_text
from inspector.cli._observed import versions
from inspector.cli._printing import echo
from inspector.cli._terminal import wrap
from inspector.faults import FAULTS, GROUPS, POSITIONS, PRESETS, parse
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
        for line in _page(fault_text(FAULTS.get(name) or parse(name).kind)):
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


def _page(fault: FaultText) -> list[str]:
    lines = [
        fault.usage,
        _wrapped("  ", fault.sentence, "  "),
        *_field("a correct client should", fault.client),
        *_field("seen in", fault.incident),
    ]
    for setting in fault.settings:
        lines += _field(setting.name, setting.text)
        width = max((len(word) for word, _ in setting.values), default=0)
        lines += [f"    {word:{width}}  {meaning}" for word, meaning in setting.values]
    lines += [f"  played to anthropic {versions()}:", *map(_outcome, fault.observed)]
    lines.append(f"  $ inspector edit FILE --fault {fault.example} | inspector show -")
    return [*lines, f"  {fault_page(fault.name)}"]


def _outcome(observed: tuple[str, str]) -> str:
    example, sentence = observed
    return _wrapped(f"    {example}: ", sentence, "      ")


def _field(name: str, text: str) -> list[str]:
    return [_wrapped(f"  {name}: ", text, "    ")] if text else []


def _wrapped(start: str, text: str, indent: str) -> str:
    return wrap(start + text, _WIDTH, indent=len(indent))
