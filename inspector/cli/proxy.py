"""`inspector proxy`: record any client, in any language, on its way to the API."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import click

from inspector.cli._address import address_options, allow_connections, ready, warn_of_reach
from inspector.cli._base_url import check_base_url, is_own_address
from inspector.cli._live_page import SEES, LivePage, say_page, ui_option
from inspector.cli._printing import echo, say
from inspector.cli._redacting import redact_options
from inspector.cli._signals import interrupted_by_signals
from inspector.cli._wrapping import NOT_STARTED, Wrapping, run
from inspector.errors import RecordingError
from inspector.manual import rule_page
from inspector.protocol import API_URL, base_url_in
from inspector.redact import Redaction, mask_url

if TYPE_CHECKING:  # imported when the command runs, so that `--help` does not pay for them
    from inspector.cli._traffic import Passed, Traffic
    from inspector.play.sources import Source
    from inspector.proxy.forwarder import Forwarder
    from inspector.record.files import FileTarget, FolderTarget
    from inspector.record.tap import Tap

__all__ = ["command"]

_PORT = 8485
_PATIENCE = 10.0  # seconds in which responses under way may end
_GRACE = 0.3  # seconds; what ends within them needs no message


@click.command("proxy", cls=Wrapping)
@click.option(
    "--upstream",
    metavar="URL",
    help="Where requests go. Default: ANTHROPIC_BASE_URL, or https://api.anthropic.com.",
)
@click.option(
    "-o",
    "--output",
    metavar="DIR|FILE",
    help="Record: in a folder, each exchange is a file; to a FILE.jsonl, exchanges are appended.",
)
@click.option("--show", is_flag=True, help="Print the events of all streams as they pass.")
@click.option(
    "--check",
    is_flag=True,
    help="Print what `inspector check` finds in each stream, and how often; exit with 1 for errors.",
)
@ui_option
@redact_options
@address_options(_PORT)
@click.option("-q", "--quiet", is_flag=True, help="No line for each exchange on standard error.")
def command(**options: Any) -> None:
    """Record any client, in any language, on its way to the API.

    Point a client's base URL here. Every request goes on to the API, and every byte of the answer comes back
    as it arrives. Nothing is held back or changed; a stream that breaks, breaks for the client too. The URL
    is the first line on standard output. Ctrl-C stops it: responses under way then have 10 s to end, and
    another Ctrl-C ends them at once.

    \b
    inspector proxy -o run/
    inspector proxy -o run/ -- claude -p "hello"
    inspector proxy --upstream http://127.0.0.1:4000 --check --show
    inspector proxy -o session.jsonl -- pytest tests/live

    With a COMMAND, runs it with ANTHROPIC_BASE_URL and its own key, and ends with its exit status; the URL
    and the events then go to standard error.

    Files are called after the number of the request, the model, and how the response turned out:
    0003-claude-sonnet-5-tool_use.jsonl, or -unfinished while it lasts. Health checks and telemetry are
    forwarded and not recorded.

    With --ui, GET /inspector/ is the page of `inspector report`, live: it shows the last 50 exchanges.

    GET /inspector/health says whether the proxy works, GET /inspector/metrics has counts for Prometheus.

    Exit status: the COMMAND's own, if it is not 0; 3 if the address is taken or a recording could not be
    written; 1 if --check has found errors; 0 else, also when stopped by Ctrl-C or SIGTERM.
    """
    sys.exit(_proxy(**options))


def _proxy(
    *,
    upstream: str | None,
    output: str | None,
    show: bool,
    check: bool,
    ui: bool,
    quiet: bool,
    ready_file: str | None,
    redaction: Redaction,
    wrapped: tuple[str, ...],
    **address: Any,
) -> int:
    from inspector.cli._traffic import Traffic
    from inspector.cli._traffic_view import TrafficView
    from inspector.record.holding import held
    from inspector.record.journal import Journal
    from inspector.record.naming import first_number
    from inspector.record.tap import Tap

    upstream = _upstream(upstream, address["host"], address["port"])
    target = _target(output)
    view = TrafficView(lines=not (quiet or show), events=show, err=bool(wrapped))
    page = LivePage() if ui else None

    def see(passed: Passed) -> None:
        view.see(passed)
        if page:
            page.see_passed(passed)

    traffic = Traffic(see, first=first_number(target.path) if target else 1, check=check)
    journal = Journal(target and held(target, redaction), traffic.observe, interval=0.01 if show else 0.04)
    tap = Tap(journal, redaction=redaction)
    view.reveal = tap.revealed
    if not wrapped:
        allow_connections()
    status = 0
    with (
        interrupted_by_signals(),
        view,
        page or nullcontext(),
        _running(upstream, tap, traffic, page, address) as forwarder,
    ):
        try:
            with ready(ready_file, forwarder.url):
                warn_of_reach(address["host"], f"can call the API through it{SEES * ui}")
                echo(forwarder.url, err=bool(wrapped))
                if page:
                    say_page(forwarder.url)
                shown = mask_url(upstream)
                say(
                    f"forwarding to {shown}, "
                    + (f"recording into {output}" if output else "recording nothing: there is no -o")
                )
                if wrapped:
                    status = run(wrapped, forwarder.url, key=None)
                else:
                    forwarder.wait()
                    say("the proxy has stopped by itself")
                    status = 3
        except KeyboardInterrupt:  # how it is stopped
            pass
    return _status(status, tap, traffic, view.failure, wrapped)


def _upstream(url: str | None, host: str, port: int) -> str:
    """Return where requests go. Refuse the proxy's own address, which would call itself."""
    check_base_url(url)
    if url is not None and ("?" in url or "#" in url):
        raise click.UsageError(
            "--upstream has a query or a fragment, which requests would lose: leave it out"
        )
    if url is None:
        url = base_url_in(os.environ) or API_URL
        check_base_url(url)
        if is_own_address(url, host, port):
            say(f"the environment's base URL is this proxy itself; requests go to {API_URL}")
            return API_URL
    elif is_own_address(url, host, port):
        raise click.UsageError("--upstream is this proxy's own address: name the API, or another --port")
    return url


