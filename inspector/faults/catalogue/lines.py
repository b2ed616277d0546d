"""Faults of framing: lines, line ends, blank lines, and what stands between the events.

Some of these are other spellings that the event-stream standard allows, and a correct client sees no
difference in them. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from inspector.faults.edits import answered, rewritten, spliced
from inspector.faults.parameters import choice, count, fraction, switch, text
from inspector.faults.payload_edits import event_of, frame
from inspector.faults.positions import Unfit
from inspector.faults.registry import fault
from inspector.recording import Event, Recording

__all__ = [
    "bom",
    "comment_inject",
    "done_sentinel",
    "merge_frames",
    "multiline_data",
    "newlines",
    "no_final_blank",
    "no_space",
    "rename_event",
    "strip_event_lines",
    "unicode_sep",
]

_END = re.compile(rb"(?:\r\n|\n|\r)\Z")
_ENDS = re.compile(rb"\r\n|\n|\r")
_NAME_LINE = re.compile(rb"^event:[^\r\n]*(?:\r\n|\n|\r)", re.MULTILINE)
_DATA_LINE = re.compile(rb"^data:( ?)([^\r\n]*)", re.MULTILINE)
_STANDARD = "https://html.spec.whatwg.org/multipage/server-sent-events.html"


def _blocks(
    recording: Recording, events: Sequence[Event], change: Callable[[Event, bytes], bytes]
) -> Recording:
    answered(recording)
    return rewritten(recording, [(event, change(event, event.block.raw_bytes)) for event in events])


@fault(
    "no-final-blank",
    incident="https://github.com/farion1231/cc-switch/pull/6541",
    sdk="raises nothing: the last event is dropped",
    client="be done at a stop_reason, or fail",
)
def no_final_blank(recording: Recording) -> Recording:
    """The blank line after the last event is missing, so that a parser drops the event."""
    body = recording.body
    match = _END.search(body)
    if not match:
        raise Unfit("its body does not end with a blank line")
    return spliced(recording, [(match.start(), len(body), b"")])


@fault(
    "strip-event-lines",
    fraction("ratio", "how many of the events lose theirs, 1 is all, by the seed", 1.0, most=1),
    incident="https://github.com/earendil-works/pi/issues/1983",
    sdk=(
        "create(stream=True): nothing at all, the loop just ends; messages.stream(): a bare "
        "AssertionError; with some left, the others are lost"
    ),
    client="fail on a stream without events",
)
def strip_event_lines(recording: Recording, ratio: float, chance: Random) -> Recording:
    """The `event:` lines are missing."""
    named = [event for event in recording.events() if event.name is not None]
    if not named:
        raise Unfit("there is no event with a name in it")
    chosen = [event for event in named if chance.random() < ratio]
    return _blocks(recording, chosen, lambda _, raw: _NAME_LINE.sub(b"", raw))


@fault(
    "rename-event",
    text("to", "the name it gets", "message", pattern=r"[^\r\n]+"),
    events="type:content_block_delta",
    incident="https://platform.claude.com/docs/en/build-with-claude/streaming",
    sdk=(
        "goes by the payload's type: nothing, also under a name it does not know (0.x: dropped); `ping`: "
        "the event is dropped"
    ),
    client="go by the payload's type",
)
def rename_event(recording: Recording, events: Sequence[Event], to: str) -> Recording:
    """The `event:` line says another name than the payload's type."""
    line = b"event: %b" % to.encode()

    def renamed(event: Event, raw: bytes) -> bytes:
        found = re.subn(rb"^event:[^\r\n]*", lambda _: line, raw, count=1, flags=re.MULTILINE)
        return found[0] if found[1] else line + b"\n" + raw

    return _blocks(recording, events, renamed)


@fault(
    "newlines",
    choice("mode", "what ends a line; mixed: LF, but CRLF the blank line", "crlf", "cr", "mixed"),
    incident="https://github.com/hey-api/hey-api/issues/3054",
    sdk="crlf, cr: nothing; mixed: holds every event back until the body ends",
    client="take LF, CRLF and CR, also mixed",
)
def newlines(recording: Recording, mode: str) -> Recording:
    """Lines end in CRLF, in CR, or in both."""
    body = recording.body
    if not _ENDS.search(body):
        raise Unfit("there is no line end in its body")
    if mode == "mixed":
        found = re.finditer(rb"(?<=\n)\n|(?<=\r\n)\r\n|(?<=\r)\r", body)
        return spliced(recording, [(m.start(), m.end(), b"\r\n") for m in found])
    end = {"crlf": b"\r\n", "cr": b"\r"}[mode]
    return spliced(recording, [(m.start(), m.end(), end) for m in _ENDS.finditer(body)])


