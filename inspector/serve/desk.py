"""What answers a request: a recording, something of our own that recordings imply, or an error that says why.

No I/O: it is given requests and hands out answers. Answers to the same recording are made once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from inspector import _json
from inspector.errors import InspectorError
from inspector.play.matching import Asked, Matcher, Miss, endpoint
from inspector.play.sources import Source
from inspector.protocol import error_payload
from inspector.recording import Recording
from inspector.serve.responses import Answer, Pace, as_message, json_answer, prepare

__all__ = ["Desk", "Edit", "Reply"]

Edit = Callable[[Recording, int], Recording]
"""What changes a recording before it is played, given which answer of a recording this is, from 1."""

_MESSAGES = "/v1/messages"
_COUNT = "/v1/messages/count_tokens"
_MODELS = "/v1/models"
_KEPT = 256 * 1024 * 1024  # bytes of prepared answers
_NOT_AGAIN = {"x-should-retry": "false"}


class Reply(NamedTuple):
    """An answer, the name of the recording it is made of, and why there is none."""

    answer: Answer
    recording: str | None = None
    miss: str | None = None


class Desk:
    """Answer requests from recordings."""

    def __init__(
        self, found: Sequence[Source], pace: Pace, match: str, *, loop: bool = False, edit: Edit | None = None
    ) -> None:
        self._sources = found
        self._heads = [source.head for source in found]
        self._pace = pace
        self._match = match
        self._matcher = Matcher(match, [source.name for source in found], loop=loop)
        self._edit = edit
        self._plays = 0
        self._prepared = _Prepared()
        urls = [head.request.url for head in self._heads]
        self._known = {_MESSAGES, *map(endpoint, urls), *(urlsplit(url).path for url in urls)} - {""}
        self._gets = {
            endpoint(head.request.url) or urlsplit(head.request.url).path: position
            for position, head in enumerate(self._heads)
            if head.request.method == "GET"
        }

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that have not been played once."""
        return self._matcher.unused

    def warm(self) -> None:
        """Make every recording's answer now, as far as they are kept."""
        for position in range(len(self._sources)):
            if self._edit is not None or self._prepared.full:
                return
            self._answer_of(position, plain=False, old=False, keeps=True)

    def answer(self, asked: Asked, *, old: bool = False, keeps: bool = True) -> Reply:
        """Choose the answer. `old`: in HTTP/1.0; `keeps`: the connection is to be used again."""
        reply = self._reply(asked, old=old, keeps=keeps)
        if keeps or reply.recording is not None:
            return reply
        return reply._replace(answer=reply.answer.closing())

    def _reply(self, asked: Asked, *, old: bool, keeps: bool) -> Reply:
        path = endpoint(asked.url) or urlsplit(asked.url).path
        if asked.method == "HEAD":
            return self._head(path)
        if path not in self._known:
            own = self._own(asked, path)
            if own is not None:
                return Reply(own)
            if self._match in ("order", "body"):
                return _missed(_unknown(asked, self._known))
        plain = path == _MESSAGES and _asks_for_no_stream(asked)
        choice = self._choose(asked, plain=plain)
        if isinstance(choice, Miss):
            return _missed(choice.message)
        self._plays += 1
        try:
            answer = self._answer_of(choice, plain=plain, old=old, keeps=keeps)
        except InspectorError as error:  # an edit that does not fit, a file that is gone
            return _missed(f"inspector: {self._sources[choice].name} cannot be played: {error}", 500)
        return Reply(answer, self._sources[choice].name)

    def _choose(self, asked: Asked, *, plain: bool) -> int | Miss:
        choice = self._matcher.take(asked, self._heads)
        if plain and self._match == "body" and isinstance(choice, Miss):
            streamed = {**_json.loads(asked.body), "stream": True}
            choice = self._matcher.take(asked._replace(body=_json.dumps(streamed)), self._heads)
        return choice

    def _answer_of(self, position: int, *, plain: bool, old: bool, keeps: bool) -> Answer:
        source, key = self._sources[position], (position, plain, old, keeps)
        if self._edit is not None:
            recording = source.recording()
            edited = self._edit(recording, self._plays)
            if edited is not recording:
                return self._make(Source.of(edited), plain=plain, old=old, keeps=keeps)
        found = self._prepared.get(key)
        if found is None:
            found = self._make(source, plain=plain, old=old, keeps=keeps)
            self._prepared.put(key, found)
        return found

    def _make(self, source: Source, *, plain: bool, old: bool, keeps: bool) -> Answer:
        if plain:
            source = Source.of(as_message(source.recording()))
        answer = prepare(source.head, source.play(), self._pace, old=old)
        return answer if keeps else answer.closing()

    def _head(self, path: str) -> Reply:
        """HEAD uses nothing up. Of the root it is how some clients look whether anybody is there."""
        if path in ("", "/"):
            return Reply(json_answer(200, {}).bodiless())
        if path in self._gets:
            answer = self._make(self._sources[self._gets[path]], plain=False, old=False, keeps=True)
            return Reply(answer.bodiless())
        own = self._own(Asked("GET", path, b""), path)
        if own is not None:
            return Reply(own.bodiless())
        status, headers = (405, {"allow": "POST"}) if path in self._known else (404, {})
        return Reply(json_answer(status, error_payload("not_found_error", ""), headers).bodiless())

    def _own(self, asked: Asked, path: str) -> Answer | None:
        """Answer what clients ask on the side, where no recording does."""
        if path == _COUNT and asked.method == "POST":
            return json_answer(200, {"input_tokens": _estimate(asked.body)})
        if asked.method != "GET" or not (path + "/").startswith(_MODELS + "/"):
            return None
        models = [
            {"type": "model", "id": name, "display_name": name, "created_at": at}
            for name, at in self._models().items()
        ]
        if path == _MODELS:
            ends = {"first_id": models[0]["id"], "last_id": models[-1]["id"]} if models else {}
            return json_answer(200, {"data": models, "has_more": False, **ends})
        one = next((model for model in models if model["id"] == path.removeprefix(_MODELS + "/")), None)
        return None if one is None else json_answer(200, one)

    def _models(self) -> dict[str, str]:
        """Every model that a recorded request names, and when it was first asked."""
        found: dict[str, str] = {}
        for head in self._heads:
            body = head.request.json()
            model = body.get("model") if isinstance(body, dict) else None
            if isinstance(model, str):
                found.setdefault(model, head.at)
        return found


