"""`inspector rules`: every rule of `check` in a line, or one of them in full."""

from __future__ import annotations

import difflib
from itertools import groupby

import click

from inspector.checker import RULES, Profile, Rule
from inspector.errors import UsageError

__all__ = ["command"]

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


@click.command()
@click.argument("name", metavar="[RULE]", required=False)
def command(name: str | None) -> None:
    """List the rules of `inspector check`, or explain one."""
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
    width = max(map(len, RULES))
    for name, rules in groupby(RULES.values(), key=lambda rule: rule.group):
        if group in (None, name):
            click.secho(name, bold=True)
            for rule in rules:
                severity = click.style(f"{_severity(rule):<15}", fg=_COLOURS[rule.severities[0]])
                click.echo(f"  {rule.id:<{width}}  {severity}  {rule.sentence}")


def _severity(rule: Rule) -> str:
    ours, theirs = rule.severities
    return ours.value if ours is theirs else f"{ours}, {theirs}"


def _explain(rule: Rule) -> None:
    click.secho(rule.id, bold=True)
    click.echo(f"  {rule.sentence}\n")
    ours, theirs = rule.severities
    differs = f" ({Profile.ANTHROPIC}), {theirs} ({Profile.COMPAT})" if ours is not theirs else ""
    rows = {
        "group": rule.group,
        "severity": f"{ours}{differs}",
        "example": rule.example,
        "SDK": rule.sdk.text() if rule.sdk else "",
        "source": rule.source.replace(" http", "\n            http"),
    }
    for label, text in rows.items():
        if text:
            click.echo(f"  {label:<9} {text}")
