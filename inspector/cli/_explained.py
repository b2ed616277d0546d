"""What there is to say of a rule or of a fault, gathered once: a terminal and the manual show the same."""

from __future__ import annotations

from typing import NamedTuple

from inspector.checker import Profile, Rule
from inspector.checker.advice import ADVICE
from inspector.cli._observed import fault_observations, rule_observations
from inspector.faults import POSITIONS, Kind

__all__ = ["FaultText", "RuleText", "Setting", "fault_text", "rule_text"]


class RuleText(NamedTuple):
    """A rule: what it demands, how bad a breach is, a message, what the SDKs do, what to do, its sources.

    `observed` has a sentence for each SDK, or one for all of them; it is empty if nothing was observed.
    """

    id: str
    group: str
    sentence: str
    severity: str
    example: str
    observed: tuple[str, ...]
    advice: str
    sources: tuple[str, ...]


class Setting(NamedTuple):
    """What can be set of a fault: its name, what it does, and the values that it takes, if they are words."""

    name: str
    text: str
    values: tuple[tuple[str, str], ...] = ()


class FaultText(NamedTuple):
    """A fault: how it is written, what it does, what a client should do, who met it, what the SDKs do.

    `observed` are pairs: the fault as it was played, and what the SDK did. `position` is where it applies by
    default, empty if it takes no position. `example` is the fault with its defaults.
    """

    name: str
    group: str
    usage: str
    sentence: str
    client: str
    incident: str
    settings: tuple[Setting, ...]
    position: str
    observed: tuple[tuple[str, str], ...]
    example: str


def rule_text(rule: Rule) -> RuleText:
    """Gather what there is to say of a rule."""
    ours, theirs = rule.severities
    differs = f" ({Profile.ANTHROPIC}), {theirs} ({Profile.COMPAT})" if ours is not theirs else ""
    differs += "".join(f"; {severity} in some cases" for severity in rule.also)
    first, *more = rule.source.split(" http")
    return RuleText(
        id=rule.id,
        group=rule.group,
        sentence=rule.sentence,
        severity=f"{ours}{differs}",
        example=rule.example,
        observed=tuple(rule_observations(rule.id)),
        advice=ADVICE[rule.group],
        sources=(first, *(f"http{address}" for address in more)),
    )


def fault_text(kind: Kind) -> FaultText:
    """Gather what there is to say of a fault."""
    settings = [Setting(each.name, each.help, tuple(each.options.items())) for each in kind.parameters]
    if kind.position:
        settings.append(Setting("POSITION", f"{', '.join(POSITIONS)}; default: {kind.position.text}"))
    requests = "the requests that get it, counted from 1: 1, 1..2 or 2..; default: all"
    default = kind.parameters[0].default_text if kind.parameters else ""
    place = f"@{kind.position.text}" if kind.position else ""
    return FaultText(
        name=kind.name,
        group=kind.group,
        usage=kind.usage,
        sentence=kind.sentence,
        client=kind.client,
        incident=kind.incident,
        settings=(*settings, Setting("on", requests)),
        position=kind.position.text if kind.position else "",
        observed=tuple(fault_observations(kind.name)),
        example=kind.name + (f"={default}" if default else "") + place,
    )
