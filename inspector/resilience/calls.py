"""Calls: the requests of one log, put together by what they are for.

A request is another attempt of a call if it has the same messages as an earlier one, which had failed before
it came. Equal requests at the same time are calls of their own. A turn follows a call if its messages are
those of the call and more.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from inspector._json import as_object, dumps
from inspector.protocol import TOOL_BLOCKS
from inspector.resilience.attempts import Attempt

__all__ = ["Call", "Turn", "calls"]


@dataclass(frozen=True, slots=True)
class Turn:
    """The next request of a conversation, as it repeats the answer before it.

    `text` is the assistant's text, `tools` its tool calls by id: name and input. `results` has the ids of the
    tool results, and whether each says `is_error`. `continues` says that the answer stands last, so that the
    model goes on with it.
    """

    number: int
    text: str
    tools: Mapping[str, tuple[str, Any]]
    results: Mapping[str, bool]
    continues: bool


@dataclass(slots=True)
class Call:
    """One call of a program: its attempts, and the turn that follows it. `is_last` if no call came later."""

    attempts: list[Attempt] = field(default_factory=list)
    turn: Turn | None = None
    is_last: bool = False

    @property
    def last(self) -> Attempt:
        """The last attempt."""
        return self.attempts[-1]

    def retries(self) -> Iterable[tuple[Attempt, Attempt, float]]:
        """Yield each retry: the attempt before, the one after, and the seconds between them."""
        for before, after in pairwise(self.attempts):
            since = before.at if before.ended is None or before.ended > after.at else before.ended
            yield before, after, after.at - since


def calls(attempts: Sequence[Attempt]) -> list[Call]:
    """Put attempts together to calls, in the order in which those began."""
    made: list[Call] = []
    retried: dict[bytes, list[Call]] = defaultdict(list)
    conversation = _Conversation()
    keys = {id(each): conversation.add(each) for each in attempts}
    for attempt in attempts:
        failed = retried[keys[id(attempt)]]
        call = next((each for each in reversed(failed) if _had_ended(each.last, attempt)), None)
        if call is None:
            call = Call()
            made.append(call)
        else:
            failed.remove(call)
        call.attempts.append(attempt)
        if attempt.failed:
            failed.append(call)
    for call in made:
        call.turn = conversation.turn_after(call.last, keys[id(call.last)])
    _mark_last(made)
    return made


def _had_ended(before: Attempt, after: Attempt) -> bool:
    # A client that has given up may leave the response open, and try again. Two that came together did not.
    return before.at < after.at if before.ended is None else before.ended <= after.at


def _mark_last(made: Sequence[Call]) -> None:
    """Mark the calls during which or after which no other began."""
    latest = max((call.attempts[0].at for call in made), default=0.0)
    for call in made:
        over = call.last.at if call.last.ended is None else call.last.ended
        call.is_last = over > latest or call.attempts[0].at == latest


class _Conversation:
    """The requests by what they begin with, so that each finds the turn that follows it."""

    def __init__(self) -> None:
        self._longer: dict[bytes, list[tuple[Attempt, Sequence[Any]]]] = defaultdict(list)

    def add(self, attempt: Attempt) -> bytes:
        """Index a request by what it could be a further turn of; return the key of its own messages."""
        messages = attempt.request.get("messages")
        so_far = hashlib.sha256(attempt.path.encode(), usedforsecurity=False)
        if not isinstance(messages, list):
            so_far.update(attempt.body)
            return so_far.digest()
        for number, message in enumerate(map(as_object, messages)):
            if message.get("role") == "assistant":
                self._longer[so_far.digest()].append((attempt, messages[number:]))
            so_far.update(dumps({**message, "content": _unmarked(message)}))
        return so_far.digest()

    def turn_after(self, attempt: Attempt, key: bytes) -> Turn | None:
        """Return the first turn that repeats the answer to an attempt; None without one."""
        for later, rest in self._longer.get(key, ()):
            if later.at >= attempt.at:
                return _turn(later.number, list(map(as_object, rest)))
        return None


def _unmarked(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{key: block[key] for key in block if key != "cache_control"} for block in _blocks(message)]


def _turn(number: int, messages: Sequence[Mapping[str, Any]]) -> Turn:
    answer, after = _blocks(messages[0]), [block for each in messages[1:] for block in _blocks(each)]
    return Turn(
        number,
        "".join(str(block.get("text") or "") for block in answer if block.get("type") == "text"),
        {
            str(block.get("id")): (str(block.get("name")), block.get("input"))
            for block in answer
            if block.get("type") in TOOL_BLOCKS
        },
        {
            str(block.get("tool_use_id")): block.get("is_error") is True
            for block in after
            if block.get("type") == "tool_result"
        },
        continues=len(messages) == 1,
    )


def _blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [as_object(block) for block in content] if isinstance(content, list) else []
