"""The command line: a file per command, each of which parses, composes and prints.

stdout is data, stderr is words. Commands are loaded when they are asked for, so that asking one for help
costs what that command needs and no more.

Exit status: 0 fine; 1 findings or differences; 2 wrong use; 3 the input is not a recording, or something
cannot be read or written; 4 the API or the network failed; 130 interrupted.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from inspector._version import __version__
from inspector.cli._terminal import silence_stdout
from inspector.errors import AddressError, InspectorError, RecordingError, RecordingWarning

__all__ = ["cli", "main"]

_COMMANDS = {
    "stream": "Call the API and show every event as it arrives.",
    "show": "Show recordings as people read them, or in another form.",
    "replay": "Show a recording in its own time.",
    "check": "Say what is wrong with a stream, and what the SDK will make of it.",
    "rules": "List the rules of check, or explain one.",
    "edit": "Put faults into a recording.",
    "faults": "List the faults, or explain one.",
    "serve": "Answer any client over HTTP from recordings.",
}
"""Every command and its one line; `inspector.cli.NAME` holds it as `command`."""


class _Commands(click.Group):
    """A group that imports a command when it is used, and turns inspector's errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"inspector.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader of our output that has gone is not an error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # caught here, before Click makes a failure of it
            silence_stdout()
            return 0
        return result

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run, and exit with the status that the outcome has."""
        status: Any = 0
        with warnings.catch_warnings():
            warnings.simplefilter("always", RecordingWarning)
            warnings.showwarning = _show_warning
            try:
                status = super().main(args, standalone_mode=False, **extra)
            except click.ClickException as error:
                error.show()
                status = error.exit_code
            except (click.Abort, KeyboardInterrupt):
                status = 130
            except InspectorError as error:
                _say(f"inspector: {error}")
                status = 3 if isinstance(error, RecordingError | AddressError) else 2
            except OSError as error:
                _say(f"inspector: {error.filename or 'standard output'}: {error.strerror or error}")
                silence_stdout()
                status = 3
        if not standalone_mode:
            return status
        sys.exit(status if isinstance(status, int) else 0)


def _say(words: str) -> None:
    with contextlib.suppress(BrokenPipeError):
        click.echo(words, err=True)


def _show_warning(
    message: Any, category: Any, filename: Any, lineno: Any, file: Any = None, line: Any = None
) -> None:
    if issubclass(category, RecordingWarning):
        _say(f"inspector: {message}")


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="inspector")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """See, record, check and replay the raw event stream of the Claude Messages API.

    Start here, with no key and no network:  inspector stream --offline

    Every option can come from the environment, as INSPECTOR_<COMMAND>_<OPTION>.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    elif os.environ.get("FORCE_COLOR"):
        ctx.color = True


def main() -> None:
    """Run the command line."""
    cli.main(prog_name="inspector", auto_envvar_prefix="INSPECTOR")
