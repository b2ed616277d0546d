"""The timeline: one row for every block of a stream, in the words of a person reading it.

A row says what arrived, when, how long after the one before, to which content block it belongs, and what
is in it: text and tool JSON as they grow, and also what an SDK hides or drops. Text is as the stream has
it; who shows it must escape it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

from inspector import _json, sse
from inspector.protocol import DELTA_TEXT, EVENT_TYPES, TOOL_BLOCKS
from inspector.recording import TimedBlock

__all__ = ["Row", "Timeline", "Tone", "usage_words"]


class Tone(Enum):
    """What a row's content is, so that it can be told apart by colour."""

    TEXT = "text"
    THINKING = "thinking"
    JSON = "json"
    FACT = "fact"
    QUIET = "quiet"
    ODD = "odd"
    ERROR = "error"


class Row(NamedTuple):
    """One block, for reading.

    `number` is the event's, None where the block dispatches none. `t` and `gap` are seconds: since the
    request, and since the row before. `block` is the content block's index. `types` are the names by which
    the row can be chosen: the event's, the payload's, the delta's, the content block's.
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


class _Told(NamedTuple):
    block: int | None
    kind: str
    content: str
    tone: Tone


class Timeline:
    """Turn blocks into rows, one at a time, as they come.

    `stream` says whether the body claims to be an event stream, so that what is in none is told as odd.
    """

    def __init__(self, *, stream: bool = True) -> None:
        self._stream = stream
        self._last = 0.0
        self._number = 0
        self._kinds: dict[Any, str] = {}
        self._json: dict[Any, list[str]] = {}

    def rows(self, blocks: Iterable[TimedBlock]) -> Iterator[Row]:
        """Yield a row for each block."""
        return map(self.row, blocks)

    def row(self, block: TimedBlock) -> Row:
        """Describe the next block."""
        gap, self._last = block.t - self._last, block.t
        if block.data is None:
            name, told = _silent(block.raw) if self._stream else _plain_body(block.raw)
            return Row(None, block.t, gap, name, *told)
        self._number += 1
        name = block.event if block.event is not None else "(unnamed)"
        told, types = self._tell(block)
        return Row(self._number, block.t, gap, name, *told, frozenset({name, *types}))

    def _tell(self, block: TimedBlock) -> tuple[_Told, set[str]]:
        try:
            data = _json.loads(block.data or b"")
        except ValueError:
            text = (block.data or b"").decode("utf-8", "replace")
            return _Told(None, "", f"not JSON: {text}", Tone.ERROR), set()
        if not isinstance(data, dict):
            return _Told(None, "", f"not an object: {_compact(data)}", Tone.ERROR), set()
        kind = data.get("type")
        tell = _TELLERS.get(kind) if isinstance(kind, str) else None
        told = tell(self, data) if tell else _unknown(data)
        types = {kind, _dict(data.get("delta")).get("type"), self._kinds.get(told.block)}
        return _with_name(block.event, kind, told), {name for name in types if isinstance(name, str)}

    def _message_start(self, data: dict[str, Any]) -> _Told:
        message = _dict(data.get("message"))
        words = [str(message.get(key)) for key in ("model", "id") if message.get(key)]
        usage = usage_words(_dict(message.get("usage")))
        content = message.get("content")
        if content:
            words.append(f"already holds {len(content)} content blocks")
        return _Told(None, "", " · ".join([*words, *([usage] if usage else [])]), Tone.FACT)

    def _block_start(self, data: dict[str, Any]) -> _Told:
        block, index = _dict(data.get("content_block")), _index(data)
        kind = str(block.get("type", "?"))
        self._kinds[index] = kind
        self._json[index] = []
        return _Told(index, kind, _describe_block(kind, block), Tone.FACT)

    def _delta(self, data: dict[str, Any]) -> _Told:
        delta, index = _dict(data.get("delta")), _index(data)
        kind = str(delta.get("type", "?"))
        text = delta.get(DELTA_TEXT.get(kind, ""))
        where = kind.removesuffix("_delta")
        if kind == "citations_delta":
            return _Told(index, where, _citation(_dict(delta.get("citation"))), Tone.FACT)
        if not isinstance(text, str):
            return _Told(index, where, _compact(delta), Tone.ODD)
        if kind == "input_json_delta":
            self._json.setdefault(index, []).append(text)
        if kind == "signature_delta":
            return _Told(index, where, f"{len(text)} characters", Tone.QUIET)
        return _Told(index, where, text, _DELTA_TONES.get(kind, Tone.TEXT))

    def _block_stop(self, data: dict[str, Any]) -> _Told:
        index = _index(data)
        kind = self._kinds.get(index, "?")
        text = "".join(self._json.pop(index, []))
        if kind not in TOOL_BLOCKS or not text:
            return _Told(index, kind, "", Tone.QUIET)
        try:
            _json.loads(text.encode("utf-8", "surrogatepass"))
        except ValueError:
            return _Told(index, kind, f"input is not whole JSON: {text}", Tone.ERROR)
        return _Told(index, kind, text, Tone.JSON)

    def _message_delta(self, data: dict[str, Any]) -> _Told:
        delta = _dict(data.get("delta"))
        words = [str(delta["stop_reason"])] if delta.get("stop_reason") else []
        if delta.get("stop_sequence"):
            words.append(_compact(delta["stop_sequence"]))
        usage = usage_words(_dict(data.get("usage")))
        return _Told(None, "", " · ".join([*words, *([usage] if usage else [])]), Tone.FACT)

    def _error(self, data: dict[str, Any]) -> _Told:
        error = _dict(data.get("error"))
        return _Told(None, "", f"{error.get('type', '?')}: {error.get('message', '')}", Tone.ERROR)

    def _nothing(self, data: dict[str, Any]) -> _Told:
        rest = {key: value for key, value in data.items() if key != "type"}
        return _Told(None, "", _compact(rest) if rest else "", Tone.QUIET)


_TELLERS: dict[str, Callable[[Timeline, dict[str, Any]], _Told]] = {
    "message_start": Timeline._message_start,
    "content_block_start": Timeline._block_start,
    "content_block_delta": Timeline._delta,
    "content_block_stop": Timeline._block_stop,
    "message_delta": Timeline._message_delta,
    "message_stop": Timeline._nothing,
    "ping": Timeline._nothing,
    "error": Timeline._error,
}

_DELTA_TONES = {"thinking_delta": Tone.THINKING, "input_json_delta": Tone.JSON, "compaction_delta": Tone.TEXT}


def _unknown(data: dict[str, Any]) -> _Told:
    return _Told(_index(data), "", _compact(data), Tone.ODD)


def _with_name(name: str | None, kind: Any, told: _Told) -> _Told:
    """Say when an event's name and its payload do not belong together: SDKs go by the name."""
    if name is None:
        return told._replace(
            content=_join(f"{kind}, without a name: SDKs skip it", told.content), tone=Tone.ODD
        )
    if name != kind and (name in EVENT_TYPES or kind in EVENT_TYPES):
        return told._replace(content=_join(f"the payload's type is {kind}", told.content), tone=Tone.ODD)
    return told


