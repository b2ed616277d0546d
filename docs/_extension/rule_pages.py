"""A page for each rule of `check`, and their list, made of what `inspector rules` shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from _extension.examples import broken_rules, findings_of_faults
from _extension.markdown import ALONE, fence, plain, table
from inspector.checker import RULES
from inspector.cli._explained import RuleText, rule_text

__all__ = ["rule_pages"]

_SEVERITY = re.compile(r"\b(error|warning|info)\b")
_HEAD = """\
# Rules

What `inspector check` demands of a stream. A rule is selected and left out by its name, or by the name of
its group: `--select tools`, `--ignore ping-cadence`. [`inspector rules`](../commands/rules.md) shows the same
in a terminal. The severity is that of a breach: where two are listed, the profile decides, or the case.
"""


def rule_pages() -> Iterator[tuple[str, str]]:
    """Yield the path below `docs/` and the text of each page."""
    texts = [rule_text(rule) for rule in RULES.values()]
    yield "rules/index.md", _index(texts)
    for text in texts:
        yield f"rules/{text.id}.md", _page(text, [other for other in texts if other.group == text.group])


def _index(texts: list[RuleText]) -> str:
    parts = [_HEAD]
    for group, rules in groupby(texts, lambda text: text.group):
        rows = [(f"[{text.id}]({text.id}.md)", _short(text), plain(text.sentence)) for text in rules]
        parts += [f"## {group}\n", table(("rule", "severity", "what it demands"), rows), ""]
    return "\n".join(parts)


def _short(text: RuleText) -> str:
    return " ".join(_chip(word) for word in dict.fromkeys(_SEVERITY.findall(text.severity)))


def _chip(word: str) -> str:
    return f"[{word}]{{.severity .{word}}}"


def _page(text: RuleText, group: list[RuleText]) -> str:
    severity = _SEVERITY.sub(lambda match: _chip(match[0]), plain(text.severity))
    parts = [
        ALONE,
        f"# {text.id}",
        plain(text.sentence),
        f"{severity} · [Rules](index.md): [{text.group}](index.md#{text.group})",
        "## What `check` says",
        fence(text.example, wrap=True),
        "## What the SDK does",
        *_list(map(plain, text.observed)),
        "## What to do",
        plain(text.advice),
        *_see_it(text.id),
        "## Select it, or leave it out",
        fence(
            f"$ inspector check FILE --select {text.id}\n$ inspector check FILE --ignore {text.id}", "console"
        ),
        f'In Python: `inspector.check(recording, ignore=["{text.id}"])`, and the same of `assert_clean`.',
        f'For a project: `ignore = ["{text.id}"]` [in its file](../settings.md#a-file-for-a-project).',
        "## Sources",
        *_list(map(plain, text.sources)),
    ]
    others = [f"[{other.id}]({other.id}.md): {plain(other.sentence)}" for other in group if other is not text]
    if others:
        parts += [f"## Other rules of {text.group}", *_list(others)]
    return "\n\n".join([*parts, ""])


def _see_it(rule: str) -> Iterator[str]:
    """Show bundled recordings that break a rule, and faults that make a recording break it."""
    recordings = broken_rules()[rule][:3]
    faults = [name for name, (_, rules) in findings_of_faults().items() if rule in rules]
    if not recordings and not faults:
        return
    yield "## See it"
    if recordings:
        yield "In bundled recordings:"
        yield fence("\n".join(f"$ inspector check {name} --select {rule}" for name in recordings), "console")
    if faults:
        links = ", ".join(f"[{name}](../faults/{name}.md)" for name in faults)
        yield f"Made by {'the fault' if len(faults) == 1 else 'faults'}: {links}."


def _list(items: Iterator[str] | list[str]) -> Iterator[str]:
    lines = [f"- {item}" for item in items]
    if lines:
        yield "\n".join(lines)
