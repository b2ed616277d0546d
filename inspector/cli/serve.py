"""`inspector serve`: answer any client over HTTP from recordings."""

from __future__ import annotations

import contextlib
import functools
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inspector.cli._address import address_options, allow_connections, ready, warn_of_reach
from inspector.cli._inputs import FILE
from inspector.cli._live_page import SEES, say_page, ui_option
from inspector.cli._printing import Output, echo, say
from inspector.cli._signals import interrupted_by_signals
from inspector.cli._wrapping import Wrapping, run
from inspector.errors import RecordingError
from inspector.formats import recording_paths
from inspector.manual import page
from inspector.protocol import DUMMY_API_KEY
from inspector.recording import means_files
from inspector.recording.bundled import bundled_names, path_or_bundled

if TYPE_CHECKING:
    from inspector.cli._answers_view import AnswersView
    from inspector.cli._request_log import RequestLog
    from inspector.serve.server import Server
    from inspector.serve.workers import Workers

__all__ = ["command"]

_PORT = 8484
_IN_ORDER = (
    "--workers needs --match any, name, body or request: in order, the answer depends on how many requests "
    "came before, and workers share no count"
)
_FOR_SOME_REQUESTS = (
    "--workers cannot play a --fault with `on`: that counts requests, and workers share no count"
)


def _speed(value: str | float) -> float | None:
    """A number above 0, or `max` for no waiting at all (None)."""
    with contextlib.suppress(ValueError):
        if value == "max":
            return None
        if 0 < float(value) < float("inf"):
            return float(value)
    raise click.BadParameter(f"{value!r} is neither a number above 0 nor `max`")


@click.command("serve", cls=Wrapping)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE)
@click.option(
    "--speed",
    type=_speed,
    metavar="N|max",
    default="1",
    show_default=True,
    help="How many times the recorded pace; `max` sends at once, with the recorded chunks.",
)
@click.option(
    "--max-gap", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait no longer than this at once."
)
@click.option(
    "--match",
    type=click.Choice(["order", "request", "body", "name", "any"]),
    default="order",
    show_default=True,
    help="Which recording answers: the next one, which must be for this path; the one of the same messages, "
    "tools and model family; the one whose request has the same body; the one that the header "
    "x-inspector-recording or the model names; the next one, whatever the request.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="PATH",
    help="With --match body and request: a member of the body that does not count, such as system or "
    "tools[*].description. Repeatable.",
)
@click.option(
    "--fault",
    "fault",
    multiple=True,
    metavar="FAULT",
    help="Put a fault into the answers: cut-fin@ev:7, http-error=529,on=1..2. `inspector faults` lists them. "
    "Repeatable.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of faults that choose.")
@click.option("--loop", is_flag=True, help="Begin again when all recordings have been played.")
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse what no recording holds and else is made up: token counts, models, the events of a message.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many processes answer, for --match any, name, body or request. They share no count of what was "
    "played: above 1, recordings play again and again, as with --loop, and each process goes through them by "
    "itself.",
)
@ui_option
@address_options(_PORT)
@click.option(
    "--log",
    metavar="FILE",
    help="Append the log of requests to FILE, as JSON lines; `-` prints them on standard output, or for a "
    "COMMAND on standard error.",
)
@click.option(
    "--show", is_flag=True, help="Print the events of all answers as they are sent, in place of the log."
)
@click.option(
    "--verdict",
    is_flag=True,
    help=f"Say at the end what the client did with the answers: {page('verdict')} lists the checks. The exit "
    "status is then 1 if it has a fault. With a COMMAND it is known how that ended.",
)
@click.option("-q", "--quiet", is_flag=True, help="No log of requests on standard error.")
def command(
    *, paths: tuple[str, ...], log: str | None, quiet: bool, ready_file: str | None, **options: Any
) -> None:
    """Answer any client, in any language, over HTTP from recordings.

    PATH is a recording, a folder of them, a pattern, or the name of a bundled one. Status, headers, chunks,
    pace and the recorded end are played as they were. The URL is the first line on standard output. A request
    without "stream": true gets the whole message. Ctrl-C stops it.

    \b
    inspector serve recordings/
    inspector serve hello --match any --loop --speed max
    inspector serve tool_use --fault http-error=529,on=1..2 --fault cut-rst@mid,on=3
    inspector serve tool_session -- python my_app.py

    A request must come within 120 s, without a pause of 30 s. Its head may have 64 KiB, its body 32 MiB.

    With a COMMAND, runs it with ANTHROPIC_BASE_URL and a dummy ANTHROPIC_API_KEY, and ends with its exit
    status; the URL then goes to standard error.

    With --ui, GET /inspector/ is the page of `inspector report`, live: it shows the last 50 answers.

    GET /inspector/health says that it answers. It is no request: it uses nothing up, and is not counted.

    Exit status: 0 when stopped by Ctrl-C or SIGTERM; 3 if a recording cannot be read or the address is taken.
    With a COMMAND its own, if that is not 0; else 1 if the COMMAND sent no request, or one that no recording
    answers; with --strict also if a recording was not played. (With several --workers, the COMMAND's own.)
    """
    quiet = quiet or options["show"]
    with _opened(log, quiet=quiet, wrapped=bool(options["wrapped"]), why=options["match"]) as request_log:
        sys.exit(_serve([_path_of(path) for path in paths], request_log, ready_file, **options))


