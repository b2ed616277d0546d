"""The timeline: one row for every block of a stream, as people read it.

A row says what arrived, when, how long after the row before, to which content block it belongs, and what is
in it: text and tool JSON as they grow, and also what an SDK hides or drops. The text is that of the stream;
whoever shows it must escape it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from inspector import _json, sse
from inspector._json import as_object, as_text
from inspector.aws_frames import parse_frame
from inspector.protocol import DELTA_TEXT, EVENT_TYPES, TOOL_BLOCKS
from inspector.recording import Head, TimedBlock

__all__ = ["BODY", "Row", "Timeline", "Tone", "claims_stream", "usage_text"]

BODY = "(body)"
"""The name of a row that holds a piece of a body that is no stream."""


def claims_stream(head: Head) -> bool:
    """Return whether a response's content type is that of an event stream, or absent."""
    kind = head.response.headers.get("content-type", "") if head.response else ""
    return not kind or kind.startswith("text/event-stream")


class Tone(Enum):
    """What the content of a row is; colours may show it."""

    TEXT = "text"
    THINKING = "thinking"
    JSON = "json"
    FACT = "fact"
    QUIET = "quiet"
    ODD = "odd"
    ERROR = "error"


class Row(NamedTuple):
    """One block of the stream.

    `number` is that of its event, None if the block dispatches no event. `t` and `gap` are seconds: since the
    request, and since the row before. `block` is the index of the content block, `kind` its type or that of
    the delta. `types` are the names that select the row: of the event, the payload, the delta, the content
    block.
    """

    number: int | None
    t: float
    gap: float
    name: str
    block: int | None
    kind: str
    content: str
    tone: Tone
    types: frozenset[str] = frozenset()


class _Content(NamedTuple):
    """The fields of a row that come from the block's payload."""

    block: int | None
    kind: str
    content: str
    tone: Tone


