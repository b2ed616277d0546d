"""What anthropic's SDK makes of a broken stream: facts, which the tests compare with the SDK itself.

A `Reaction` says what `messages.stream()` (with `get_final_message()`) and `create(stream=True)` raise,
and in words what becomes of the data. Exceptions are named as the SDK's users meet them; `httpx2` is
`httpx` for anthropic before 1.0.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DROPPED", "HANDLED", "INDEX_ERROR", "JSON_ERROR", "NOTHING", "PARTIAL", "Reaction"]


class Reaction(NamedTuple):
    """What the SDK does: the exception of each way to call it (empty: none), and the rest in words.

    Only `messages.stream()` raising is possible, the other way round is not. `old_stream` and `old_create`
    are the exceptions of anthropic 0.x where they differ from 2.x's.
    """

    says: str = ""
    stream: str = ""
    create: str = ""
    old_stream: str | None = None
    old_create: str | None = None

    def text(self) -> str:
        """Say it in one sentence, beginning with "the SDK" or the call it is about."""
        stream, create, says = self.stream, self.create, self.says
        if not stream and not create:
            told = "the SDK raises nothing" + (f" and {says}" if says else "")
        elif stream == create:
            told = f"the SDK raises {_named(stream)}" + (f"; it {says}" if says else "")
        else:
            told = f"messages.stream() raises {_named(stream)}; create(stream=True) raises nothing"
            told += f" and {says}" if says else ""
        return told + self._old()

    def _old(self) -> str:
        """What anthropic 0.x raises instead, as the end of the sentence."""
        if self.old_create is not None:
            return f"; anthropic 0.x raises {self.old_create or 'nothing'}"
        return f"; anthropic 0.x raises {self.old_stream} from messages.stream()" if self.old_stream else ""


def _named(exception: str) -> str:
    if exception.startswith("anthropic."):
        return exception
    return f"{exception}, which is not an anthropic.APIError"


HANDLED = Reaction("reads it as if nothing were wrong")
PARTIAL = Reaction("returns the partial message, with stop_reason None")
DROPPED = Reaction("drops this event")
NOTHING = Reaction("yields no event at all", stream="AssertionError")
JSON_ERROR = Reaction(stream="json.JSONDecodeError", create="json.JSONDecodeError")
INDEX_ERROR = Reaction(stream="IndexError")
