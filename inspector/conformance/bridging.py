"""What a bridge made of an answer: a gateway from the Messages API to a Chat Completions server.

The two sides have no byte in common, so they are compared by meaning: text, tool calls, stop reason, token
counts, errors, and whether an answer that broke off is passed on as one. What Chat Completions cannot say, a
bridge cannot know: see `inspector.conformance.chat_chunks`. It is not counted against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inspector import _json
from inspector.conformance.arrival import shown
from inspector.conformance.chat_values import chat_usage, possible_stop_reasons
from inspector.protocol.error_bodies import read_error
from inspector.recording import Ending, Event, Recording
from inspector.redact import mask_text

__all__ = ["BridgeDifference", "bridge_differences"]


class BridgeDifference(NamedTuple):
    """One thing that a bridge lost or made up: a sentence, and the event of the answer that shows it.

    `warns`: a client gets the same message, but later.
    """

    message: str
    event: Event | None = None
    warns: bool = False


_ERRORS: dict[int, tuple[frozenset[int], frozenset[str]]] = {
    400: (frozenset({400}), frozenset({"invalid_request_error"})),
    401: (frozenset({401}), frozenset({"authentication_error"})),
    403: (frozenset({403}), frozenset({"permission_error"})),
    404: (frozenset({404}), frozenset({"not_found_error"})),
    413: (frozenset({413}), frozenset({"request_too_large"})),
    429: (frozenset({429}), frozenset({"rate_limit_error"})),
    500: (frozenset({500}), frozenset({"api_error"})),
    529: (frozenset({503, 529}), frozenset({"api_error", "overloaded_error"})),
}
"""The statuses and the types of error that say the same as a status of the API.

