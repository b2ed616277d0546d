"""Framing a body, compared with the SDK's decoder, httpx-sse, and parsing the payloads alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import httpx_sse
import orjson
from anthropic._streaming import SSEDecoder

from inspector import _json, sse
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]

_READ = 64 * 1024


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure framing without and with JSON, byte by byte, and of one long event."""
    yield from _large_body(1 << (20 if quick else 22), rounds=7 if quick else 15)
    yield from _byte_by_byte(20_000 if quick else 100_000, rounds=5 if quick else 9)
    yield from _long_event(2_000_000, rounds=3 if quick else 5)


def _large_body(size: int, rounds: int) -> Iterator[Row]:
    body = _streams.body(size)
    reads = _cut(body, _READ)
    events = body.count(b"\n\n")
    payloads = [event.data for event in SSEDecoder().iter_bytes(iter(reads))]
    texts = [text.encode() for text in payloads]
    ours, ours_orjson, ours_json, theirs, theirs_json, loads, httpx_ = interleaved(
        rounds,
        (
            lambda: _ours(reads),
            lambda: _ours(reads, orjson.loads),
            lambda: _ours(reads, _json.loads),
            lambda: _sdk(reads),
            lambda: _sdk(reads, json.loads),
            lambda: _each(texts, orjson.loads),
            lambda: _httpx_sse(reads),
        ),
    )
    what = f"framing {len(body) / 1e6:.1f} MB in 64 KiB reads"
    yield Row(
        what, ours.each(events), f"the SDK's decoder, {theirs.each(events)}", ratio(theirs, ours), 7, True
    )
    yield Row(what, ours.each(events), f"httpx-sse, {httpx_.each(events)}", ratio(httpx_, ours))
    for name, result in (("orjson", ours_orjson), ("inspector._json", ours_json)):
        baseline = f"the SDK's decoder + json, {theirs_json.each(events)}"
        yield Row(f"framing + {name}", result.each(events), baseline, ratio(theirs_json, result), 4.5, True)
    for name, result, goal in (("orjson", ours_orjson, 1.8), ("inspector._json", ours_json, None)):
        baseline = f"orjson on the payloads alone, {loads.each(events)}"
        yield Row(f"framing + {name}", result.each(events), baseline, ratio(result, loads), goal)


def _byte_by_byte(size: int, rounds: int) -> Iterator[Row]:
    reads = _cut(_streams.body(2 * size), 1)
    half = reads[: len(reads) // 2]
    once, twice, theirs = interleaved(rounds, (lambda: _ours(half), lambda: _ours(reads), lambda: _sdk(half)))
    what = f"framing {len(reads):,} reads of one byte (a byte)"
    yield Row(what, twice.each(len(reads)), f"half as many, {once.each(len(half))}", ratio(twice, once), 2.2)
    yield Row(what, once.each(len(half)), f"the SDK's decoder, {theirs.each(len(half))}", ratio(theirs, once))


def _long_event(size: int, rounds: int) -> Iterator[Row]:
    delta = {"type": "compaction_delta", "content": "x" * size}
    payload = {"type": "content_block_delta", "index": 0, "delta": delta}
    reads = _cut(_streams.block("content_block_delta", payload), 1024)
    ours, theirs = interleaved(rounds, (lambda: _ours(reads), lambda: _sdk(reads)))
    baseline = f"the SDK's decoder, {theirs.each(1)}"
    yield Row(
        "framing one event of 2 MB in 1 KiB reads", ours.each(1), baseline, ratio(theirs, ours), 20, True
    )


def _cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


def _ours(reads: list[bytes], loads: Callable[[bytes], object] | None = None) -> None:
    feed = sse.Decoder().feed
    for read in reads:
        if loads:
            for block in feed(read):
                loads(block.data)
        else:
            for _ in feed(read):
                pass


def _sdk(reads: list[bytes], loads: Callable[[str], object] | None = None) -> None:
    events = SSEDecoder().iter_bytes(iter(reads))
    if loads:
        for event in events:
            loads(event.data)
    else:
        for _ in events:
            pass


def _httpx_sse(reads: list[bytes]) -> None:
    headers = {"content-type": "text/event-stream"}
    for _ in httpx_sse.EventSource(httpx.Response(200, headers=headers, content=iter(reads))).iter_sse():
        pass


def _each(texts: list[bytes], loads: Callable[[bytes], object]) -> None:
    for text in texts:
        loads(text)
