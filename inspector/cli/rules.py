"""`inspector rules`: every rule of `check` in a line, or one rule in full."""

from __future__ import annotations

import difflib
from itertools import groupby

import click

from inspector.checker import RULES, Rule
from inspector.cli._explained import rule_text
from inspector.cli._printing import echo
from inspector.cli._terminal import screen_width, wrap
from inspector.errors import UsageError
from inspector.manual import rule_page

__all__ = ["command"]

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


@click.command()
@click.argument("name", metavar="[RULE]", required=False)
def command(name: str | None) -> None:
    """List the rules of `inspector check`, or explain one.

    RULE is the name of a rule, or of a group of rules to list.
    """
    if name is None:
        _list()
    elif name in RULES:
        _explain(RULES[name])
    elif any(rule.group == name for rule in RULES.values()):
        _list(name)
    else:
        near = difflib.get_close_matches(name, RULES, 1)
        hint = f"did you mean {near[0]}?" if near else "`inspector rules` lists them"
        raise UsageError(f"there is no rule {name!r}; {hint}")


def _list(group: str | None = None) -> None:
    names = max(map(len, RULES))
    width = screen_width()
    for name, rules in groupby(RULES.values(), key=lambda rule: rule.group):
        if group in (None, name):
            echo(name, bold=True)
            for rule in rules:
                name_column, severity = f"  {rule.id:<{names}}  ", f"{_severity(rule):<15}"
                start = len(name_column + severity)
                line = wrap(f"{name_column}{severity}  {rule.sentence}", width, indent=start + 2)
                first, *more = line.splitlines()
                colour = {"fg": _COLOURS[rule.severities[0]]}
                name_pieces = [("  ", {}), (rule.id, {"page": rule_page(rule.id)})]
                gap = " " * (names - len(rule.id) + 2)
                echo([*name_pieces, (gap, {}), (severity, colour), (first[start:], {})], *more)


def _severity(rule: Rule) -> str:
    ours, theirs = rule.severities
    return ", ".join(dict.fromkeys([ours.value, theirs.value, *rule.also]))


def _explain(rule: Rule) -> None:
    width, text = screen_width(), rule_text(rule)
    echo(text.id, bold=True)
    echo(*wrap(f"  {text.sentence}", width).splitlines(), "")
    rows = {
        "group": text.group,
        "severity": text.severity,
        "example": text.example,
        "SDK": "; ".join(text.observed),
        "do": text.advice,
        "source": "\n            ".join(text.sources),
        "manual": rule_page(text.id),
    }
    for label, value in rows.items():
        if value:
            for line in f"  {label:<9} {value}".splitlines():
                echo(*wrap(line, width, indent=12).splitlines())
