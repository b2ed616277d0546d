"""`inspector completion`: the script with which a shell completes commands, options, and what they take."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from inspector.cli._printing import print_document

__all__ = ["command"]

_PROGRAM = "inspector"
_VARIABLE = "_INSPECTOR_COMPLETE"
"""Click derives it from the program's name."""

_REGISTRATIONS = {
    "bash": [("-F _inspector_completion inspector\n", "-F _inspector_completion inspector sse-inspector\n")],
    "zsh": [
        ("#compdef inspector\n", "#compdef inspector sse-inspector\n"),
        (
            "compdef _inspector_completion inspector\n",
            "compdef _inspector_completion inspector sse-inspector\n",
        ),
        ("$+commands[inspector]", "$+commands[${words[1]:t}]"),
        ("_INSPECTOR_COMPLETE=zsh_complete inspector", "_INSPECTOR_COMPLETE=zsh_complete ${words[1]:t}"),
    ],
    "fish": [
        ("(commandline -t) inspector)", "(commandline -t) (basename (commandline -opc)[1]))"),
        ("--command inspector", "--command inspector --command sse-inspector"),
        # What is offered may hold commas itself: `usage,ping-shape`.
        ('(string split "," $completion)', '(string split --max 1 "," $completion)'),
    ],
}
"""Parts of Click's scripts that know one name of the program, and the same with both names."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, files, rules, faults and probes in a shell.

    \b
    bash  echo 'eval "$(inspector completion bash)"' >> ~/.bashrc
    zsh   echo 'eval "$(inspector completion zsh)"' >> ~/.zshrc
    fish  inspector completion fish > ~/.config/fish/conf.d/inspector.fish

    bash needs version 4.4. zsh needs `autoload -Uz compinit && compinit` before that line.
    """
    made = get_completion_class(shell)
    assert made is not None  # Click knows these three
    script = made(ctx.find_root().command, {}, _PROGRAM, _VARIABLE).source().rstrip("\n")
    for line, both in _REGISTRATIONS[shell]:
        assert line in script, "Click has another script"
        script = script.replace(line, both)
    print_document(script)
