"""Replaying against the SDK's own cost on bytes in memory, and a long recording against a cassette of vcrpy.

Both sides go through the same SDK client; the other transport yields the same chunks from a list. The start
of a long recording is the wall time of making the transport (or opening the cassette), sending the request,
and getting the first event from the SDK. Each is measured in a fresh process that has imported everything and
replayed something short before; making the client is not measured. The file is in the page cache.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import vcr
import vcr.serialize
from vcr.request import Request
from vcr.serializers import yamlserializer

import inspector
from inspector.http_library import sdk_library
from inspector.recording import Recorder
from tests.benchmarks import _streams
from tests.benchmarks._measure import Result, Row, interleaved, ratio

__all__ = ["rows"]

_HEADERS = {"content-type": "text/event-stream; charset=utf-8"}
_URL = "https://api.anthropic.com/v1/messages"


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure a replay per event, from memory and from a file, and how soon a long one starts."""
    rounds, events = (7, 3_000) if quick else (15, 10_000)
    for what, a_chunk in (("one event a chunk", 1), ("8 events a chunk", 8)):
        yield from _per_event(what, _streams.grouped(_streams.events(events), a_chunk), events, rounds)
    yield from _first_event(10_000_000, rounds=3 if quick else 7)


def recording_of(chunks: list[bytes]) -> inspector.Recording:
    """Make a recording whose chunks are these, a millisecond apart."""
    reads = ((at / 1000, chunk) for at, chunk in enumerate(chunks, 1))
    head = inspector.Head("", inspector.Request(url=_URL), inspector.Response(0.001, headers=_HEADERS))
    end = inspector.End((len(chunks) + 1) / 1000, inspector.Ending.COMPLETE)
    return inspector.Recording(head, tuple(Recorder().feed(reads)), end)


def _per_event(what: str, chunks: list[bytes], events: int, rounds: int) -> Iterator[Row]:
    recording = recording_of(chunks)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stream.jsonl")
        inspector.save(recording, path)
        alone, from_memory, from_file = interleaved(
            rounds,
            (
                lambda: _consume(_in_memory(chunks)),
                lambda: _consume(inspector.replay(recording)),
                lambda: _consume(inspector.replay(path)),
            ),
        )
    versus = f"the SDK on the same bytes, {alone.each(events)} an event"
    yield Row(f"replaying, {what}", from_memory.each(events), versus, ratio(from_memory, alone), 1.05)
    yield Row(
        f"replaying, {what}, with reading the file", from_file.each(events), versus, ratio(from_file, alone)
    )


def _first_event(size: int, rounds: int) -> Iterator[Row]:
    blocks = _streams.events(size // 143)
    with tempfile.TemporaryDirectory() as folder:
        files = {kind: Path(folder, kind) for kind in ("replay.jsonl", "vcrpy.yaml", "nothing")}
        inspector.save(recording_of(blocks), files["replay.jsonl"])
        _save_cassette(files["vcrpy.yaml"], b"".join(blocks))
        taken: dict[str, list[float]] = {kind: [] for kind in files}
        for _ in range(rounds):
            for kind, path in files.items():
                command = [sys.executable, "-W", "ignore", "-m", __name__, str(path)]
                taken[kind].append(float(subprocess.run(command, check=True, capture_output=True).stdout))
    ours, theirs, floor = (Result(tuple(seconds)) for seconds in taken.values())
    what = f"replaying {size / 1e6:.0f} MB: to the first event"
    yield Row(what, ours.each(1), f"vcrpy, {theirs.each(1)}", ratio(theirs, ours), 50, True)
    yield Row(f"{what}, the SDK's own part", floor.each(1), f"vcrpy, {theirs.each(1)}", ratio(theirs, floor))


def _save_cassette(path: Path, body: bytes) -> None:
    body_of_request = json.dumps(_CALL | {"stream": True})
    response = {
        "status": {"code": 200, "message": "OK"},
        "headers": {name: [text] for name, text in _HEADERS.items()},
        "body": {"string": body},
    }
    cassette = {"requests": [Request("POST", _URL, body_of_request, {})], "responses": [response]}
    path.write_text(vcr.serialize.serialize(cassette, yamlserializer))


_CALL: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 1024,
    "messages": [{"role": "user", "content": "Hello"}],
}


def _in_memory(chunks: list[bytes]) -> Any:
    """A transport that answers with these chunks."""
    library = sdk_library()

    class InMemory(library.BaseTransport):
        def handle_request(self, request: Any) -> Any:
            return library.Response(200, headers=_HEADERS, content=iter(chunks), request=request)

    return InMemory()


def _client(**http: Any) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key="none", http_client=anthropic.DefaultHttpxClient(**http))


def _consume(transport: Any) -> None:
    for _ in _client(transport=transport).messages.create(**_CALL, stream=True):
        pass


def _first(path: Path) -> float:
    """Return the seconds to open a recording or cassette, send the request, and get the first event."""
    if path.suffix == ".jsonl":
        start = time.perf_counter()
        transport = inspector.replay(path)
        opened = time.perf_counter() - start
    else:
        transport, opened = _in_memory(_streams.events(10)), 0.0
    played = path.suffix == ".yaml"
    client = _client() if played else _client(transport=transport)
    cassette = vcr.use_cassette(str(path), record_mode="none") if played else contextlib.nullcontext()
    start = time.perf_counter()
    with cassette, client.messages.create(**_CALL, stream=True) as stream:
        next(iter(stream))
        return opened + time.perf_counter() - start


if __name__ == "__main__":
    _consume(inspector.replay(recording_of(_streams.events(10))))
    print(_first(Path(sys.argv[1])))
