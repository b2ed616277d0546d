"""Binary frames, compared with botocore's decoder; and a trace of ten thousand slices."""

from __future__ import annotations

import base64
import json
import struct
from binascii import crc32
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from inspector import sse
from inspector.aws_frames import FrameDecoder
from inspector.formats.exporting import export
from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio

__all__ = ["rows"]

_HEADERS = b"".join(
    bytes([len(name)]) + name + b"\x07" + struct.pack("!H", len(value)) + value
    for name, value in (
        (b":event-type", b"chunk"),
        (b":content-type", b"application/json"),
        (b":message-type", b"event"),
    )
)


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure the decoding of frames, as they come and all at once, and the export of a trace."""
    body = _streams.body(1 << (17 if quick else 19))
    frames = [_frame(block.data or b"") for block in sse.Decoder().feed(body)]
    yield from _decoding(frames, rounds=5 if quick else 11)
    yield _trace(rounds=5 if quick else 11)


def _decoding(frames: list[bytes], rounds: int) -> Iterator[Row]:
    try:
        from botocore.eventstream import EventStreamBuffer
    except ImportError:
        return

    def ours(reads: list[bytes]) -> None:
        decoder = FrameDecoder()
        for read in reads:
            decoder.feed(read)

    def theirs(reads: list[bytes]) -> None:
        buffer = EventStreamBuffer()
        for read in reads:
            buffer.add_data(read)
            for _ in buffer:
                pass

    whole = b"".join(frames)
    blocks = [whole[at : at + 4096] for at in range(0, len(whole), 4096)]
    for what, reads in (("a frame a read", frames), ("4 KiB reads", blocks)):
        mine, botocore = interleaved(rounds, (partial(ours, reads), partial(theirs, reads)))
        count = len(frames)
        versus = f"botocore, {botocore.each(count)}"
        yield Row(f"AWS frames, {what}", mine.each(count), versus, ratio(botocore, mine), 5, True)


def _trace(rounds: int) -> Row:
    recording = _recording(10_000)
    (made,) = interleaved(rounds, (lambda: export([recording], "trace"),))
    milliseconds = sorted(made.seconds)[len(made.seconds) // 2] * 1000
    return Row("a trace of 10,000 slices", made.each(1), "a goal of 50 ms", milliseconds / 50, 1)


def _recording(deltas: int) -> Recording:
    recorder = Recorder()
    start = b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'
    delta = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello "}}'
    stop = b'{"type":"content_block_stop","index":0}'
    payloads = [start, *[delta] * deltas, stop]
    reads = [
        (at / 100, b"event: %b\ndata: %b\n\n" % (json.loads(data)["type"].encode(), data))
        for at, data in enumerate(payloads)
    ]
    head = Head("2026-11-20T18:00:00Z", Request(), Response(0.1))
    whole = Recording(head, tuple(recorder.feed(reads)))
    return replace(whole, end=End(deltas / 100 + 1, Ending.COMPLETE))


def _frame(event: bytes) -> bytes:
    payload = json.dumps({"bytes": base64.b64encode(event).decode(), "p": "abcdefgh"}).encode()
    lengths = struct.pack("!II", 16 + len(_HEADERS) + len(payload), len(_HEADERS))
    start = lengths + struct.pack("!I", crc32(lengths)) + _HEADERS + payload
    return start + struct.pack("!I", crc32(start))
