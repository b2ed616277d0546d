"""A program that uses the package as its users do. `test_typing.py` checks its types, and nothing runs it."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import anthropic
import httpx

import inspector


def record(folder: Path) -> anthropic.Anthropic:
    hooks = inspector.tap(folder)
    assert_type(hooks, inspector.Tap)
    assert_type(hooks.failure, str | None)
    hooks.flush()
    return anthropic.Anthropic(http_client=anthropic.DefaultHttpxClient(event_hooks=hooks))


def record_async(folder: Path) -> anthropic.AsyncAnthropic:
    http = anthropic.DefaultAsyncHttpxClient(event_hooks=inspector.tap(folder))
    return anthropic.AsyncAnthropic(http_client=http)


def record_with_a_plain_client(path: str) -> tuple[httpx.Client, httpx.AsyncClient]:
    return httpx.Client(event_hooks=inspector.tap(path)), httpx.AsyncClient(event_hooks=inspector.tap(path))


def replay(path: Path) -> anthropic.Anthropic:
    files = (path, "recordings/pings.jsonl")
    transport = inspector.replay(*files, speed=2.0, max_gap=1, match="body", strict=True)
    assert_type(transport, inspector.ReplayTransport)
    assert_type(transport.misses, list[inspector.ReceivedRequest])
    http = anthropic.DefaultHttpxClient(transport=transport)
    return anthropic.Anthropic(api_key="none", http_client=http)


def replay_async(recording: inspector.Recording) -> anthropic.AsyncAnthropic:
    http = anthropic.DefaultAsyncHttpxClient(transport=inspector.replay(recording))
    return anthropic.AsyncAnthropic(api_key="none", http_client=http)


def read(path: Path) -> list[str]:
    recording = inspector.load(path)
    assert_type(recording.request, inspector.Request)
    assert_type(recording.response, inspector.Response | None)
    if recording.end is not None and recording.end.how is not inspector.Ending.COMPLETE:
        return [f"{recording.end.how} at {recording.end.t:.3f} s"]
    return [event.name or "unnamed" for event in recording.events()]


def check(path: Path) -> list[str]:
    findings = inspector.check(
        inspector.load(path), profile=inspector.Profile.COMPAT, limits=inspector.Limits(gap_idle=30)
    )
    assert_type(findings, list[inspector.Finding])
    errors = [finding for finding in findings if finding.severity is inspector.Severity.ERROR]
    return [f"{finding.rule}: {finding.message}" for finding in errors]


def copy(source: Path, target: Path) -> None:
    inspector.save(inspector.load_all(source), target, overwrite=True)


def serve(path: Path) -> str:
    def report(request: inspector.ReceivedRequest, delivery: inspector.Delivery) -> None:
        print(request.path, delivery.sent, delivery.end)

    limits = inspector.ServerLimits(idle=10)
    with inspector.Server(path, speed=1.0, report=report, limits=limits) as server:
        client = anthropic.Anthropic(base_url=server.url, api_key="none")
        message = client.messages.create(
            model="claude-haiku-4-5", max_tokens=10, messages=[{"role": "user", "content": "Hi"}]
        )
        return f"{message.id}: {len(server.requests)}"


def handle_errors(path: Path) -> str | None:
    try:
        inspector.load(path)
    except inspector.FormatError as error:
        return f"{error.path}:{error.line}"
    except inspector.RecordingError as error:
        return error.path
    return None
