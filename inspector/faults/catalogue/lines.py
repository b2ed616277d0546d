"""Faults of framing: lines, line ends, blank lines, and what stands between the events.

The event-stream standard allows some of these spellings; a correct client sees no difference in them.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from inspector.faults.contents import NotApplicableError, last_of_type
from inspector.faults.edits import frame, response_of, rewritten, spliced
from inspector.faults.parameters import choice, count, fraction, switch, text
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

_LAST_LINE_END = re.compile(rb"(?:\r\n|\n|\r)\Z")
_LINE_END = re.compile(rb"\r\n|\n|\r")
_SECOND_LINE_END = re.compile(rb"(?<=\n)\n|(?<=\r\n)\r\n|(?<=\r)\r")
_NAME_LINE = re.compile(rb"^event:[^\r\n]*(?:\r\n|\n|\r)", re.MULTILINE)
_DATA_LINE = re.compile(rb"^data:( ?)([^\r\n]*)", re.MULTILINE)
_SPACE = re.compile(rb"^(?:event|data):( )", re.MULTILINE)
_TEXT = re.compile(rb'("text": ?")(?!_)')
_STANDARD = "https://html.spec.whatwg.org/multipage/server-sent-events.html"


def _with_blocks(
    recording: Recording, events: Sequence[Event], change: Callable[[Event, bytes], bytes]
) -> Recording:
    """Change the bytes of whole events."""
    response_of(recording)
    return rewritten(recording, [(event, change(event, event.block.raw_bytes)) for event in events])


@fault(
    "no-final-blank",
    incident="https://github.com/farion1231/cc-switch/pull/6541",
    client="finish at a stop_reason, or fail",
)
def no_final_blank(recording: Recording) -> Recording:
    """The blank line after the last event is missing, so parsers drop the event."""
    body = recording.body
    match = _LAST_LINE_END.search(body)
    if not match:
        raise NotApplicableError("its body does not end with a blank line")
    return spliced(recording, [(match.start(), len(body), b"")])


@fault(
    "strip-event-lines",
    fraction("ratio", "which part of the events loses its line, by the seed; 1 is all", 1.0, most=1),
    incident="https://github.com/earendil-works/pi/issues/1983",
    client="treat a stream without events as failed",
)
def strip_event_lines(recording: Recording, ratio: float, chance: Random) -> Recording:
    """The `event:` lines are missing."""
    named = [event for event in recording.events() if event.name is not None]
    if not named:
        raise NotApplicableError("it has no event with a name")
    chosen = [event for event in named if chance.random() < ratio]
    return _with_blocks(recording, chosen, lambda _, raw: _NAME_LINE.sub(b"", raw))


@fault(
    "rename-event",
    text("to", "the new name", "message", least=1),
    events="type:content_block_delta",
    incident="https://platform.claude.com/docs/en/build-with-claude/streaming",
    client="go by the payload's type",
)
def rename_event(recording: Recording, events: Sequence[Event], to: str) -> Recording:
    """The `event:` line has another name than the payload's type."""
    line = b"event: %b" % to.encode()

    def renamed(event: Event, raw: bytes) -> bytes:
        new, count = re.subn(rb"^event:[^\r\n]*", lambda _: line, raw, count=1, flags=re.MULTILINE)
        return new if count else line + b"\n" + raw

    return _with_blocks(recording, events, renamed)


@fault(
    "newlines",
    choice(
        "mode",
        "how lines end",
        {"crlf": "all in CRLF", "cr": "all in CR", "mixed": "blank lines in CRLF, all others as they were"},
    ),
    incident="https://github.com/hey-api/hey-api/issues/3054",
    client="accept LF, CRLF and CR, also mixed",
)
def newlines(recording: Recording, mode: str) -> Recording:
    """Lines end in CRLF, in CR, or in both LF and CRLF."""
    body = recording.body
    if not _LINE_END.search(body):
        raise NotApplicableError("its body has no line end")
    pattern = _SECOND_LINE_END if mode == "mixed" else _LINE_END
    end = b"\r" if mode == "cr" else b"\r\n"
    return spliced(recording, [(match.start(), match.end(), end) for match in pattern.finditer(body)])


