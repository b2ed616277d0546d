"""Checking a whole recording: `check`, `report` and `assert_clean`, and the choice of rules."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from inspector.checker.checker import Checker
from inspector.checker.findings import Finding, Limits, Profile, Report, Severity
from inspector.checker.report_text import report_lines
from inspector.checker.rules import RULES
from inspector.errors import UsageError
from inspector.recording import Recording
from inspector.recording.one_recording import one_recording

__all__ = ["assert_clean", "check", "chosen", "named_profile", "report"]


def check(
    recording: Recording,
    *,
    profile: Profile | str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    limits: Limits | None = None,
) -> list[Finding]:
    """List what is wrong with a recording, and what is worth knowing, in the order of the stream.

    `profile` None means that the recorded host decides. `select` and `ignore` name rules or whole groups
    (`timing`), and filter the findings. Unknown names raise `UsageError`, and a path `TypeError`: `load` it.
    """
    return list(report(recording, profile=profile, select=select, ignore=ignore, limits=limits).findings)


def report(
    recording: Recording,
    *,
    profile: Profile | str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    limits: Limits | None = None,
) -> Report:
    """Check a recording; return the findings together with the verdict. Arguments are as in `check`."""
    recording = one_recording(recording)
    checker = Checker(
        recording.head,
        profile=None if profile is None else named_profile(profile),
        rules=chosen(select, ignore),
        limits=limits,
        timed=recording.head.timed,
        file=recording.source,
    )
    checker.feed(recording.blocks)
    return checker.close(recording.end, torn=recording.torn)


def assert_clean(
    recording: Recording,
    *,
    ignore: Iterable[str] = (),
    profile: Profile | str | None = None,
    fail_on: Severity | str = Severity.ERROR,
    limits: Limits | None = None,
) -> None:
    """Raise `AssertionError` if a recording has findings of severity `fail_on` or worse.

    The message is what `inspector check` prints. `ignore` names rules or groups that do not count.
    """
    __tracebackhide__ = True  # pytest shows the caller's line
    whole = report(recording, profile=profile, ignore=ignore, limits=limits)
    least = Severity(fail_on)
    if any(finding.severity.rank <= least.rank for finding in whole.findings):
        lines = (text for _, text in report_lines(whole, least=least))
        raise AssertionError("\n" + "\n".join(lines))


def chosen(select: Iterable[str] | None, ignore: Iterable[str] = ()) -> Collection[str] | None:
    """Return the ids of the rules in `select` (None: all) that `ignore` does not name; None for every rule.

    Both name rules and groups; a text may list several, with commas or blanks between them. Raises
    `UsageError` for a name that is neither, and for a `select` without any.
    """
    if select is None and not ignore:
        return None
    wanted = set(RULES) if select is None else _expand(select)
    if not wanted:
        raise UsageError("no rule is selected; `inspector rules` lists them")
    return wanted - _expand(ignore)


def _listed(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for name in text.replace(",", " ").split()]


def _expand(names: Iterable[str]) -> set[str]:
    rules = set()
    for name in _listed([names] if isinstance(names, str) else names):
        ids = {rule.id for rule in RULES.values() if name in (rule.id, rule.group)}
        if not ids:
            groups = {rule.group for rule in RULES.values()}
            near = difflib.get_close_matches(name, [*RULES, *groups], 1)
            hint = f"did you mean {near[0]}?" if near else "`inspector rules` lists them"
            raise UsageError(f"there is no rule or group {name!r}; {hint}")
        rules |= ids
    return rules


def named_profile(profile: Profile | str) -> Profile:
    """Return the profile of a name. Raises `UsageError` for an unknown one."""
    try:
        return Profile(profile)
    except ValueError:
        raise UsageError(f"there is no profile {profile!r}; there are {', '.join(Profile)}") from None
