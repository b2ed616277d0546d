"""The page of environment variables: one for each option of each command, and those of others."""

from __future__ import annotations

from _extension.command_pages import commands, options
from _extension.markdown import code, table

__all__ = ["variable_page"]

_HEAD = """\
# Environment variables

Each option of each command has a variable: `INSPECTOR_`, the command, the option's long name. A flag is `1`
or `0`. For an option that can be repeated, the variable holds one value a line. The command line goes before
the variable, and the variable before [the file of a project](../settings.md#a-file-for-a-project).
"""


def variable_page() -> tuple[str, str]:
    """Return the path below `docs/` of the page, and its text."""
    parts = [_HEAD]
    for name, command in commands().items():
        rows = [(code(str(option.envvar)), _linked(name, option.opts)) for option in options(command)]
        if rows:
            parts += [f"## {name}\n", table(("variable", "option"), rows), ""]
    return "reference/environment.md", "\n".join(parts)


def _linked(command: str, names: list[str]) -> str:
    long = max(names, key=len)
    return f"{{option}}`{long} <inspector {command} {long}>`"