class _Prepared:
    """The answers used last, up to a number of bytes. Those being played live on with their connections."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[Any, ...], Answer] = OrderedDict()
        self._size = 0

    @property
    def full(self) -> bool:
        return self._size >= _KEPT

    def get(self, key: tuple[Any, ...]) -> Answer | None:
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: tuple[Any, ...], answer: Answer) -> None:
        self._answers[key] = answer
        self._size += len(answer.wire)
        while self.full and len(self._answers) > 1:
            _, dropped = self._answers.popitem(last=False)
            self._size -= len(dropped.wire)


def _asks_for_no_stream(asked: Asked) -> bool:
    if asked.method != "POST":
        return False
    try:
        body = _json.loads(asked.body)
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("stream") is not True


def _estimate(body: bytes) -> int:
    """About four bytes to a token: enough for a client that only looks whether its prompt fits."""
    return max(1, len(body) // 4)


def _missed(message: str, status: int = 404) -> Reply:
    """An error in the API's own shape, which says not to try again."""
    kind = "not_found_error" if status == 404 else "api_error"
    return Reply(json_answer(status, error_payload(kind, message), _NOT_AGAIN), None, message)


def _unknown(asked: Asked, known: set[str]) -> str:
    remedy = "Point the client's base URL here without a path."
    if f"/v1{urlsplit(asked.url).path}" in known:  # the Vercel AI SDK, given the base URL of the others
        remedy = "This client puts no /v1 before its paths: let its base URL end in /v1."
    return (
        f"inspector: nothing is served at {asked.method} {urlsplit(asked.url).path}; "
        f"known are {', '.join(sorted(known))}. {remedy}"
    )