def _serve(
    paths: list[str],
    log: RequestLog | None,
    ready_file: str | None,
    *,
    wrapped: tuple[str, ...],
    fault: tuple[str, ...],
    seed: int,
    loop: bool,
    workers: int,
    verdict: bool,
    show: bool,
    ui: bool,
    **options: Any,
) -> int:
    from inspector.cli._command_session import CommandSession
    from inspector.cli._judging import say_verdict
    from inspector.play.faulted import with_faults
    from inspector.serve.server import Server

    _refuse(workers, options["match"] == "order", _IN_ORDER)
    played, for_every_request = with_faults(recording_paths(paths), fault, seed=seed)
    _refuse(workers, bool(fault) and not for_every_request, _FOR_SOME_REQUESTS)
    _refuse(workers, verdict, "--workers and --verdict exclude each other: workers share no log")
    _refuse(workers, show, "--workers and --show exclude each other: workers share no view")
    _refuse(workers, ui, "--workers and --ui exclude each other: workers share no page")
    loop = loop or for_every_request or workers > 1
    report = log.put if log else None
    session = CommandSession(report)
    report = session.put if wrapped else report
    view = _view(show=show, ui=ui, err=bool(wrapped)) if show or ui else None
    page = view.page if view else None
    server = Server(
        *played,
        keep=1000 if verdict else 0,
        loop=loop,
        tap=view.tap if view else None,
        report=report,
        control=page.answer if page else None,
        **options,
    )
    server.warm()
    gc.collect()
    gc.freeze()  # what is ready now stays: looking through it again and again would hold streams up
    if not wrapped:
        allow_connections()
    status = 0
    try:
        with (
            interrupted_by_signals(),
            view.showing() if view else contextlib.nullcontext(),
            _running(server, workers, log) as serving,
            ready(ready_file, server.url),
        ):
            warn_of_reach(options["host"], f"gets answers{SEES * ui}")
            echo(server.url, err=bool(wrapped))
            if page:
                say_page(server.url)
            if wrapped:
                status = run(wrapped, server.url, key=DUMMY_API_KEY)
                if verdict:
                    return say_verdict(server, status)
            else:
                serving.wait()
                say("the server has stopped by itself")
                status = 3
    except KeyboardInterrupt:  # how a server is stopped
        return say_verdict(server) if verdict else 0
    if wrapped and not status and workers == 1:
        unused = server.unused if options["strict"] else []
        problems = list(session.problems(Path(wrapped[0]).name, unused))
        for problem in problems:
            say(problem)
        status = int(bool(problems))
    return status


def _refuse(workers: int, counts_requests: bool, message: str) -> None:
    """Refuse what several workers cannot do, because they share no count of the requests."""
    if workers > 1 and counts_requests:
        raise click.UsageError(message)


def _view(*, show: bool, ui: bool, err: bool) -> AnswersView:
    from inspector.cli._answers_view import AnswersView

    return AnswersView(show=show, ui=ui, err=err)


@contextlib.contextmanager
def _running(server: Server, workers: int, log: RequestLog | None) -> Iterator[Server | Workers]:
    """Run the server on a thread of this process or as several processes, and the log beside it."""
    around = log or contextlib.nullcontext()
    if workers > 1:
        from inspector.serve.workers import Workers

        with Workers(server, workers, around) as processes:
            yield processes
    else:
        with around, server:
            yield server


def _path_of(path: str) -> str:
    """Return the path that is meant. Raises `RecordingError`, which lists the bundled names, without one."""
    path = path_or_bundled(path)
    if not means_files(path):
        names = ", ".join(bundled_names())
        raise RecordingError(
            f"there is no such file, and no bundled recording of this name: {names}", path=path
        )
    return path


@contextlib.contextmanager
def _opened(log: str | None, *, quiet: bool, wrapped: bool, why: str) -> Iterator[RequestLog | None]:
    """Return the log of requests: JSON lines, or lines for people on standard error, or none.

    `why` is how recordings are chosen.
    """
    from inspector.cli._request_log import LogFile, OutputText, RequestLog, as_json, as_text

    if log is None:
        yield None if quiet else RequestLog(sys.stderr, functools.partial(as_text, why=why))
        return
    as_line = functools.partial(as_json, why=why)
    if log == "-":  # where the URL goes, too: with a command, standard output is the command's
        yield RequestLog(OutputText(Output(live=True, err=wrapped)), as_line)
        return
    try:
        file = Path(log).open("ab", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=log) from error

    def fail(error: OSError) -> None:
        say(f"warning: the log {log} cannot be written: {error.strerror}")

    with file:
        yield RequestLog(LogFile(file), as_line, fail)
