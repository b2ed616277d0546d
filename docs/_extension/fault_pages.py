"""A page for each fault, and their list, made of what `inspector faults` shows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from _extension.examples import findings_of_faults
from _extension.markdown import ALONE, code, fence, plain, table
from inspector.cli._explained import FaultText, fault_text
from inspector.cli._observed import versions
from inspector.faults import FAULTS, GROUPS, POSITIONS, PRESETS

__all__ = ["fault_pages"]

_HEAD = """\
# Faults

What can go wrong with a stream, on demand: in [`edit`](../commands/edit.md),
[`serve`](../commands/serve.md), `inspector.replay`, and the marker of [pytest](../pytest.md).
[`inspector faults`](../commands/faults.md) shows the same in a terminal. Begin with
[the dirty dozen](#lists).

A fault is written as

```text
NAME[=VALUE][@POSITION][,key=value…]
```

`cut-fin@ev:7` closes the connection before event 7, `stall=5s@block:1` waits five seconds before content
block 1, and `http-error=529,retry_after=1,on=1..2` fails the first two requests. A value that contains `,`
or `@` stands in double quotes.
"""
_POSITIONS = """\
## Positions

Faults that cut, wait or insert apply just before the event that the position names. Faults that change events
change those that it names.
"""
_LISTS = """\
## Lists

A list stands for several faults, one after another: `--fault dirty-dozen`, and
`fault=inspector.DIRTY_DOZEN` in the marker of pytest, which runs a test once for each.
"""


def fault_pages() -> Iterator[tuple[str, str]]:
    """Yield the path below `docs/` and the text of each page."""
    texts = [fault_text(kind) for kind in FAULTS.values()]
    yield "faults/index.md", _index(texts)
    for text in texts:
        yield f"faults/{text.name}.md", _page(text, [other for other in texts if other.group == text.group])


def _index(texts: list[FaultText]) -> str:
    parts = [_HEAD]
    for group, faults in groupby(texts, lambda text: text.group):
        rows = [(f"[{text.name}]({text.name}.md)", plain(text.sentence)) for text in faults]
        parts += [f"## {_title(group)}\n", table(("fault", "what happens"), rows), ""]
    parts += [_POSITIONS, table(("position", "where"), [(code(k), plain(v)) for k, v in POSITIONS.items()])]
    lists = [(code(name), ", ".join(map(code, faults))) for name, faults in PRESETS.items()]
    parts += ["", _LISTS, table(("list", "faults"), lists), ""]
    return "\n".join(parts)


def _title(group: str) -> str:
    return GROUPS[group][0].upper() + GROUPS[group][1:]


def _anchor(group: str) -> str:
    return GROUPS[group].lower().replace(" ", "-")


def _page(text: FaultText, group: list[FaultText]) -> str:
    parts = [
        ALONE,
        f"# {text.name}",
        plain(text.sentence),
        fence(text.usage, wrap=True),
        f"**A correct client should** {plain(text.client)}.",
    ]
    if text.incident:
        parts.append(f"**Seen in** {plain(text.incident)}.")
    parts.append(f"[Faults](index.md): [{GROUPS[text.group]}](index.md#{_anchor(text.group)})")
    parts += [*_settings(text), *_observed(text), *_found(text), *_try_it(text)]
    others = [f"- [{other.name}]({other.name}.md): {plain(other.sentence)}" for other in group]
    others.remove(f"- [{text.name}]({text.name}.md): {plain(text.sentence)}")
    if others:
        parts += [f"## Other faults of {GROUPS[text.group]}", "\n".join(others)]
    return "\n\n".join([*parts, ""])


def _settings(text: FaultText) -> Iterator[str]:
    yield "## Parameters"
    rows = []
    for setting in text.settings:
        values = "; ".join(f"{code(word)}: {plain(meaning)}" for word, meaning in setting.values)
        name = "[POSITION](index.md#positions)" if setting.name == "POSITION" else code(setting.name)
        rows.append((name, plain(setting.text) + (f". {values}" if values else "")))
    yield table(("name", "what it sets"), rows)


def _observed(text: FaultText) -> Iterator[str]:
    yield "## What the SDKs do"
    yield f"Played to anthropic {versions()}, in the bundled recording `hello` unless another is named:"
    yield "\n".join(f"- {code(each)}: {plain(said)}" for each, said in text.observed)


def _found(text: FaultText) -> Iterator[str]:
    recording, rules = findings_of_faults()[text.name]
    yield "## What `check` finds"
    if rules:
        links = ", ".join(f"[{rule}](../rules/{rule}.md)" for rule in rules)
        yield f"In `{recording}` with `{text.example}`: {links}."
    else:
        yield f"Nothing in `{recording}` with `{text.example}`: a server may send such a stream."


def _try_it(text: FaultText) -> Iterator[str]:
    recording = findings_of_faults()[text.name][0]
    yield "## Try it"
    yield fence(
        f"$ inspector edit {recording} --fault {text.example} | inspector show -\n"
        f"$ inspector edit {recording} --fault {text.example} | inspector check -\n"
        f"$ inspector serve {recording} --fault {text.example} -- python my_app.py",
        "console",
    )
    yield f'In Python: `inspector.replay("{recording}", fault="{text.example}")`.'
