"""A page for each command, and their list, made of Click's own objects: arguments, options, help.

sphinx-click would read each help as reStructuredText, and shows the names that parameters have in Python.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from _extension.markdown import code, fence, link_commands, plain, table
from inspector.cli import cli

__all__ = ["command_pages", "commands", "options"]

_PAGES = {
    "stream": ("show", "sources"),
    "show": ("show", "sources"),
    "ls": ("ls", "sources"),
    "replay": ("show",),
    "check": ("rules/index", "corpus", "tables", "ci"),
    "stats": ("stats", "trends"),
    "diff": ("diff",),
    "report": ("report",),
    "rules": ("rules/index",),
    "import": ("formats",),
    "edit": ("faults/index",),
    "export": ("export", "packs"),
    "redact": ("redaction",),
    "faults": ("faults/index",),
    "serve": ("matching", "faults/index", "verdict", "report"),
    "proxy": ("proxy",),
    "probe": ("probe", "scorecard", "bridges", "conformance"),
    "completion": ("settings",),
}
"""The pages of the manual that explain a command."""

_HEAD = """\
# Commands

Data goes to standard output, messages go to standard error. Each option can also be set by an environment
variable and in a file of the project: see [Settings](../settings.md), and [all
variables](../reference/environment.md).
"""


def commands() -> dict[str, click.Command]:
    """Return every command by its name, in the order of `inspector --help`."""
    context = click.Context(cli, info_name="inspector")
    return {
        name: command for name in cli.list_commands(context) if (command := cli.get_command(context, name))
    }


def options(command: click.Command) -> list[click.Option]:
    """Return the options of a command that have a help."""
    return [each for each in command.params if isinstance(each, click.Option) and not each.hidden]


def command_pages() -> Iterator[tuple[str, str]]:
    """Yield the path below `docs/` and the text of each page."""
    made = commands()
    missing = made.keys() ^ _PAGES.keys()
    assert not missing, f"which pages explain {', '.join(missing)}?"
    rows = [(f"[inspector {name}]({name}.md)", plain(_first(command))) for name, command in made.items()]
    yield (
        "commands/index.md",
        "\n".join(
            [
                _HEAD,
                table(("command", "what it does"), rows),
                "",
                "```{toctree}",
                ":hidden:",
                "",
                *made,
                "```",
                "",
            ]
        ),
    )
    for name, command in made.items():
        yield f"commands/{name}.md", _page(name, command)


def _first(command: click.Command) -> str:
    return " ".join(inspect.cleandoc(command.help or "").partition("\n\n")[0].split())


def _page(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"inspector {name}")
    pages = ", ".join(f"[](../{page}.md)" for page in _PAGES[name])
    parts = [
        f"# inspector {name}",
        fence(" ".join([context.command_path, *command.collect_usage_pieces(context)])),
        *help_paragraphs(command.help or ""),
        f"In the manual: {pages}.",
        "## Options",
        f"```{{program}} inspector {name}\n```",
        *(_option(option, context) for option in options(command)),
        ":::{option} -h, --help\nShow the options, and exit.\n:::",
    ]
    return "\n\n".join([*parts, ""])


def _option(option: click.Option, context: click.Context) -> str:
    names, described = option.get_help_record(context) or ("", "")
    bounds = described[len(option.help or "") :].strip()
    facts = f"{_bounds(bounds)} · " if bounds else ""
    text = "\n\n".join(help_paragraphs(option.help or ""))
    shown = names.replace(" / ", ", ")
    return f":::{{option}} {shown}\n{text}\n\n{facts}[{option.envvar}]{{.variable}}\n:::"


def _bounds(text: str) -> str:
    """Write what Click adds in brackets, the default and the range, as a sentence."""
    parts = [part.partition(": ") for part in text.strip("[]").split("; ")]
    return "; ".join(f"{plain(key)}: {code(value)}" if value else code(key) for key, _, value in parts)


def help_paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a help as Markdown. One that Click does not wrap stays as it is."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        if paragraph.startswith("\b"):
            yield fence(inspect.cleandoc(paragraph.removeprefix("\b").strip("\n")))
        elif paragraph:
            yield link_commands(plain(" ".join(paragraph.split())))