class Timeline:
    """Turn blocks into rows, one at a time, in the order in which they come.

    `stream` says whether the response claims to be an event stream. If not, its blocks are plain text. So is
    a body that is JSON, whatever the response claims.
    `binary` says that the stream is AWS's, of binary frames.
    """

    def __init__(self, *, stream: bool = True, binary: bool = False) -> None:
        self.stream = stream
        self._binary = binary
        self._last = 0.0
        self._number = 0
        self._has_begun = False
        self._kinds: dict[int | None, str] = {}
        self._json: dict[int | None, list[str]] = {}

    def rows(self, blocks: Iterable[TimedBlock]) -> Iterator[Row]:
        """Yield a row for each block."""
        return map(self.row, blocks)

    def row(self, block: TimedBlock) -> Row:
        """Return the row of the next block."""
        gap, self._last = block.t - self._last, block.t
        is_first, self._has_begun = not self._has_begun, True
        if block.data is None:
            if is_first and _is_json(block.raw):
                self.stream = self._binary = False  # whatever the content type says
            describe = _bad_frame if self._binary else _without_event if self.stream else _plain_body
            name, content = describe(block.raw)
            return Row(None, block.t, gap, name, *content)
        self._number += 1
        name = block.event if block.event is not None else "(unnamed)"
        content, types = self._event(block.event, block.data)
        return Row(self._number, block.t, gap, name, *content, frozenset({name, *types}))

    def _event(self, name: str | None, data: bytes) -> tuple[_Content, set[str]]:
        try:
            payload = _json.loads(data)
        except ValueError as error:
            text = data.decode("utf-8", "replace")
            problem = str(error) if isinstance(error, _json.TooDeepError) else "not JSON"
            return _Content(None, "", f"{problem}: {text}", Tone.ERROR), set()
        if not isinstance(payload, dict):
            return _Content(None, "", f"not an object: {_compact(payload)}", Tone.ERROR), set()
        kind = payload.get("type")
        describe = _CONTENT.get(kind, Timeline._unknown) if isinstance(kind, str) else Timeline._unknown
        content = describe(self, payload)
        types = (kind, as_object(payload.get("delta")).get("type"), self._kinds.get(content.block))
        return _with_name(name, kind, content), {each for each in types if isinstance(each, str)}

    def _message_start(self, payload: dict[str, Any]) -> _Content:
        message = as_object(payload.get("message"))
        preset = message.get("content")
        count = len(preset) if isinstance(preset, list) else 0
        text = _join(
            *(as_text(message[key]) for key in ("model", "id") if message.get(key)),
            f"already has {count} content block{'s' * (count > 1)}" if count else "",
            usage_text(as_object(message.get("usage"))),
        )
        return _Content(None, "", text, Tone.FACT)

    def _block_start(self, payload: dict[str, Any]) -> _Content:
        block, index = as_object(payload.get("content_block")), _index(payload)
        kind = as_text(block.get("type", "?"))
        self._kinds[index] = kind
        self._json[index] = []
        return _Content(index, kind, _block_text(kind, block), Tone.FACT)

    def _delta(self, payload: dict[str, Any]) -> _Content:
        delta, index = as_object(payload.get("delta")), _index(payload)
        type_ = as_text(delta.get("type", "?"))
        kind = type_.removesuffix("_delta")
        text = delta.get(DELTA_TEXT.get(type_, ""))
        if type_ == "citations_delta":
            return _Content(index, kind, _citation(as_object(delta.get("citation"))), Tone.FACT)
        if not isinstance(text, str):
            return _Content(index, kind, _compact(delta), Tone.ODD)
        if type_ == "input_json_delta":
            self._json.setdefault(index, []).append(text)
        if type_ == "signature_delta":
            return _Content(index, kind, f"{len(text)} characters", Tone.QUIET)
        return _Content(index, kind, text, _DELTA_TONES.get(type_, Tone.TEXT))

    def _block_stop(self, payload: dict[str, Any]) -> _Content:
        index = _index(payload)
        kind = self._kinds.get(index, "?")
        text = "".join(self._json.pop(index, []))
        if kind not in TOOL_BLOCKS or not text:
            return _Content(index, kind, "", Tone.QUIET)
        if not _json.valid(text.encode("utf-8", "surrogatepass")):
            return _Content(index, kind, f"input is not valid JSON: {text}", Tone.ERROR)
        return _Content(index, kind, text, Tone.JSON)

    def _message_delta(self, payload: dict[str, Any]) -> _Content:
        delta = as_object(payload.get("delta"))
        text = _join(
            as_text(delta["stop_reason"]) if delta.get("stop_reason") else "",
            _compact(delta["stop_sequence"]) if delta.get("stop_sequence") else "",
            usage_text(as_object(payload.get("usage"))),
        )
        return _Content(None, "", text, Tone.FACT)

    def _error(self, payload: dict[str, Any]) -> _Content:
        error = as_object(payload.get("error"))
        return _Content(
            None, "", f"{as_text(error.get('type', '?'))}: {as_text(error.get('message', ''))}", Tone.ERROR
        )

    def _other_fields(self, payload: dict[str, Any]) -> _Content:
        fields = {key: value for key, value in payload.items() if key != "type"}
        return _Content(None, "", _compact(fields) if fields else "", Tone.QUIET)

    def _unknown(self, payload: dict[str, Any]) -> _Content:
        return _Content(_index(payload), "", _compact(payload), Tone.ODD)


_CONTENT: dict[str, Callable[[Timeline, dict[str, Any]], _Content]] = {
    "message_start": Timeline._message_start,
    "content_block_start": Timeline._block_start,
    "content_block_delta": Timeline._delta,
    "content_block_stop": Timeline._block_stop,
    "message_delta": Timeline._message_delta,
    "message_stop": Timeline._other_fields,
    "ping": Timeline._other_fields,
    "error": Timeline._error,
}

