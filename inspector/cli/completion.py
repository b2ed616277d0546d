"""`inspector completion`: the script with which a shell completes commands, options, and what they take."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from inspector.cli._printing import print_document

__all__ = ["command"]

_PROGRAM = "inspector"
_VARIABLE = "_INSPECTOR_COMPLETE"
"""Click derives it from the program's name."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, files, rules, faults and probes in a shell.

    \b
    bash  echo 'eval "$(inspector completion bash)"' >> ~/.bashrc
    zsh   echo 'eval "$(inspector completion zsh)"' >> ~/.zshrc
    fish  inspector completion fish > ~/.config/fish/completions/inspector.fish

    bash needs version 4.4. zsh needs `autoload -Uz compinit && compinit` before that line.
    """
    made = get_completion_class(shell)
    assert made is not None  # Click knows these three
    print_document(made(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source().rstrip("\n"))
