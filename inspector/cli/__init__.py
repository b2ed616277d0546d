"""The command line: one file for each command. A command parses its arguments, calls the rooms below, prints.

Rule 1: stdout is for data, stderr for messages.
Rule 2: a command is imported when it is used, so that no command pays for the imports of another.
Rule 3: the exit status is 0 for success; 1 for findings or differences; 2 for wrong use; 3 for input that is
not a recording, and for files that cannot be read or written; 4 if the API or the network failed; 130 if
interrupted.
"""

from __future__ import annotations

import importlib
import io
import keyword
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import click

from inspector._version import __version__
from inspector.cli._defaults_file import nearest_defaults
from inspector.cli._printing import echo, say, show_wrong_use
from inspector.cli._terminal import chosen_color, replace_closed_streams, silence_stdout
from inspector.cli._variables import name_variables, say_unknown_variables
from inspector.errors import AddressError, EngineError, InspectorError, RecordingError, RecordingWarning

__all__ = ["cli", "main"]

_COMMANDS = {
    "stream": "Call the API and show every event as it arrives.",
    "show": "Show recordings as a table of events, or in another format.",
    "ls": "List recordings, a line for each.",
    "replay": "Show recordings at their recorded pace.",
    "check": "Find what is wrong with a stream, and what the SDK does.",
    "stats": "Say how responses flowed: times, silences, rates, usage.",
    "diff": "Say in what two recordings differ in meaning.",
    "report": "Write a page to look at recordings in a browser.",
    "rules": "List the rules of check, or explain one.",
    "import": "Make recordings of files of other tools.",
    "edit": "Put faults into a recording.",
    "export": "Write recordings in the format of another tool.",
    "redact": "Hide secrets and content in recordings; look for secrets.",
    "faults": "List the faults, or explain one.",
    "serve": "Answer any client over HTTP from recordings.",
    "proxy": "Record any client on its way to the API.",
    "probe": "Say whether an endpoint speaks the Messages API.",
    "completion": "Print the script that completes commands in a shell.",
}
"""Every command and its help in one line. The module `inspector.cli.NAME` has it as `command`."""

_COMPLETING = "_INSPECTOR_COMPLETE"
"""The variable that Click's scripts set while a shell asks for completions."""


def _module(name: str) -> str:
    """Return the module of a command; a keyword of Python gets an underscore, as Python's own names do."""
    return f"inspector.cli.{name}{'_' * keyword.iskeyword(name)}"


class _Commands(click.Group):
    """The group of commands. It imports a command when it is used, and turns errors into exit statuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            if ctx.resilient_parsing:  # shell completion
                return None
            import difflib

            near = difflib.get_close_matches(cmd_name, _COMMANDS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_COMMANDS)}"
            ctx.fail(f"there is no command {cmd_name!r}; {hint}")
        command: click.Command = importlib.import_module(_module(cmd_name)).command
        name_variables(command, cmd_name)
        if _COMPLETING in os.environ:
            from inspector.cli._completing import complete_parameters

            complete_parameters(command, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. If the reader of our output has gone, as in `| head`, end quietly."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # caught here: in its main(), Click turns it into exit status 1
            silence_stdout()
            return 0
        return result

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run a command, and exit with its status."""
        status: Any = 0
        with warnings.catch_warnings():
            warnings.simplefilter("always", RecordingWarning)
            warnings.showwarning = _show_warning
            try:
                status = super().main(args, standalone_mode=False, **extra)
            except click.ClickException as error:
                show_wrong_use(error)
                status = error.exit_code
            except (click.Abort, KeyboardInterrupt):
                status = 130
            except InspectorError as error:
                say(*str(error).splitlines())
                status = 3 if isinstance(error, RecordingError | AddressError | EngineError) else 2
            except OSError as error:
                say(f"{error.filename or 'standard output'}: {error.strerror or error}")
                silence_stdout()
                status = 3
        if not standalone_mode:
            return status
        sys.exit(status if isinstance(status, int) else 0)


def _show_warning(
    message: Any, category: Any, filename: Any, lineno: Any, file: Any = None, line: Any = None
) -> None:
    if issubclass(category, RecordingWarning):
        say(str(message))


def _show_version(ctx: click.Context, option: click.Parameter, value: bool) -> None:
    """Print the versions that a report about a defect needs, and exit."""
    if not value or ctx.resilient_parsing:
        return
    import platform

    from inspector.http_library import installed_libraries

    versions = [*installed_libraries(), f"Python {platform.python_version()}"]
    echo(f"inspector {__version__} ({', '.join(versions)})")
    ctx.exit()


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the versions of inspector, of the SDK, of its HTTP library and of Python.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """See, record, check and replay the raw event stream of the Claude Messages API.

    Start here, with no key and no network:  inspector stream --offline

    Every option can be set by an environment variable, INSPECTOR_<COMMAND>_<OPTION>: INSPECTOR_STREAM_MODEL
    sets --model of stream. For a repeatable option it holds one value a line. Defaults for a project stand in
    `inspector.toml`, or in `pyproject.toml` below [tool.inspector.<command>], by the same names.
    """
    ctx.color = chosen_color()  # Click removes styles from what is not to have them
    name = ctx.invoked_subcommand
    if name not in _COMMANDS or not isinstance(ctx.command, click.Group):
        return
    if command := ctx.command.get_command(ctx, name):
        say_unknown_variables(command, name)
        if file := nearest_defaults():
            file.require_commands(_COMMANDS)
            ctx.default_map = {name: file.defaults(command, name)}


def main() -> None:
    """Run the command line. A character that stdout's encoding lacks becomes `?`, and is no error."""
    replace_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    cli.main(prog_name="inspector")