@fault(
    "no-space",
    incident="https://github.com/aaif-goose/goose/issues/7928",
    client="accept `data:` with and without a space after it",
)
def no_space(recording: Recording) -> Recording:
    """There is no space after `event:` and `data:`."""
    spaces = list(_SPACE.finditer(recording.body))
    if not spaces:
        raise NotApplicableError("its body has no space after a field's name")
    return spliced(recording, [(match.start(1), match.end(1), b"") for match in spaces])


@fault(
    "bom",
    incident=_STANDARD,
    client="skip one byte order mark",
)
def bom(recording: Recording) -> Recording:
    """The body begins with a byte order mark."""
    response_of(recording)
    return spliced(recording, [(0, 0, b"\xef\xbb\xbf")])


@fault(
    "multiline-data",
    events="type:content_block_delta",
    incident=_STANDARD,
    client="join the lines with LF",
)
def multiline_data(recording: Recording, events: Sequence[Event]) -> Recording:
    """A payload is spread over three `data:` lines."""

    def spread(event: Event, raw: bytes) -> bytes:
        match = _DATA_LINE.search(raw)
        data = match[2] if match else b""
        if not match or not isinstance(event.data, dict) or data[:1] != b"{" or data.rstrip()[-1:] != b"}":
            raise NotApplicableError(f"event {event.number} is not a JSON object on one line")
        inner = data.rstrip()[1:-1]
        lines = b"\n".join(b"data: %b" % line for line in (b"{", inner, b"}"))
        return raw[: match.start()] + lines + raw[match.end() :]

    return _with_blocks(recording, events, spread)


@fault(
    "unicode-sep",
    choice(
        "char",
        "which one",
        {"2028": "U+2028 LINE SEPARATOR", "2029": "U+2029 PARAGRAPH SEPARATOR", "85": "U+0085 NEXT LINE"},
    ),
    events="type:text_delta",
    incident="https://github.com/langgenius/dify/pull/39008",
    client="not split lines as `str.splitlines` does",
)
def unicode_sep(recording: Recording, events: Sequence[Event], char: str) -> Recording:
    """A text contains a Unicode line separator, which ends no line of an event stream."""
    separator = chr(int(char, 16)).encode()

    def separated(event: Event, raw: bytes) -> bytes:
        new, count = _TEXT.subn(rb"\1" + separator, raw, count=1)
        if not count:
            raise NotApplicableError(f"event {event.number} has no text")
        return new

    return _with_blocks(recording, events, separated)


@fault(
    "merge-frames",
    count("count", "how many events become one; default: all", None, least=2),
    incident="https://github.com/rexxars/eventsource-parser/pull/31",
    client="report a payload that cannot be read",
)
def merge_frames(recording: Recording, count: int | None) -> Recording:
    """One LF stands between events instead of two, so several become one."""
    events = list(recording.events())
    if len(events) < 2:
        raise NotApplicableError(f"it has {len(events)} events, and this takes two")
    joined = [event for event in events[:-1] if count is None or event.number % count]
    return _with_blocks(recording, joined, lambda _, raw: _LAST_LINE_END.sub(b"", raw))


@fault(
    "done-sentinel",
    choice(
        "mode",
        "where it stands",
        {"append": "after the last event", "replace": "in place of message_stop"},
    ),
    switch("named", "whether an `event: done` line comes with it", False),
    incident="https://github.com/huggingface/tau/pull/692",
    client="skip what it does not know once the message is complete",
)
def done_sentinel(recording: Recording, mode: str, named: bool) -> Recording:
    """OpenAI's `[DONE]` ends the stream."""
    done = frame("done" if named else None, b"[DONE]")
    if mode == "append":
        response_of(recording)
        end = len(recording.body)
        return spliced(recording, [(end, end, done)])
    return rewritten(recording, [(last_of_type(recording, "message_stop"), done)])


@fault(
    "comment-inject",
    count("every", "after how many events a comment comes", 1, least=1),
    text("text", "the text of the comments", "OPENROUTER PROCESSING"),
    text("id", "an `id:` line for every event; default: none", None),
    incident="https://github.com/theopenco/llmgateway/pull/2334",
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
        raise NotApplicableError(f"it has {len(events)} events")
    return _with_blocks(recording, events, commented)
