"""What anthropic's SDK does with a broken stream: facts, which the tests compare with the SDK itself.

A `Reaction` says what `messages.stream()` (with `get_final_message()`) and `create(stream=True)` raise, and
what becomes of the data. Exceptions are named as the SDK's users see them. Read `httpx2` as `httpx` for
anthropic before 1.0.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DROPPED", "HANDLED", "INDEX_ERROR", "JSON_ERROR", "NOTHING", "PARTIAL", "Reaction"]


class Reaction(NamedTuple):
    """What the SDK does: the exception that each way to call it raises (empty: none), and what else it does.

    `create` raises nothing that `stream` does not raise too. `old_stream` and `old_create` are the exceptions
    of anthropic 0.x, if they differ from those of 2.x.
    """

    says: str = ""
    stream: str = ""
    create: str = ""
    old_stream: str | None = None
    old_create: str | None = None

    def text(self) -> str:
        """Return one sentence that begins with "the SDK", or with the call that it is about."""
        stream, create, says = self.stream, self.create, self.says
        if not stream and not create:
            sentence = "the SDK raises nothing" + (f" and {says}" if says else "")
        elif stream == create:
            sentence = f"the SDK raises {_named(stream)}" + (f"; it {says}" if says else "")
        else:
            sentence = f"messages.stream() raises {_named(stream)}; create(stream=True) raises nothing"
            sentence += f" and {says}" if says else ""
        return sentence + self._old()

    def _old(self) -> str:
        """Say what anthropic 0.x raises instead, as the end of the sentence."""
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
