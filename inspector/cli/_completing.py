"""What a shell completes: files, bundled recordings, rules, faults and probes, besides what Click knows.

Click completes commands, options and choices. Here each other argument and option has a function that returns
what it may be. They are attached only while a shell asks, so that no command pays for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import click
from click.shell_completion import CompletionItem

__all__ = ["complete_parameters"]

_Values = Callable[[], Iterable[str]]
_Completer = Callable[[click.Context, str], list[CompletionItem]]


def complete_parameters(command: click.Command, name: str) -> None:
    """Attach to each parameter of a command the function that completes it, if there is one."""
    for parameter in command.params:
        completer = _COMPLETERS.get((name, parameter.name or "")) or _FILES.get(parameter.name or "")
        if completer:
            parameter.shell_complete = completer  # type: ignore[method-assign,assignment]


def _files(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Let the shell complete a path: it knows how to quote one, and what `~` is."""
    return [CompletionItem(incomplete, type="file")]


def _one_of(values: _Values) -> _Completer:
    def complete(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(value) for value in values() if value.startswith(incomplete)]

    return complete


def _list_of(values: _Values) -> _Completer:
    """Return a completer for a list: it completes what stands after the last comma."""

    def complete(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        before, comma, last = incomplete.rpartition(",")
        return [CompletionItem(f"{before}{comma}{value}") for value in values() if value.startswith(last)]

    return complete


def _bundled_or_file(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a bundled recording if one begins so, and else a path."""
    from inspector.recording.bundled import bundled_names

    names = [name for name in bundled_names() if name.startswith(incomplete)]
    return [CompletionItem(name) for name in names] or _files(ctx, incomplete)


def _file_or_bundled(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete a path as long as nothing is typed: the shell cannot show both."""
    return (_bundled_or_file if incomplete else _files)(ctx, incomplete)


def _rules() -> Iterator[str]:
    from inspector.checker import RULES

    yield from dict.fromkeys(rule.group for rule in RULES.values())
    yield from RULES


def _faults() -> Iterator[str]:
    from inspector.faults import FAULTS, PRESETS

    yield from PRESETS
    yield from FAULTS


def _probes() -> Iterator[str]:
    from inspector.conformance import runner, through_run  # noqa: F401 - they fill the table
    from inspector.conformance.probes import PROBES

    yield from dict.fromkeys(probe.name for probe in PROBES.values())


_FILES: dict[str, _Completer] = dict.fromkeys(("file", "files", "paths", "output", "request_file"), _files)
"""Parameters of every command, by their names in Python."""

_COMPLETERS: dict[tuple[str, str], _Completer] = {
    ("serve", "paths"): _file_or_bundled,
    ("stream", "offline"): _bundled_or_file,
    ("rules", "name"): _one_of(_rules),
    ("faults", "name"): _one_of(_faults),
    ("edit", "texts"): _one_of(_faults),
    ("serve", "fault"): _one_of(_faults),
    ("check", "select"): _list_of(_rules),
    ("check", "ignore"): _list_of(_rules),
    ("probe", "only"): _list_of(_probes),
    ("probe", "skip"): _list_of(_probes),
}
"""By the command and the parameter's name in Python."""
