"""Replay with faults: where the wing that thinks and the wing that does I/O are put together."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from inspector.readings import faults
from inspector.recording import End, Recording, TimedBlock, load
from inspector.wire import replay as wire
from inspector.wire._sources import Source, sources

__all__ = ["replay", "struck"]


def replay(
    *recordings: str | os.PathLike[str] | Recording,
    fault: str | Iterable[str] | None = None,
    seed: int = 0,
    speed: float | None = None,
    match: str = "order",
    loop: bool = False,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Any:
    """Return a transport that answers from recordings, for sync and async clients alike.

        http = anthropic.DefaultHttpxClient(transport=inspector.replay("recordings/hello.jsonl"))
        client = anthropic.Anthropic(api_key="none", http_client=http)

    `recordings` are paths (a folder means its `*.jsonl`, by name; a session's recordings play one after
    another) or `Recording`s. `speed` None plays at once, 1 at the recorded pace, 2 twice as fast. `match`
    "order" answers each request with the next recording, which must be of its endpoint; "body" with the
    first unused one whose request body says the same; "name" with the one that the header
    `x-inspector-recording` or the model names; "any" with the next, whatever is asked. `loop` begins again
    when all have been played. `sleep` and `clock` (seconds) are for sync clients on another clock; async
    ones are played to on their event loop's. A gap longer than the client's read timeout is a `ReadTimeout`.

    `fault` is one fault or several, as `inspector faults` lists them: "cut-fin@ev:7", or
    "http-error=529,on=1..2" for two failures and then the answer. A fault without `on` strikes every
    request, retries too: the recordings then begin again when they have been played. `seed` is for faults
    that choose.

    A request that no recording answers gets an error response that the SDK does not retry and whose
    message says what differed: never a hang, never the network. Raises `RecordingError` where a path is no
    recording, `UsageError` for options that mean nothing and for a fault that cannot strike.
    """
    options: dict[str, Any] = {"speed": speed, "match": match, "sleep": sleep, "clock": clock}
    if fault is None:
        return wire.replay(*recordings, loop=loop, **options)
    found, lasting = struck(map(_whole, sources(recordings)), fault, seed=seed)
    return wire.replay(*found, loop=loop or lasting, **options)


def struck(
    recordings: Iterable[Recording], fault: str | Iterable[str], *, seed: int = 0
) -> tuple[list[Recording], bool]:
    """Return what answers one request after another under a fault, and whether the fault never ends."""
    asked = [faults.parse(text) for text in ([fault] if isinstance(fault, str) else fault)]
    return faults.edited(recordings, asked, seed=seed, load=load), any(each.on[1] is None for each in asked)


def _whole(source: Source) -> Recording:
    items = list(source.play())
    blocks = tuple(item for item in items if isinstance(item, TimedBlock))
    end = next((item for item in items if isinstance(item, End)), None)
    return Recording(source.head, blocks, end, source=source.name)