@fault(
    "no-space",
    incident="https://github.com/aaif-goose/goose/issues/7928",
    sdk="nothing",
    client="take `data:` with and without a blank after it",
)
def no_space(recording: Recording) -> Recording:
    """There is no blank after `event:` and `data:`."""
    found = list(re.finditer(rb"^(?:event|data):( )", recording.body, re.MULTILINE))
    if not found:
        raise Unfit("there is no blank after any field's name")
    return spliced(recording, [(match.start(1), match.end(1), b"") for match in found])


@fault(
    "bom",
    incident=_STANDARD,
    sdk=(
        "loses message_start: create(stream=True) gives the other events, messages.stream() a bare "
        "AssertionError (0.x: RuntimeError)"
    ),
    client="skip one byte order mark",
)
def bom(recording: Recording) -> Recording:
    """The body begins with a byte order mark."""
    answered(recording)
    return spliced(recording, [(0, 0, b"\xef\xbb\xbf")])


@fault(
    "multiline-data",
    events="type:content_block_delta",
    incident=_STANDARD,
    sdk="nothing",
    client="join the lines with LF",
)
def multiline_data(recording: Recording, events: Sequence[Event]) -> Recording:
    """A payload stands on three `data:` lines."""

    def spread(event: Event, raw: bytes) -> bytes:
        match = _DATA_LINE.search(raw)
        data = match[2] if match else b""
        if not match or not isinstance(event.data, dict) or data[:1] != b"{" or data.rstrip()[-1:] != b"}":
            raise Unfit(f"event {event.number} is no JSON object on one line")
        inner = data.rstrip()[1:-1]
        lines = b"\n".join(b"data: %b" % line for line in (b"{", inner, b"}"))
        return raw[: match.start()] + lines + raw[match.end() :]

    return _blocks(recording, events, spread)


@fault(
    "unicode-sep",
    choice("char", "which: U+2028, U+2029 or U+0085", "2028", "2029", "85"),
    events="type:text_delta",
    incident="https://github.com/langgenius/dify/pull/39008",
    sdk="nothing: only LF, CRLF and CR end a line",
    client="not split lines as `str.splitlines` does",
)
def unicode_sep(recording: Recording, events: Sequence[Event], char: str) -> Recording:
    """A text holds a line separator of Unicode, which is no line end in an event stream."""
    separator = chr(int(char, 16)).encode()

    def separated(event: Event, raw: bytes) -> bytes:
        new, found = re.subn(rb'("text": ?")(?!_)', rb"\1" + separator, raw, count=1)
        if not found:
            raise Unfit(f"event {event.number} has no text")
        return new

    return _blocks(recording, events, separated)


@fault(
    "merge-frames",
    count("count", "how many events make one; all that there are unless said", None, least=2),
    incident="https://github.com/rexxars/eventsource-parser/pull/31",
    sdk="JSONDecodeError: one event has several payloads",
    client="say that the payload cannot be read",
)
def merge_frames(recording: Recording, count: int | None) -> Recording:
    """One LF stands between events in the place of two, so that several make one."""
    events = list(recording.events())
    if len(events) < 2:
        raise Unfit("there are no two events in it")
    joined = [event for event in events[:-1] if count is None or event.number % count]
    return _blocks(recording, joined, lambda _, raw: _END.sub(b"", raw))


@fault(
    "done-sentinel",
    choice("mode", "after the last event, or in the place of message_stop", "append", "replace"),
    switch("named", "with an `event: done` line", False),
    incident="https://github.com/huggingface/tau/pull/692",
    sdk="without a name: nothing; with one: JSONDecodeError (0.x: nothing)",
    client="skip what it does not know, once the message is whole",
)
def done_sentinel(recording: Recording, mode: str, named: bool) -> Recording:
    """OpenAI's `[DONE]` ends the stream."""
    done = frame("done" if named else None, b"[DONE]")
    if mode == "append":
        answered(recording)
        return spliced(recording, [(len(recording.body),) * 2 + (done,)])
    return rewritten(recording, [(event_of(recording, "message_stop"), done)])


@fault(
    "comment-inject",
    count("every", "after how many events", 1, least=1),
    text("text", "what it says", "OPENROUTER PROCESSING"),
    text("id", "an `id:` for every event; none unless said", None),
    incident="https://github.com/theopenco/llmgateway/pull/2334",
    sdk="nothing",
    client="ignore comments",
)
def comment_inject(recording: Recording, every: int, text: str, id_: str | None) -> Recording:
    """Comments stand between the events."""
    comment = b": %b\n\n" % text.encode()
    line = b"" if id_ is None else b"id: %b\n" % id_.encode()

    def commented(event: Event, raw: bytes) -> bytes:
        return line + raw + (b"" if event.number % every else comment)

    events = list(recording.events())
    if len(events) < every:
        raise Unfit(f"it has {len(events)} events")
    return _blocks(recording, events, commented)
