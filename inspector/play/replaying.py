"""Replay with faults: where the wing that thinks and the wing that does I/O are put together."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from inspector import faults
from inspector.play import transport as wire
from inspector.play.sources import sources
from inspector.recording import Recording, load

__all__ = ["replay", "with_faults"]


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

    `recordings` are paths (a folder means all recordings below it, by path; a session's play one after
    another) or `Recording`s. `speed` None plays at once, 1 at the recorded pace, 2 twice as fast. `match`
    "order" answers each request with the next recording, which must be of its endpoint; "body" with the
    first unused one whose request body says the same; "name" with the one that the header
    `x-inspector-recording` or the model names; "any" with the next, whatever is asked. `loop` begins again
    when all have been played. `sleep` and `clock` (seconds) are for sync clients on another clock; async
    ones are played to on their event loop's. A gap longer than the client's read timeout is a `ReadTimeout`.

    `fault` is one fault or several, as `inspector faults` lists them: "cut-fin@ev:7", or
    "http-error=529,on=1..2" for two failures and then the answer. A fault without `on` strikes every
    request, however often it is made: as with `loop`. A preset, such as "dirty-dozen", strikes with one of
    its faults after another. `seed` is for faults that choose.

    A request that no recording answers gets an error response that the SDK does not retry and whose
    message says what differed: never a hang, never the network. Raises `RecordingError` where a path is no
    recording, `UsageError` for options that mean nothing and for a fault that cannot strike.
    """
    options: dict[str, Any] = {"speed": speed, "match": match, "sleep": sleep, "clock": clock}
    played, lasting = with_faults(recordings, fault or (), seed=seed)
    return wire.replay(*played, loop=loop or lasting, **options)


def with_faults(
    recordings: Iterable[str | os.PathLike[str] | Recording], asked: str | Iterable[str], *, seed: int = 0
) -> tuple[Sequence[str | os.PathLike[str] | Recording], bool]:
    """Give what to play for recordings with faults in them, and whether every request is struck.

    Without a fault that is the recordings themselves, not read yet. Raises `UsageError` for a fault that is
    none or cannot strike, `RecordingError` for a path that is no recording.
    """
    texts = [asked] if isinstance(asked, str) else list(asked)
    if not texts:
        return list(recordings), False
    return faults.apply_plans((each.recording() for each in sources(recordings)), texts, seed=seed, load=load)
