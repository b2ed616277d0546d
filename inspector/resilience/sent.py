"""What a client was sent: one response, read for what a program could make of it.

A pure reading of the recording that was played, so a fault and a recorded accident are judged alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector import _json
from inspector._json import as_object
from inspector.checker import Verdict, report
from inspector.protocol import TOOL_BLOCKS
from inspector.recording import Ending, Event, Recording

__all__ = ["Sent", "SentTool", "read_sent"]


@dataclass(frozen=True, slots=True)
class SentTool:
    """A tool call as it was sent: its input is JSON text. `is_whole` says whether all of it came."""

    id: str
    name: str
    input: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """One response.

    `status` is None if none came. `verdict` and `detail` are the checker's. `texts` has the text of each
    message that began in it, and `tools` its tool calls. `retry_after` is in seconds; None if the header is
    missing or a date. `should_retry` is the header `x-should-retry`. `end` is how the response ends.
    `rhythm` has the recorded time of each block, and whether it is content: pings and comments are not.
    """

    status: int | None
    verdict: Verdict
    detail: str = ""
    texts: tuple[str, ...] = ()
    tools: tuple[SentTool, ...] = ()
    retry_after: float | None = None
    should_retry: bool | None = None
    end: Ending | None = Ending.COMPLETE
    rhythm: tuple[tuple[float, bool], ...] = ()

    @property
    def text(self) -> str:
        """All text, in order."""
        return "".join(self.texts)

    @property
    def is_whole(self) -> bool:
        """Whether the whole message came."""
        return self.verdict is Verdict.COMPLETE

    @property
    def has_content(self) -> bool:
        """Whether a part of a message came that a program could take for an answer."""
        return bool(self.text or self.tools)


def read_sent(recording: Recording) -> Sent:
    """Read a recording as a client's answer; its request says whether a stream was wanted."""
    judged = report(recording)
    parts = _Parts()
    for event in recording.events():
        parts.add(event)
    rhythm = tuple((block.t, block.data is not None and block.event != "ping") for block in recording.blocks)
    response = recording.response
    verdict, detail = judged.verdict, judged.detail
    if not parts.messages and (message := recording.message()) is not None:
        parts.start(message)
        if as_object(recording.request.json()).get("stream") is not True:
            stop = message.get("stop_reason")
            verdict = Verdict.COMPLETE if stop else Verdict.PARTIAL
            detail = f"{stop or 'no stop reason'}, a message without a stream"
    headers = response.headers if response else {}
    return Sent(
        status=response.status if response else None,
        verdict=verdict,
        detail=detail,
        texts=tuple("".join(pieces) for pieces in parts.messages),
        tools=tuple(parts.tools()),
        retry_after=_retry_after(headers),
        should_retry={"true": True, "false": False}.get(headers.get("x-should-retry", "")),
        end=recording.end.how if recording.end else None,
        rhythm=rhythm,
    )


@dataclass(slots=True)
class _Block:
    start: Mapping[str, Any]
    pieces: list[str] = field(default_factory=list)
    is_stopped: bool = False


class _Parts:
    """The text and the tool calls of a stream, whatever the names of its events."""

    def __init__(self) -> None:
        self.messages: list[list[str]] = []
        self._blocks: list[_Block] = []
        self._by_index: dict[Any, _Block] = {}

    def add(self, event: Event) -> None:
        data = as_object(event.data)
        match data.get("type"):
            case "message_start":
                self.start(as_object(data.get("message")))
            case "content_block_start":
                block = _Block(as_object(data.get("content_block")))
                self._blocks.append(block)
                self._by_index[_key(data)] = block
                self._add_text(block.start.get("text"))
            case "content_block_delta":
                self._delta(self._by_index.get(_key(data)), as_object(data.get("delta")))
            case "content_block_stop":
                if (stopped := self._by_index.get(_key(data))) is not None:
                    stopped.is_stopped = True

    def start(self, message: Mapping[str, Any]) -> None:
        """Begin a message, which may bring content: all of it, if it comes without a stream."""
        self.messages.append([])
        self._by_index = {}
        content = message.get("content")
        for start in map(as_object, content if isinstance(content, list) else ()):
            self._add_text(start.get("text"))
            self._blocks.append(_Block(start, is_stopped=True))

    def tools(self) -> list[SentTool]:
        made = []
        for block in self._blocks:
            if block.start.get("type") in TOOL_BLOCKS:
                text = "".join(block.pieces) or _json.dumps_text(block.start.get("input") or {})
                id_, name = (str(block.start.get(key) or "") for key in ("id", "name"))
                made.append(SentTool(id_, name, text, block.is_stopped and _is_object(text)))
        return made

    def _delta(self, block: _Block | None, delta: Mapping[str, Any]) -> None:
        self._add_text(delta.get("text"))
        if block is not None and isinstance(piece := delta.get("partial_json"), str):
            block.pieces.append(piece)

    def _add_text(self, text: Any) -> None:
        if isinstance(text, str) and self.messages:
            self.messages[-1].append(text)


def _key(data: Mapping[str, Any]) -> Any:
    index = data.get("index")
    return index if isinstance(index, int) else None


def _is_object(text: str) -> bool:
    try:
        return isinstance(_json.loads(text.encode("utf-8", "surrogatepass")), dict)
    except ValueError:
        return False


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how long to wait, in seconds. A date needs a clock, which is not here."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
    return None
