"""Defaults from a file: `inspector.toml`, or `[tool.inspector]` in `pyproject.toml`.

The nearest such file counts, in the current folder or above it. It has a table for each command, and in it an
option by its long name: `[check]` with `fail-on = "warning"`. The command line and environment variables go
before it.

Options that decide where a key is sent, what is run or what is replaced are refused: such a file comes with a
checkout of somebody's project.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

from inspector.errors import UsageError

__all__ = ["DefaultsFile", "nearest_defaults"]

_OWN, _PROJECT = "inspector.toml", "pyproject.toml"
_MARK = b"tool.inspector"
_REFUSED = {
    **dict.fromkeys(("base-url", "upstream", "header", "key-env"), "where a key is sent"),
    "sdk": "which program is run",
    "overwrite": "what is replaced",
}
"""The options that no file sets, and what each decides."""


class DefaultsFile(NamedTuple):
    """A file's tables, and how its tables are called there: `tool.inspector.` stands before a command."""

    path: Path
    tables: Mapping[str, Any]
    prefix: str

    def require_commands(self, known: Collection[str]) -> None:
        """Raise `UsageError` for a table of no command."""
        for name, table in self.tables.items():
            if name not in known or not isinstance(table, dict):
                raise UsageError(
                    f"{self.path}: [{self.prefix}{name}] is no command's table; {_near(name, known)}"
                )

    def defaults(self, command: click.Command, name: str) -> dict[str, Any]:
        """Return the defaults of a command by its parameters' names, as Click's `default_map` has them.

        Raises `UsageError` for an option that the command does not have, or that a file may not set.
        """
        options = {
            text.removeprefix("--"): option
            for option in command.params
            if isinstance(option, click.Option)
            for text in option.opts
            if text.startswith("--")
        }
        made: dict[str, Any] = {}
        for key, value in self.tables.get(name, {}).items():
            where = f"{self.path}: [{self.prefix}{name}] {key}"
            if key in _REFUSED:
                raise UsageError(
                    f"{where}: no file sets this option, because it decides {_REFUSED[key]}; use the command "
                    "line or the environment"
                )
            if key not in options:
                raise UsageError(f"{where}: there is no such option; {_near(key, options)}")
            value = made[options[key].name or ""] = _checked(options[key], value, where)
            try:
                options[key].type_cast_value(click.Context(command), value)
            except click.BadParameter as error:
                raise UsageError(f"{where}: {error.message}") from None
        return made


def _checked(option: click.Option, value: Any, where: str) -> Any:
    """Return a value in the shape that Click expects. Raises `UsageError` for another."""
    if option.multiple:
        value = [value] if isinstance(value, str) else value
        good = isinstance(value, list) and all(isinstance(each, str | int | float) for each in value)
        kind = "an array"
    elif option.is_flag:
        good, kind = isinstance(value, bool), "true or false"
    else:
        good, kind = isinstance(value, str | int | float) and not isinstance(value, bool), "text or a number"
    if not good:
        raise UsageError(f"{where}: write {kind}")
    return value


def _near(name: str, known: Iterable[str]) -> str:
    import difflib  # only for a message

    near = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def nearest_defaults() -> DefaultsFile | None:
    """Return the file that counts in the current folder, None if there is no such file.

    Raises `UsageError` for one that is not TOML.
    """
    try:
        folder = Path.cwd()
    except OSError:  # the folder has been removed
        return None
    for each in (folder, *folder.parents):
        own = _read(each / _OWN)
        if own is not None:
            return DefaultsFile(each / _OWN, _parsed(each / _OWN, own), "")
        project = _read(each / _PROJECT)
        if project is not None and _MARK in project:
            tables = _parsed(each / _PROJECT, project).get("tool", {}).get("inspector")
            if isinstance(tables, dict):
                return DefaultsFile(each / _PROJECT, tables, "tool.inspector.")
    return None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _parsed(path: Path, data: bytes) -> dict[str, Any]:
    import tomllib  # most folders have no such file

    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
