"""Faults of content blocks: wrong indexes, deltas of the wrong block, blocks that overlap."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.faults.contents import NotApplicableError, content_blocks, describe_blocks
from inspector.faults.edits import Payload, response_of, rewritten, with_payloads
from inspector.faults.parameters import choice, count
from inspector.faults.registry import fault
from inspector.recording import Event, Recording

__all__ = ["overlap", "reindex", "retarget"]


@fault(
    "reindex",
    choice(
        "mode",
        "how they are wrong",
        {
            "+1": "all are one higher",
            "gap": "all but the first are one higher",
            "dup": "all are that of the first",
        },
    ),
    incident="https://github.com/ollama/ollama/issues/14816",
    client="check the indexes",
)
def reindex(recording: Recording, mode: str) -> Recording:
    """The indexes of the content blocks are wrong."""
    blocks = content_blocks(recording)
    least = 1 if mode == "+1" else 2
    if len(blocks) < least:
        needed = "a content block" if least == 1 else "two content blocks"
        raise NotApplicableError(f"that needs {needed}; {describe_blocks(blocks)}")
    first = min(blocks)

    def reindexed(payload: Payload) -> Payload:
        index = payload["index"]
        payload["index"] = first if mode == "dup" else index + (mode == "+1" or index > first)
        return payload

    return with_payloads(recording, [event for events in blocks.values() for event in events], reindexed)


@fault(
    "retarget",
    count("to", "the index of the other content block; default: the first other one", None),
    events="type:content_block_delta#-1",
    incident="https://github.com/sgl-project/sglang/issues/24293",
    client="check that a delta fits its block",
)
def retarget(recording: Recording, events: Sequence[Event], to: int | None) -> Recording:
    """A delta goes to another content block."""
    blocks = content_blocks(recording)

    def retargeted(payload: Payload) -> Payload:
        index = payload.get("index")
        others = [each for each in blocks if each != index]
        if not isinstance(index, int) or index == to or not (others or to is not None):
            raise NotApplicableError(
                f"the event has no other content block to go to; {describe_blocks(blocks)}"
            )
        payload["index"] = others[0] if to is None else to
        return payload

    return with_payloads(recording, events, retargeted)


@fault(
    "overlap",
    incident="https://github.com/router-for-me/CLIProxyAPI/issues/5581",
    client="keep content blocks apart by their index",
)
def overlap(recording: Recording) -> Recording:
    """Every content block starts before the one before it has stopped."""
    response_of(recording)
    changes: list[tuple[Event, bytes]] = []
    stop: Event | None = None
    for event in recording.events():
        if event.type == "content_block_stop":
            stop = event
        elif event.type == "content_block_start" and stop is not None:
            changes += [(stop, event.block.raw_bytes), (event, stop.block.raw_bytes)]
            stop = None
    if not changes:
        raise NotApplicableError(
            f"that needs two content blocks; {describe_blocks(content_blocks(recording))}"
        )
    return rewritten(recording, changes)
