"""Unstreamed: what answers a request that does not ask for a stream."""

from __future__ import annotations

from urllib.parse import urlsplit

from inspector import _json
from inspector.checker.citations import DOC_ERRORS, TYPES
from inspector.checker.context import NOT_JSON, Context
from inspector.checker.facts import BODY_BYTES
from inspector.checker.rule import ANY_END, ERROR, INFO, Judgement, Moment, Note, quote, rule, shown
from inspector.protocol.error_bodies import read_error
from inspector.protocol.event_payloads import diagnose, is_error
from inspector.recording import Ending

__all__: list[str] = []


def _is_answer(c: Context) -> bool:
    """Whether a JSON body, or what was meant to be one, answers a request for no stream."""
    response, start = c.response, c.stream.body_start.strip()
    if response is None or response.status != 200 or c.stream.is_event_stream or c.wants_stream is not False:
        return False
    return start.startswith((b"{", b"[")) or _json.valid(start)


def _is_whole(c: Context) -> bool:
    """Whether all of the body is there, and kept."""
    return c.stream.ending is Ending.COMPLETE and c.stream.size <= BODY_BYTES


def _asks_for_message(c: Context) -> bool:
    """Whether the request is one for a Message: Bedrock and Vertex ask for a stream by other paths."""
    try:
        path = urlsplit(c.head.request.url).path
    except ValueError:
        return False
    return path.endswith("/v1/messages") and c.request_object is not None


@rule(on=Moment.END, severity=INFO, source=DOC_ERRORS)
def body_not_streamed(c: Context) -> Judgement:
    """The response to a request without `"stream": true` is one JSON body, whose fields are not checked.

    Example: the request did not ask for a stream, and the response is one JSON body
    """
    if not _is_answer(c) or (_is_whole(c) and c.body_value is NOT_JSON):
        return None
    return "the request did not ask for a stream, and the response is one JSON body"


@rule(on=Moment.END, severity=ERROR, source=DOC_ERRORS)
def body_json_invalid(c: Context) -> Judgement:
    """The JSON body that answers a request without `"stream": true` is valid JSON.

    Example: the body is not JSON: expecting value at character 8 of the body, near '{"id": oops'
    """
    if not _is_answer(c) or not _is_whole(c):
        return None
    if c.body_value is not NOT_JSON:
        return None
    _, _, problems = diagnose(bytes(c.stream.body))
    detail = problems[0].detail if problems else "no parser reads it"
    detail = detail.replace("the payload", "the body", 1)
    return Note(f"the body is not JSON: {detail}", at=c.stream.first_at)


@rule(on=Moment.END, severity=ERROR, source=TYPES)
def body_not_message(c: Context) -> Judgement:
    """The JSON body that answers a request for a Message is a Message, or its status is not 200.

    Example: the body is an error, but the status is 200: overloaded_error "Overloaded"
    """
    if not _is_answer(c) or not _is_whole(c):
        return None
    value = c.body_value
    if value is NOT_JSON:
        return None  # body-json-invalid reports it
    if isinstance(value, dict) and is_error(value):
        error = read_error(bytes(c.stream.body))
        said = " ".join(part for part in (error.type, error.message and quote(error.message, 80)) if part)
        message = f"the body is an error, but the status is 200{': ' if said else ''}{said}"
        return Note(message, at=c.stream.first_at)
    fields = _json.as_object(value)
    if not _asks_for_message(c) or fields.get("type") == "message" or isinstance(fields.get("content"), list):
        return None
    kind = f"an object of type {shown(fields['type'])}" if "type" in fields else shown(value)
    return Note(f"the body is {kind}, not a Message", at=c.stream.first_at)


@rule(on=ANY_END, severity=ERROR, source=DOC_ERRORS)
def stream_unrequested(c: Context) -> Judgement:
    """Only a request with `"stream": true` is answered with an event stream.

    Example: the request did not ask for a stream, and the response is an event stream of 7 events
    """
    stream, response = c.stream, c.response
    if response is None or response.status != 200 or not stream.events or not stream.is_event_stream:
        return None
    if c.wants_stream is not False or not _asks_for_message(c):
        return None
    count = "1 event" if stream.events == 1 else f"{stream.events} events"
    message = f"the request did not ask for a stream, and the response is an event stream of {count}"
    return Note(message, at=stream.first_at)
