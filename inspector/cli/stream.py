"""`inspector stream`: call the API and show every event as it arrives."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inspector import _json
from inspector.cli._base_url import check_base_url
from inspector.cli._observing import live_outcome
from inspector.cli._output import recording_to
from inspector.cli._printers import View, format_options, printer
from inspector.cli._printing import echo, say
from inspector.cli._redacting import redact_options
from inspector.cli._request_headers import header_option, parsed_headers
from inspector.cli._screen import Screen
from inspector.cli._signals import ending_on_signals
from inspector.cli._terminal import use_color
from inspector.protocol import DEFAULT_MODEL
from inspector.recording import Recording, means_files
from inspector.recording.bundled import bundled_recording
from inspector.redact import Redaction

if TYPE_CHECKING:  # imported when the command runs, so that `--help` does not pay for them
    from inspector.record.sdk import Call
    from inspector.record.tap import Tap

__all__ = ["command"]

_LONGEST_TIMEOUT = 1e6  # seconds
_OFFLINE_PROMPT = "Say hello."


def _limited(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """Refuse a time that no clock can count, and NaN, which no range excludes."""
    if value is not None and not 0 < value <= _LONGEST_TIMEOUT:
        raise click.BadParameter(f"{value:g} is not in the range 0<x<={_LONGEST_TIMEOUT:g}.")
    return value


@click.command("stream")
@click.argument("prompt", required=False)
@click.option("--model", default=DEFAULT_MODEL, show_default=True, help="The model to call.")
@click.option(
    "--max-tokens", type=click.IntRange(min=1), default=1024, show_default=True, help="The longest answer."
)
@click.option(
    "--request", "request_file", metavar="FILE", help="A whole request body as JSON; `-` for stdin."
)
@click.option(
    "--offline",
    metavar="[NAME]",
    is_flag=False,
    flag_value="hello",
    help="Answer from a bundled recording (or a recording's path), without a key or a network.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="The pace of --offline: 2 is twice as fast as recorded.",
)
@click.option("-o", "--output", metavar="FILE", help="Record into FILE at the same time.")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.option("--append", is_flag=True, help="Append to FILE if it exists.")
@redact_options
@format_options
@click.option("--base-url", metavar="URL", help="Where to call; default: ANTHROPIC_BASE_URL, or the API.")
@header_option
@click.option("--beta", "betas", multiple=True, metavar="NAME", help="A beta to use. Repeatable.")
@click.option(
    "--timeout",
    type=float,
    callback=_limited,
    metavar="SECONDS",
    help="How long to wait for the next bytes; default: the SDK's own timeout.",
)
@click.option(
    "--max-retries",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="How often the SDK tries again; every attempt is shown and recorded.",
)
@click.option(
    "--check", is_flag=True, help="End with what `inspector check` finds; exit with 1 if it finds errors."
)
def command(**options: Any) -> None:
    """Call the API through the SDK and show every event as it arrives.

    PROMPT is the question; `-` or a pipe reads it from standard input.

    \b
    inspector stream --offline
    inspector stream --offline tool_use -o tool.jsonl
    inspector stream "Why is the sky blue?" -o sky.jsonl
    inspector stream --request body.json --format jsonl

    Exit status: 0 for a complete stream; 1 for findings of --check; 3 if the recording or the output cannot
    be written; 4 if the API or the network failed, or the stream broke; 130 if interrupted, 143 by SIGTERM,
    129 by SIGHUP (what had arrived is kept).
    """
    with ending_on_signals():
        sys.exit(_stream(**options))


def _stream(
    *,
    output: str | None,
    overwrite: bool,
    append: bool,
    format_: str,
    raw_terminal: bool,
    view: View,
    check: bool,
    redaction: Redaction,
    **options: Any,
) -> int:
    from inspector.record.holding import held
    from inspector.record.journal import Journal
    from inspector.record.tap import Tap

    if append and overwrite:
        raise click.UsageError("give --append or --overwrite, not both")
    if output is None and (append or overwrite):
        raise click.UsageError("--append and --overwrite are for a file: give it with -o FILE")
    request = _call(**options)
    with recording_to(output, overwrite=overwrite, append=append) as target:
        color = use_color()
        out = printer(format_, live=True, color=color, raw_terminal=raw_terminal, view=view, redraw=True)
        screen = Screen(out, stop=output is None, keep=check)
        kept = target is not None or format_ == "jsonl"  # what only passes by may show ids as they are
        journal = Journal(target and held(target, redaction), screen.for_request, interval=0.005)
        tap = Tap(journal, drain=True, redaction=redaction if kept else Redaction("no-ids"))
        out.out.reveal = tap.revealed
        status = _run(request, tap, screen)
    if screen.recording and status < 128 and _has_findings(screen.recording, err=format_ != "pretty"):
        return 1
    if status == 0 and (tap.failure or screen.failure):
        return 3
    return 4 if status == 0 and screen.problems else status


def _run(request: Call, tap: Tap, screen: Screen) -> int:
    """Make the call while the screen prints it; return the exit status, as far as the call decides it."""
    from inspector.record.sdk import CallFailedError, call

    try:
        result = call(request, tap)
        screen.printer.sdk = live_outcome(result)
        return 4 if result.error else 0
    except CallFailedError as error:
        with contextlib.suppress(KeyboardInterrupt):
            screen.close()
        say(str(error))
        return 4
    except KeyboardInterrupt as end:
        return 0 if screen.reader_left else getattr(end, "status", 130)
    finally:
        tap.flush()
        with contextlib.suppress(KeyboardInterrupt):
            screen.close()


def _call(
    *,
    offline: str | None,
    speed: float,
    headers: tuple[str, ...],
    betas: tuple[str, ...],
    base_url: str | None,
    timeout: float | None,
    max_retries: int,
    **options: Any,
) -> Call:
    from inspector.record.sdk import Call

    body = _body(offline=offline, **options)
    transport = None
    if offline is None:
        check_base_url(base_url or os.environ.get("ANTHROPIC_BASE_URL"))
    if offline is not None:
        from inspector.play.transport import replay

        path = offline if means_files(offline) else bundled_recording(offline)
        transport = replay(path, speed=speed)
    return Call(
        body=body,
        headers=parsed_headers(headers) | _beta_header(betas),
        base_url=base_url,
        api_key="offline" if offline is not None else None,
        timeout=timeout,
        max_retries=max_retries,
        transport=transport,
    )


def _has_findings(recording: Recording, *, err: bool) -> bool:
    from inspector.cli._check_text import print_findings

    if not err:
        echo()
    return bool(print_findings(recording, err=err))


def _body(
    *,
    prompt: str | None,
    request_file: str | None,
    model: str,
    max_tokens: int,
    offline: str | None,
) -> dict[str, Any]:
    if request_file is not None:
        if prompt is not None:
            raise click.UsageError("give a PROMPT or --request, not both")
        return {"model": model, "max_tokens": max_tokens, **_request(request_file)}
    if prompt == "-" or (prompt is None and offline is None and not sys.stdin.isatty()):
        prompt = sys.stdin.read().strip()
    if not prompt:
        if offline is None:
            raise click.UsageError("nothing to send: give a PROMPT, --request FILE, or --offline")
        prompt = _OFFLINE_PROMPT
    return {"model": model, "max_tokens": max_tokens, "messages": [{"role": "user", "content": prompt}]}


def _request(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        body = _json.loads(text)
    except OSError as error:
        raise RequestError(f"--request {name}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise RequestError(f"--request {name}: not JSON: {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        raise RequestError(f"--request {name}: a request body is an object with a list of `messages`")
    return body


class RequestError(click.ClickException):
    """The file of `--request` holds no request body."""

    exit_code = 4


def _beta_header(betas: tuple[str, ...]) -> dict[str, str]:
    return {"anthropic-beta": ",".join(betas)} if betas else {}