def _join(*words: str) -> str:
    return " · ".join(word for word in words if word)


def _silent(raw: bytes) -> tuple[str, _Told]:
    """A block that dispatches nothing: what the SDK never tells."""
    text = raw.decode("utf-8", "replace")
    if not sse.is_finished(raw):
        return "(unfinished)", _Told(None, "", text, Tone.ODD)
    fields = sse.fields(raw)
    if not fields:
        return "(blank)", _Told(None, "", "", Tone.QUIET)
    if all(name == b"" for name, _ in fields):
        comment = " ".join(value.decode("utf-8", "replace") for _, value in fields)
        return "(comment)", _Told(None, "", comment, Tone.QUIET)
    return "(no event)", _Told(None, "", text.rstrip("\r\n"), Tone.ODD)


def _plain_body(raw: bytes) -> tuple[str, _Told]:
    return "(body)", _Told(None, "", raw.decode("utf-8", "replace").rstrip("\r\n"), Tone.FACT)


def _describe_block(kind: str, block: dict[str, Any]) -> str:
    rest = {key: value for key, value in block.items() if key != "type"}
    if kind == "text":
        return str(rest.get("text") or "")
    if kind == "thinking":
        return str(rest.get("thinking") or "")
    if kind in TOOL_BLOCKS:
        words = [str(rest[key]) for key in ("server_name", "name", "id") if rest.get(key)]
        return _join(*words, _compact(rest["input"]) if rest.get("input") else "")
    if kind == "redacted_thinking":
        return f"{len(str(rest.get('data', '')))} characters"
    return _compact(rest) if rest else ""


def _citation(citation: dict[str, Any]) -> str:
    source = next(
        (citation[key] for key in ("url", "source", "title", "document_title") if citation.get(key)), ""
    )
    cited = str(citation.get("cited_text") or "")
    return _join(str(citation.get("type", "")), str(source), f"“{cited}”" if cited else "")


def usage_words(usage: dict[str, Any]) -> str:
    """Say a usage in a few words: `25 in, 12 out, 1,024 from cache`."""
    names = (
        ("input_tokens", "in"),
        ("output_tokens", "out"),
        ("cache_read_input_tokens", "from cache"),
        ("cache_creation_input_tokens", "to cache"),
    )
    words = []
    for key, word in names:
        count = usage.get(key)
        if isinstance(count, int) and (count or word in ("in", "out")):
            words.append(f"{count:,} {word}")
    return ", ".join(words)


def _compact(value: Any) -> str:
    return _json.dumps_text(value)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _index(data: dict[str, Any]) -> int | None:
    index = data.get("index")
    return index if isinstance(index, int) else None
