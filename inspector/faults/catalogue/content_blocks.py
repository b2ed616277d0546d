"""Faults of content blocks: wrong indexes, deltas that go to the wrong block, blocks that overlap."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.faults.edits import answered, rewritten
from inspector.faults.parameters import choice, count
from inspector.faults.payload_edits import Payload, changed
from inspector.faults.positions import Unfit, content_blocks, described
from inspector.faults.registry import fault
from inspector.recording import Event, Recording

__all__ = ["overlap", "reindex", "retarget"]


@fault(
    "reindex",
    choice("mode", "all one higher; a gap after the first; all the same", "+1", "gap", "dup"),
    incident="https://github.com/ollama/ollama/issues/14816",
    sdk=(
        "+1, gap: IndexError; dup: raises nothing, what is meant for a later block goes to the first, a "
        "tool's input is {}"
    ),
    client="check the indexes",
)
def reindex(recording: Recording, mode: str) -> Recording:
    """The content blocks' indexes are wrong."""
    blocks = content_blocks(recording)
    least = 1 if mode == "+1" else 2
    if len(blocks) < least:
        raise Unfit(
            f"that needs {'a content block' if least == 1 else 'two content blocks'}; {described(blocks)}"
        )
    first = min(blocks)

    def wrong(value: Payload) -> Payload:
        index = value["index"]
        value["index"] = first if mode == "dup" else index + (mode == "+1" or index > first)
        return value

    return changed(recording, [event for events in blocks.values() for event in events], wrong)


@fault(
    "retarget",
    count("to", "the index of the content block it goes to; the first other one unless said", None),
    events="type:content_block_delta#-1",
    incident="https://github.com/sgl-project/sglang/issues/24293",
    sdk=(
        "raises nothing: a delta that does not fit its block's type is dropped; to a block not yet begun: "
        "IndexError; a tool whose rest is no JSON: ValueError"
    ),
    client="check that a delta fits its block",
)
def retarget(recording: Recording, events: Sequence[Event], to: int | None) -> Recording:
    """A delta goes to another content block."""
    blocks = content_blocks(recording)

    def sent(value: Payload) -> Payload:
        index = value.get("index")
        others = [each for each in blocks if each != index]
        if not isinstance(index, int) or index == to or not (others or to is not None):
            raise Unfit(f"the event cannot go to another content block; {described(blocks)}")
        value["index"] = others[0] if to is None else to
        return value

    return changed(recording, events, sent)


@fault(
    "overlap",
    incident="https://github.com/router-for-me/CLIProxyAPI/issues/5581",
    sdk="nothing",
    client="keep content blocks apart by their index",
)
def overlap(recording: Recording) -> Recording:
    """Every content block begins before the one before it has stopped."""
    answered(recording)
    changes: list[tuple[Event, bytes]] = []
    stop: Event | None = None
    for event in recording.events():
        if event.type == "content_block_stop":
            stop = event
        elif event.type == "content_block_start" and stop is not None:
            changes += [(stop, event.block.raw_bytes), (event, stop.block.raw_bytes)]
            stop = None
    if not changes:
        raise Unfit(f"that needs two content blocks; {described(content_blocks(recording))}")
    return rewritten(recording, changes)
