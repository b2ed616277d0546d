"""Environment variables that set options: their names, and those that set nothing."""

from __future__ import annotations

import copy
import difflib
import os

import click

from inspector.cli._printing import say
from inspector.redact.pseudonyms import KEY_VARIABLE

__all__ = ["name_variables", "say_unknown_variables"]


def _prefix(name: str) -> str:
    """Return how the variables of a command begin."""
    return f"INSPECTOR_{name.upper()}_"


def name_variables(command: click.Command, name: str) -> None:
    """Let each option be set by an environment variable that is named as the option is.

    Click's `auto_envvar_prefix` goes by the parameter's name in Python (`format_`), and also makes a variable
    INSPECTOR_VERSION that would replace every command by `--version`.
    """
    for option in command.params:
        if isinstance(option, click.Option):
            long = max(option.opts, key=len).removeprefix("--")
            option.envvar = _prefix(name) + long.upper().replace("-", "_")
            if option.multiple:  # Click splits at blanks, which a header or a fault may contain
                option.type = copy.copy(option.type)
                option.type.envvar_list_splitter = "\n"  # type: ignore[misc]


def say_unknown_variables(command: click.Command, name: str) -> None:
    """Say which variables look like those of the command's options, and set none of them.

    It is a warning, and no error: a container's platform may set variables that begin so by chance.
    """
    options = [option for option in command.params if isinstance(option, click.Option)]
    known = [KEY_VARIABLE, *(str(option.envvar) for option in options)]
    for variable in sorted(os.environ):
        if variable.startswith(_prefix(name)) and variable not in known:
            near = difflib.get_close_matches(variable, known, 1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else f"`inspector {name} --help` lists the options"
            say(f"the variable {variable} sets no option of {name}; {hint}")
