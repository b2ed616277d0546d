"""Probes of what carries a message: headers, connections, and many streams at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from inspector.conformance.arrival import shown
from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import NO_ACCESS
from inspector.conformance.probes import NotTested, probe
from inspector.conformance.prompts import user
from inspector.conformance.scoring.scorecard import Deviation

__all__: list[str] = []

_VERSIONS = "https://platform.claude.com/docs/en/api/overview"
_OK = user("Reply with: ok")
_BIRDS = ("albatross", "bullfinch", "cormorant", "dunnock", "eider", "fieldfare", "goldcrest", "jackdaw")


class _Client(NamedTuple):
    """How clients send a key, and which version of the API they name."""

    who: str
    header: str
    version: str


_CLIENTS = (
    _Client("Anthropic's SDKs before 2.0", "x-api-key", "2023-06-01"),
    _Client("Anthropic's SDKs from 2.0 on", "authorization", "2026-10-21"),
)


@probe(
    "headers",
    "A request is taken as old and new SDKs send it; a stream is `text/event-stream` without a length.",
    requests=3,
    max_tokens=192,
    source=_VERSIONS,
)
def headers(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask with the key and the version as clients send them, and with a beta that nobody knows."""
    for client in _CLIENTS:
        sent = (endpoint.key_in(client.header) or {}) | {"anthropic-version": client.version}
        answer = endpoint.ask(_OK, max_tokens=64, headers=sent).arrived()
        if answer.status in NO_ACCESS:
            how = "as `Authorization: Bearer`" if client.header == "authorization" else "in `x-api-key`"
            yield answer.fail(f"the key is refused {how}, where {client.who} send it: {answer.said}")
            continue
        if answer.status == 400:
            text = f"a request with `anthropic-version: {client.version}` is refused: {answer.said}"
            yield answer.fail(text)
            continue
        answer.accepted()
        if answer.content_type != "text/event-stream":
            named = shown(answer.content_type) if answer.content_type else "none"
            yield answer.fail(f"the content type of a stream is {named}, and not text/event-stream")
        elif "content-length" in answer.headers:
            yield answer.fail("a stream has a content-length: all of it was there before its first byte left")
    beta = endpoint.ask(_OK, max_tokens=64, headers={"anthropic-beta": "inspector-2026-01-01"}).arrived()
    if beta.status != 200 and not (beta.status == 400 and beta.refuses_as_the_api):
        yield beta.fail(f"an unknown beta gets {beta.said}; it should be ignored, or refused with 400")


@probe(
    "keep-alive",
    "Two requests on one connection are both answered.",
    requests=2,
    max_tokens=128,
    source="https://www.rfc-editor.org/rfc/rfc9112#name-persistence",
)
def keep_alive(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask twice on one connection."""
    first, second = endpoint.ask_on_one_connection([_OK, _OK], max_tokens=64)
    yield from first.accepted().clean()
    yield from second.accepted().clean()
    if second.connected:
        how = "says so" if first.headers.get("connection", "").lower() == "close" else "does not say so"
        yield second.warn(f"the endpoint closes the connection after each answer, and {how}")


@probe(
    "concurrent",
    "Streams at the same time do not mix.",
    requests=8,
    max_tokens=512,
    source="https://platform.claude.com/docs/en/build-with-claude/streaming",
    seen=("https://github.com/PostHog/posthog/issues/72287",),
)
def concurrent(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for eight different words at the same time."""
    turns = [user(f"Reply with this word and nothing else: {bird}") for bird in _BIRDS]
    answers = endpoint.ask_together(turns, max_tokens=64)
    own = 0
    for bird, answer in zip(_BIRDS, answers, strict=True):
        yield from answer.accepted().clean()
        text = answer.text.lower()
        own += bird in text
        for other in _BIRDS:
            if other in text and other != bird:
                yield answer.fail(f'the answer about "{bird}" has "{other}", which another request named')
    ids = [answer.message.get("id") for answer in answers if answer.message]
    if len(set(map(str, ids))) < len(ids):
        yield answers[0].fail("several messages at the same time have one id")
    if not own:
        raise NotTested("the model repeats none of the words that it is given")