def _target(output: str | None) -> FolderTarget | FileTarget | None:
    """Return where to record. Raises `RecordingError` if nothing can be written there."""
    from inspector.record.files import FolderTarget, target_for

    if output is None:
        return None
    if output == "-":
        raise click.UsageError(
            "-o needs a folder or a file: recordings of several exchanges would mix in a pipe"
        )
    target = target_for(output)
    folder = target.path if isinstance(target, FolderTarget) else target.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "Not a directory" if isinstance(error, FileExistsError) else error.strerror
        raise RecordingError(f"cannot be written: {reason}", path=output) from error
    if not os.access(target.path if target.path.exists() else folder, os.W_OK):
        raise RecordingError("cannot be written: Permission denied", path=output)
    return target


@contextmanager
def _running(
    upstream: str, tap: Tap, traffic: Traffic, page: LivePage | None, address: dict[str, Any]
) -> Iterator[Forwarder]:
    """Run the proxy, and in the end wait for the responses under way, as long as the user does."""
    from inspector.proxy.control import Control
    from inspector.proxy.forwarder import Choices, Forwarder

    def health() -> dict[str, Any]:
        state = {"exchanges": traffic.begun, "in_progress": traffic.in_progress}
        return {"upstream": mask_url(upstream), **state, "recording_failure": tap.failure}

    control = Control(health, lambda: traffic.metrics(recording=tap.failure is None))

    def answer(method: str, path: str) -> Source | None:
        return control(method, path) or (page.answer(method, path) if page else None)

    forwarder = Forwarder(upstream, tap, choices=Choices(answer=answer), report=say, **address).start()
    try:
        yield forwarder
    finally:
        waiting = Timer(_GRACE, _say_what_is_under_way, [traffic])
        waiting.start()
        try:
            forwarder.stop(_PATIENCE)
        except KeyboardInterrupt:
            forwarder.stop(0)
        finally:
            waiting.cancel()


def _say_what_is_under_way(traffic: Traffic) -> None:
    count = traffic.in_progress
    say(f"responses under way: {count}. They have {_PATIENCE:.0f} s to end; Ctrl-C ends them now")


def _status(status: int, tap: Tap, traffic: Traffic, failure: str | None, wrapped: tuple[str, ...]) -> int:
    """Say what came of it, and return the exit status."""
    if wrapped and not traffic.begun and status not in NOT_STARTED:
        say(f"{Path(wrapped[0]).name} sent no request here: does it read ANTHROPIC_BASE_URL?")
    if traffic.check:
        _echo_findings(traffic)
    errors = any(severity == "error" for _, severity in traffic.findings)
    return status or (3 if tap.failure or failure else int(errors))


def _echo_findings(traffic: Traffic) -> None:
    """Print how many exchanges were checked, and how often each rule was violated."""
    checked = f"{traffic.checked} exchange{'s' * (traffic.checked != 1)} checked"
    say(f"{checked}, {traffic.faulty or 'none'} with errors or warnings")
    ranks = {"error": 0, "warning": 1, "info": 2}
    for (rule, severity), count in sorted(
        traffic.findings.items(), key=lambda each: (ranks[each[0][1]], -each[1], each[0][0])
    ):
        if severity != "info":
            echo([(f"{count:>6}  {severity:<7}  ", {}), (rule, {"page": rule_page(rule)})], err=True)
