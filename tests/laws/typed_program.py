"""A program that uses the package as its users do. `test_typing.py` checks its types, and nothing runs it."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import anthropic
import httpx

import inspector
from inspector.serve.server import Server


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
    transport = inspector.replay(path, "recordings/pings.jsonl", speed=2.0, match="body")
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
    return [f"{finding.rule}: {finding.message}" for finding in inspector.check(inspector.load(path))]


def copy(source: Path, target: Path) -> None:
    inspector.save(inspector.load_all(source), target, overwrite=True)


def serve(path: Path) -> str:
    with Server(path, speed=1.0) as server:
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
