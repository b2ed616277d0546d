"""Answers that no recording holds, as recordings in memory: errors, and what clients request beside messages.

An invented answer says in the header `MADE_UP_HEADER` what it is. A client may count tokens, or list the
models, and a test should know that neither came from the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from inspector import _json
from inspector.play.sources import Source
from inspector.protocol import error_payload, is_health_check
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock

__all__ = [
    "MADE_UP_HEADER",
    "MadeUp",
    "bytes_answer",
    "error_answer",
    "json_answer",
    "made_up",
    "side_answer",
    "without_body",
]

MADE_UP_HEADER = "x-inspector-made-up"
"""The response header of an invented answer; its value says what is made up."""

_COUNT = "/v1/messages/count_tokens"
_MODELS = "/v1/models"
_UNKNOWN_RELEASE = "1970-01-01T00:00:00Z"  # what the API's reference says of models without a date


class MadeUp(NamedTuple):
    """An invented answer, and what is invented."""

    source: Source
    what: str


def made_up(method: str, path: str, body: bytes, heads: Iterable[Head]) -> MadeUp | None:
    """Invent an answer for what clients request beside messages; None if this is no such request.

    A token count is a guess. The models are those that the recorded requests name.
    """
    if path == _COUNT and method == "POST":
        return _invented({"input_tokens": _estimate(body)}, "token count")
    if method != "GET" or not (path + "/").startswith(_MODELS + "/"):
        return None
    models = {name: _model(name) for name in _names(heads)}
    if path != _MODELS:
        model = models.get(path.removeprefix(_MODELS + "/"))
        return None if model is None else _invented(model, "model")
    page = {"data": [*models.values()], "has_more": False, "first_id": None, "last_id": None}
    if models:
        page |= {"first_id": next(iter(models)), "last_id": next(reversed(models))}
    return _invented(page, "list of models")


def side_answer(method: str, path: str) -> Source:
    """Answer side traffic, as `inspector.protocol.endpoints` lists it: all is well, and there is no news."""
    value = {"status": "ok"} if is_health_check(method, path) else {}
    return _invented(value, "answer to side traffic").source


def _invented(value: Any, what: str) -> MadeUp:
    return MadeUp(json_answer(200, value, {MADE_UP_HEADER: what}), what)


def _estimate(body: bytes) -> int:
    """About four bytes to a token: enough for a client that only looks whether its prompt fits."""
    return max(1, len(body) // 4)


def _names(heads: Iterable[Head]) -> Iterable[str]:
    names = (_json.as_object(head.request.json()).get("model") for head in heads)
    return dict.fromkeys(name for name in names if isinstance(name, str))


def _model(name: str) -> dict[str, str]:
    return {"type": "model", "id": name, "display_name": name, "created_at": _UNKNOWN_RELEASE}


def error_answer(status: int, message: str) -> Source:
    """Make an error in the API's own shape that asks the SDK not to retry."""
    kind = "not_found_error" if status == 404 else "api_error"
    return json_answer(status, error_payload(kind, message), {"x-should-retry": "false"})


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Source:
    """Make a recording of a JSON response, all of which comes at once."""
    return bytes_answer(status, _json.dumps(value), {"content-type": "application/json", **(headers or {})})


def bytes_answer(status: int, body: bytes, headers: Mapping[str, str]) -> Source:
    """Make a recording of a response with these bytes, all of which come at once."""
    head = Head("", Request(), Response(0.0, status, {**headers, "content-length": str(len(body))}))
    block = TimedBlock(0.0, None, None, body)
    return Source.of(Recording(head, (block,), End(0.0, Ending.COMPLETE)))


def without_body(source: Source) -> Source:
    """Return the answer to HEAD: the response to GET, and none of its body."""
    response = source.head.response
    if response is None:
        return source
    end = End(response.t, Ending.COMPLETE)
    return Source.of(Recording(source.head, (), end), source.name)
