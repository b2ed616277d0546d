"""Taking a failure for a success: the faults that nobody notices."""

from __future__ import annotations

from inspector.recording import Ending
from inspector.resilience.attempts import Attempt, Conclusion
from inspector.resilience.client_findings import (
    FAULT,
    UNKNOWN,
    WARNING,
    CallContext,
    Note,
    Notes,
    client_check,
)

__all__: list[str] = []

_STREAMING = "https://platform.claude.com/docs/en/build-with-claude/streaming"

_RAW = {"AttributeError", "AssertionError", "IndexError", "KeyError", "TypeError", "UnicodeDecodeError"}
_HTTP_LIBRARIES = ("httpx.", "httpx2.", "httpcore.", "httpcore2.", "aiohttp.", "requests.", "json.")


@client_check(
    FAULT,
    remedy="Take a stream without `message_stop` as failed: raise, try again, or mark the answer as partial.",
    source="https://github.com/openclaw/openclaw/pull/120030",
)
def truncated_accepted(c: CallContext) -> Notes:
    """An answer that broke off is not taken for a whole one.

    Observed: the last attempt got a part of a message, and the program ended as after a success, or sent the
    part back with tool results.

    Why: the SDKs raise nothing at a clean end without `message_stop`: half an answer looks like a whole one.
    """
    sent = c.last.sent
    if sent.is_whole or not sent.has_content or c.last.missed:
        return
    text = f"request {c.last.number}: {_what_came(c.last)}"
    turn = c.call.turn
    if turn is not None and turn.results:
        message = f"{text}; request {turn.number} sends the part back with tool results, as if it were whole"
        yield Note(message, (c.last.number, turn.number))
    elif turn is not None and not turn.continues and (turn.text or turn.tools):
        message = (
            f"{text}; request {turn.number} sends the part back and goes on, which may be the repair or the "
            "fault"
        )
        yield Note(message, (c.last.number, turn.number), UNKNOWN)
    elif turn is None:
        yield from _if_taken(c, text)


@client_check(
    FAULT,
    remedy="Take a response without a message as failed, whatever its status, and say so to the caller.",
    source="https://github.com/coder/aibridge/issues/56",
)
def failure_accepted(c: CallContext) -> Notes:
    """A failure without any content is not taken for an answer.

    Observed: the last attempt got an error, no response, or a body without a message, and the program ended
    as after a success.

    Why: an empty answer goes on as data: it is stored, sent to users, and read by the next model.
    """
    sent = c.last.sent
    if not (sent.is_whole or sent.has_content or c.last.missed or c.call.turn):
        yield from _if_taken(c, f"request {c.last.number}: {_what_came(c.last)}")


@client_check(
    FAULT,
    remedy="Take an answer without content as failed, or read events by the `type` in their data.",
    source="https://github.com/coder/aibridge/issues/56",
)
def answer_lost(c: CallContext) -> Notes:
    """An answer that came is handed out.

    Observed: a whole message with text was sent, and the program handed out nothing.

    Why: some SDKs skip events that they cannot read, and raise nothing.
    """
    program = c.program
    if (
        c.last.sent.is_whole
        and c.last.sent.has_content
        and program.succeeded
        and program.text == ""
        and not program.tools
    ):
        yield Note(f"request {c.last.number}: all of a message was sent, and none of it came out", _ids(c))


@client_check(
    WARNING,
    remedy="Take a message as whole once `message_stop` has come, however the connection ends.",
    source="https://github.com/anthropics/anthropic-sdk-python/issues/1550",
)
def answer_discarded(c: CallContext) -> Notes:
    """A message that is whole is not thrown away because the connection ends badly after it.

    Observed: `message_stop` came, the connection then was cut, was reset or stayed open, and the program
    raised.

    Why: the answer is there and paid for; a retry buys it again.
    """
    sent = c.last.sent
    if (
        sent.is_whole
        and sent.end is not Ending.COMPLETE
        and c.last.end is not Ending.ABANDONED
        and c.program.how is Conclusion.RAISED
    ):
        yield Note(f"request {c.last.number}: message_stop came, and {c.program.detail}", _ids(c))


@client_check(
    WARNING,
    remedy="Catch it where the stream is read, and raise an error of your own that says what broke.",
    source="https://github.com/anthropics/anthropic-sdk-python/issues/1919",
)
def raw_exception(c: CallContext) -> Notes:
    """What a broken stream raises says that the stream broke.

    Observed: the program raised an exception of an HTTP library, of a parser or of Python itself.

    Why: `except anthropic.APIError` does not catch it, so retries and fallbacks pass it by.
    """
    program = c.program
    name = program.exception
    if name and not program.is_api_error and (name in _RAW or name.startswith(_HTTP_LIBRARIES)):
        yield Note(f"it raised {name} after: {_what_came(c.last)}", _ids(c))


def _if_taken(c: CallContext, text: str) -> Notes:
    """Say what the program's end means after a failure: its fault, or not known."""
    if not c.call.is_last or (c.program.is_over and not c.program.succeeded):
        return
    if c.last.end is Ending.ABANDONED and c.last.sent.end is not Ending.TIMEOUT:
        # It has not seen the end: some programs read only the beginning, and mean to.
        yield Note(f"{text}; the client left before it came to that", _ids(c), UNKNOWN)
    elif c.program.succeeded:
        yield Note(f"{text}; and {c.program.detail}", _ids(c))
    elif c.last.ended is not None:
        yield Note(f"{text}; what the program made of it is not known", _ids(c), UNKNOWN)


def _what_came(attempt: Attempt) -> str:
    """Say in half a line what an attempt got."""
    sent = attempt.sent
    status = "" if sent.status in (200, None) or sent.detail.startswith("HTTP") else f"{sent.status}, "
    return f"{status}{sent.detail}"


def _ids(c: CallContext) -> tuple[int, ...]:
    return (c.last.number,)
