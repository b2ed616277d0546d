"""Where a test's requests and its recordings do not match, in sentences for the test's report.

A player is what answered the test: a server or a transport, with its `requests` and its `unused` recordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspector.play.matching import differences
from inspector.play.received import ReceivedRequest
from inspector.recording import Head

__all__ = ["changed", "missed", "unplayed"]

_SHOWN = 5
"""How many differences of one request are named."""


def missed(players: Sequence[Any]) -> list[str]:
    """Describe the requests that no recording answered."""
    return [
        f"request {number}, {_name(each)}: {each.miss.removeprefix('inspector: ')}"
        for player in players
        for number, each in enumerate(player.requests, 1)
        if each.miss
    ]


def unplayed(players: Sequence[Any]) -> list[str]:
    """Describe the recordings that no player of this test played."""
    unused = [player.unused for player in players]
    names = [name for name in unused[0] if all(name in each for each in unused)] if unused else []
    return [
        f"not played: {name}. No request of this test was answered from it. Remove it from the marker, or "
        "find out why the request is missing"
        for name in names
    ]


def changed(players: Sequence[Any], heads: Mapping[str, Head]) -> list[str]:
    """Describe the requests that were answered although the recorded request was another one."""
    notes = []
    for player in players:
        for number, each in enumerate(player.requests, 1):
            head = heads.get(each.recording or "")
            if head is None or not head.request.body:
                continue
            different = "; ".join(list(differences(each, head.request))[:_SHOWN])
            if different:
                notes.append(
                    f"request {number} is not the one recorded in {each.recording}: {different}. "
                    'With match="body" this would fail the test'
                )
    return notes


def _name(request: ReceivedRequest) -> str:
    return f"{request.method} {request.path}"