_DELTA_TONES = {"thinking_delta": Tone.THINKING, "input_json_delta": Tone.JSON}


def _with_name(name: str | None, kind: Any, content: _Content) -> _Content:
    """Say it if an event's name and its payload's type differ, because SDKs go by the name."""
    if name is None:
        text = _join(f"{as_text(kind)}, without a name: SDKs skip it", content.content)
    elif name != kind and not EVENT_TYPES.isdisjoint((name, as_text(kind))):
        text = _join(f"the payload's type is {as_text(kind)}", content.content)
    else:
        return content
    return content._replace(content=text, tone=Tone.ODD)


def _without_event(raw: bytes) -> tuple[str, _Content]:
    """Name and describe a block that dispatches no event. An SDK shows nothing of it."""
    text = raw.decode("utf-8", "replace")
    if not sse.is_finished(raw):
        return "(unfinished)", _Content(None, "", text, Tone.ODD)
    if not raw.strip(b"\r\n"):
        return "(blank)", _Content(None, "", "", Tone.QUIET)
    if all(name == b"" for name, _ in sse.fields(raw)):
        comment = " ".join(value.decode("utf-8", "replace") for _, value in sse.fields(raw))
        return "(comment)", _Content(None, "", comment, Tone.QUIET)
    return "(no event)", _Content(None, "", text.rstrip("\r\n"), Tone.ODD)


def _bad_frame(raw: bytes) -> tuple[str, _Content]:
    """Name a binary frame that dispatches no event, and say what is wrong with it."""
    frame = parse_frame(raw)
    name, tone = ("(unfinished)", Tone.ODD) if frame.cut else ("(bad frame)", Tone.ERROR)
    return name, _Content(None, "", frame.problem, tone)


def _is_json(raw: bytes) -> bool:
    """Whether the first block is an object or an array, and so a body that is no stream."""
    return raw.lstrip().startswith((b"{", b"[")) and _json.valid(raw)


def _plain_body(raw: bytes) -> tuple[str, _Content]:
    return BODY, _Content(None, "", raw.decode("utf-8", "replace").rstrip("\r\n"), Tone.FACT)


def _block_text(kind: str, block: dict[str, Any]) -> str:
    """Describe what a content block already has when it starts."""
    if kind in ("text", "thinking"):
        return as_text(block[kind]) if block.get(kind) else ""
    if kind in TOOL_BLOCKS:
        names = (as_text(block[key]) for key in ("server_name", "name", "id") if block.get(key))
        return _join(*names, _compact(block["input"]) if block.get("input") else "")
    if kind == "redacted_thinking":
        return f"{len(as_text(block.get('data', '')))} characters"
    fields = {key: value for key, value in block.items() if key != "type"}
    return _compact(fields) if fields else ""


def _citation(citation: dict[str, Any]) -> str:
    sources = (citation.get(key) for key in ("url", "source", "title", "document_title"))
    source = next((as_text(each) for each in sources if each), "")
    cited = as_text(citation.get("cited_text") or "")
    return _join(as_text(citation.get("type", "")), source, f"“{cited}”" if cited else "")


_USAGE = {
    "input_tokens": "in",
    "output_tokens": "out",
    "cache_read_input_tokens": "from cache",
    "cache_creation_input_tokens": "to cache",
}


def usage_text(usage: dict[str, Any]) -> str:
    """Return a usage as people read it: `25 in, 12 out, 1,024 from cache`."""
    counts = []
    for key, label in _USAGE.items():
        count = usage.get(key)
        if isinstance(count, int) and (count or label in ("in", "out")):
            counts.append(f"{count:,} {label}")
    return ", ".join(counts)


def _join(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _compact(value: Any) -> str:
    return _json.dumps_text(value)


def _index(payload: dict[str, Any]) -> int | None:
    index = payload.get("index")
    return index if isinstance(index, int) else None
