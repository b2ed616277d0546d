"""Importing a cassette of 10 MB, compared with the library that wrote it, which only loads it.

`python -m tests.benchmarks.importing` prints its rows alone. The cassettes are written by vcrpy's own
serializers: of streams of 20 kB, and of answers of 500 bytes under 45 headers, which is the worst case.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vcr.persisters.filesystem import FilesystemPersister
from vcr.serializers import jsonserializer, yamlserializer

from inspector.formats import load_all
from tests.benchmarks import _streams
from tests.benchmarks._measure import Row, interleaved, ratio, table

__all__ = ["rows"]

_SIZE = 10_000_000


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure YAML and JSON, large bodies and small ones."""
    size = _SIZE // 10 if quick else _SIZE
    with tempfile.TemporaryDirectory() as folder:
        for what, body_size in (("streams of 20 kB", 20_000), ("small answers", 500)):
            for name, serializer in (("YAML", yamlserializer), ("JSON", jsonserializer)):
                path = Path(folder, f"x.{name}")
                path.write_text(serializer.serialize(_cassette(body_size, size)))
                goal = 1.0 if body_size > 1000 else None
                yield _row(f"{name}, {what}", path, serializer, goal, rounds=3 if quick else 5)


def _row(what: str, path: Path, serializer: Any, goal: float | None, rounds: int) -> Row:
    recordings = load_all(path)
    requests, _ = FilesystemPersister.load_cassette(path, serializer)
    assert len(recordings) == len(requests)
    ours, theirs = interleaved(
        rounds, (lambda: load_all(path), lambda: FilesystemPersister.load_cassette(path, serializer))
    )
    size = path.stat().st_size / 1e6
    return Row(
        f"importing {size:.1f} MB of {what}",
        ours.each(1),
        f"vcrpy's load, {theirs.each(1)}",
        ratio(ours, theirs),
        goal,
    )


def _cassette(body_size: int, size: int) -> dict[str, Any]:
    """Return a cassette of about `size` bytes, as vcrpy has it in memory."""
    exchanges, body = [], _streams.body(body_size).decode()
    if body_size < 1000:
        body = body[:body_size]
    headers = {f"x-stainless-header-{number}": ["a value of a header"] for number in range(20)}
    answered = {f"Anthropic-Ratelimit-Name-{number}": ["2026-10-01T00:00:00Z"] for number in range(25)}
    for number in range(size // (len(body) + 2500)):
        request = {
            "model": "claude-sonnet-5",
            "stream": True,
            "messages": [{"role": "user", "content": f"{number}"}],
        }
        exchanges.append(
            {
                "request": {
                    "method": "POST",
                    "uri": "https://api.anthropic.com/v1/messages",
                    "body": str(request).replace("'", '"').replace("True", "true"),
                    "headers": {**headers, "x-api-key": [f"sk-ant-api03-{number:060}"]},
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {**answered, "Content-Type": ["text/event-stream; charset=utf-8"]},
                    "body": {"string": body},
                },
            }
        )
    return {"interactions": exchanges, "version": 1}


if __name__ == "__main__":
    for line in table(rows(quick=False)):
        print(line, flush=True)
