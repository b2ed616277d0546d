"""What the examples of rules are made of: the `Example`, streams, and what a caller of the SDK sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from streams import (
    END,
    GOOD,
    HEADERS,
    STOP,
    delta,
    frame,
    message_delta,
    opens,
    start,
    stops,
    tool_delta,
)

from inspector.checker import Checker, Report
from inspector.recording import Recording


class Example(NamedTuple):
    """A stream that breaks a rule.

    `sees` says whether the caller of the SDK sees what the finding predicts; exceptions are compared for
    every rule. `alone` is False if the breach causes other findings too. `earlier` comes first in the
    session. `new_only` means that the prediction is about anthropic 2.x.
    """

    recording: Recording
    sees: Callable[[Any], bool] | None = None
    alone: bool = True
    earlier: Recording | None = None
    new_only: bool = False

    def report(self, **options: Any) -> Report:
        """Check it, after the earlier recording of its session if it has one; options are a `Checker`'s."""
        ids: dict[str, int] = {}
        for each in filter(None, (self.earlier, self.recording)):
            checker = Checker(each.head, ids=ids, **options)
            checker.feed(each.blocks)
            report = checker.close(each.end)
        return report


def text_of(seen):
    return "".join(block.get("text", "") for block in seen.content)


def whole(seen):
    """The message came with its text and its stop reason."""
    return text_of(seen) == "Hello there" and seen.message["stop_reason"] == "end_turn"


def partial(seen):
    return seen.message["stop_reason"] is None


def fine(seen):
    return seen.message is not None and seen.message["stop_reason"] is not None


def lost(seen):
    """A `delta` was dropped."""
    return text_of(seen) != "Hello there" and seen.message["stop_reason"] == "end_turn"


def tool_input(expected):
    return lambda seen: next(b for b in seen.content if b["type"] == "tool_use")["input"] == expected


def thinking(*middle):
    return opens(0, "thinking") + b"".join(middle) + stops(0)


def signed(text="sig"):
    return delta(0, text, "signature_delta")


def thought(text="Hmm"):
    return delta(0, text, "thinking_delta")


def tool(*texts, reason="tool_use", **fields):
    return (
        start()
        + opens(0, "tool_use", **fields)
        + b"".join(tool_delta(0, t) for t in texts)
        + stops(0)
        + message_delta(reason)
        + STOP
    )


def usual(*middle):
    """A good message around what is given."""
    return start() + b"".join(middle) + END


def but(old, new, count=1):
    assert old in GOOD
    return GOOD.replace(old, new, count)


def headers(**changes):
    named = {**HEADERS, **{key.replace("_", "-"): value for key, value in changes.items()}}
    return {key: value for key, value in named.items() if value is not None}


ERROR = frame("error", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
DELTA = delta(0, " there")
PROSE = "A sentence of more than twenty characters."
JSON_HEADERS = headers(content_type="application/json")
FIRST = start() + opens(0) + delta(0)