The upstream says 503 for 529, of which the Messages API has no type: both its own readings are right.
"""


def bridge_differences(behind: Recording, front: Recording) -> Iterator[BridgeDifference]:
    """Yield what an answer lacks or has beyond what the upstream said.

    `behind` is the recording that the upstream rendered as Chat Completions, and `front` what the bridge
    answered.
    """
    response = behind.response
    if response is not None and response.status >= 400:
        yield from _error_answer(response.status, response.headers.get("retry-after"), front)
        return
    failed = any(event.name == "error" for event in behind.events())
    message = behind.message()
    whole = behind.end is not None and behind.end.how is Ending.COMPLETE
    if response is None or failed or message is None or message.get("stop_reason") is None:
        what = "an error within the stream" if failed else "an answer that broke off"
        yield from _unfinished(what, message or {}, front)
        if failed:
            yield from _error_event(front)
    elif whole or _success(front):
        yield from _answer(message, front)
        yield from _held_back(behind, front)


def _success(front: Recording) -> bool:
    """Whether a client takes the answer for a whole message."""
    if front.response is None or front.response.status != 200:
        return False
    types = [event.type for event in front.events()]
    return "message_stop" in types if types else front.message() is not None


def _last(front: Recording, kind: str) -> Event | None:
    return next((event for event in reversed([*front.events()]) if event.type == kind), None)


def _unfinished(what: str, message: dict[str, Any], front: Recording) -> Iterator[BridgeDifference]:
    """Judge what became of an answer that has no end: never a success."""
    answer = front.message() or {}
    reason = answer.get("stop_reason")
    end = f", with the stop reason {_json.dumps_text(reason)}" if reason else ""
    if _success(front):
        yield BridgeDifference(f"{what} becomes a whole message{end}", _last(front, "message_stop"))
    elif reason:
        yield BridgeDifference(f"{what} gets a stop reason: {_json.dumps_text(reason)}")
    if not _text(message).startswith(_text(answer)):
        yield BridgeDifference("the answer has text that the upstream did not send")


def _error_event(front: Recording) -> Iterator[BridgeDifference]:
    """Judge how an error within a stream arrives: as an `error` event, or as an error before the stream."""
    if front.response is not None and front.response.status >= 400:
        return
    event = _last(front, "error")
    if event is None:
        yield BridgeDifference("an error within the stream is lost: no error event comes")
    elif not _is_error(event.data):
        yield BridgeDifference(
            'the error event is not {"type":"error","error":{"type":…,"message":…}}', event
        )


def _error_answer(status: int, retry_after: str | None, front: Recording) -> Iterator[BridgeDifference]:
    if front.response is None or front.response.status < 400:
        yield BridgeDifference(f"the upstream's error {status} does not arrive as an error")
        return
    statuses, types = _ERRORS.get(status, (frozenset({status}), frozenset()))
    if front.response.status not in statuses:
        yield BridgeDifference(f"the upstream's error {status} becomes {front.response.status}")
    if retry_after and front.response.headers.get("retry-after") != retry_after:
        yield BridgeDifference(f"the upstream's retry-after: {retry_after} is lost")
    try:
        body = _json.loads(front.body)
    except ValueError:
        yield BridgeDifference(f"the body of the error {front.response.status} is no JSON")
        return
    if not _is_error(body):
        yield BridgeDifference('the error\'s body is not {"type":"error","error":{"type":…,"message":…}}')
    kind = _json.as_object(_json.as_object(body).get("error")).get("type")
    if types and kind not in types:
        wanted = " or ".join(sorted(types))
        yield BridgeDifference(f"the error's type is {_json.dumps_text(kind)}, not {wanted}")


def _is_error(value: Any) -> bool:
    error = _json.as_object(_json.as_object(value).get("error"))
    texts = isinstance(error.get("type"), str) and isinstance(error.get("message"), str)
    return _json.as_object(value).get("type") == "error" and texts


def _answer(expected: dict[str, Any], front: Recording) -> Iterator[BridgeDifference]:
    answer = front.message()
    if answer is None or not _success(front):
        event = _last(front, "error")
        said = f"; its error event says {_quoted(event)}" if event else ""
        yield BridgeDifference(f"a whole answer does not arrive as a whole message{said}", event)
        return
    wanted, got = _text(expected), _text(answer)
    if wanted != got:
        yield BridgeDifference(f"the text is not the upstream's: {_first_difference(wanted, got)}")
    yield from _tool_calls(_calls(expected), _calls(answer))
    delta = _last(front, "message_delta")
    possible = possible_stop_reasons(str(expected.get("stop_reason")))
    if answer.get("stop_reason") not in possible:
        stop = _json.dumps_text(answer.get("stop_reason"))
        yield BridgeDifference(f"the stop reason is {stop}, not {' or '.join(sorted(possible))}", delta)
    yield from _usage(_json.as_object(expected.get("usage")), _json.as_object(answer.get("usage")), delta)


def _quoted(event: Event) -> str:
    """Quote what an error event says, in whatever form, without its secrets."""
    return shown(mask_text(str(read_error(_json.dumps(event.data)))))


def _text(message: dict[str, Any]) -> str:
    blocks = message.get("content") or ()
    return "".join(str(each.get("text") or "") for each in blocks if each.get("type") == "text")


def _first_difference(wanted: str, got: str) -> str:
    pairs = enumerate(zip(wanted, got, strict=False))
    at = next((n for n, (one, other) in pairs if one != other), min(len(wanted), len(got)))
    lengths = f"{len(got):,} characters, not {len(wanted):,}"
    return f"{lengths}; character {at + 1:,} is {_character(got, at)}, not {_character(wanted, at)}"


def _character(text: str, at: int) -> str:
    if at >= len(text):
        return "missing"
    return f"'{text[at]}'" if text[at].isprintable() else f"U+{ord(text[at]):04X}"


def _calls(message: dict[str, Any]) -> list[tuple[Any, Any]]:
    blocks = message.get("content") or ()
    return [(each.get("name"), each.get("input")) for each in blocks if each.get("type") == "tool_use"]


def _tool_calls(expected: list[tuple[Any, Any]], answer: list[tuple[Any, Any]]) -> Iterator[BridgeDifference]:
    if len(expected) != len(answer):
        yield BridgeDifference(f"{len(answer)} tool calls arrive, not {len(expected)}")
        return
    for number, ((name, value), (other, got)) in enumerate(zip(expected, answer, strict=True), 1):
        if other != name:
            yield BridgeDifference(f"tool call {number} is of {_json.dumps_text(other)}, not {name}")
        elif got != value:
            yield BridgeDifference(f"the input of tool call {number} ({name}) is not the upstream's")


def _held_back(behind: Recording, front: Recording) -> Iterator[BridgeDifference]:
    """Warn of tool inputs that a bridge collects, so that a client sees nothing of them until their end."""
    for number, (sent, came) in enumerate(zip(_fragments(behind), _fragments(front), strict=False), 1):
        if len(came) == 1 < len(sent):
            text = f"the input of tool call {number} arrives in 1 delta; the upstream sent {len(sent)}"
            yield BridgeDifference(text, came[0], warns=True)


def _fragments(recording: Recording) -> list[list[Event]]:
    """Return the deltas of each tool call's input that say something."""
    calls: dict[Any, list[Event]] = {}
    for event in recording.events():
        data = _json.as_object(event.data)
        if _json.as_object(data.get("content_block")).get("type") == "tool_use":
            calls[data.get("index")] = []
        elif _json.as_object(data.get("delta")).get("partial_json") and data.get("index") in calls:
            calls[data["index"]].append(event)
    return [*calls.values()]


def _usage(
    expected: dict[str, Any], answer: dict[str, Any], event: Event | None
) -> Iterator[BridgeDifference]:
    wanted, got = chat_usage(expected), chat_usage(answer)
    cached = wanted["prompt_tokens_details"]["cached_tokens"]
    if got["prompt_tokens"] == wanted["prompt_tokens"] + cached != wanted["prompt_tokens"]:
        yield BridgeDifference(f"the {cached} tokens out of the cache are counted twice", event)
    elif got["prompt_tokens"] != wanted["prompt_tokens"]:
        text = f"the input is {got['prompt_tokens']} tokens, not {wanted['prompt_tokens']}"
        yield BridgeDifference(text, event)
    if got["completion_tokens"] != wanted["completion_tokens"]:
        text = f"the output is {got['completion_tokens']} tokens, not {wanted['completion_tokens']}"
        yield BridgeDifference(text, event)
