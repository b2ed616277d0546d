"""A recording without what a `Redaction` hides: the same blocks, times and lengths.

It is what a tap writes if its recordings lose more than secrets and ids, and what `inspector redact` makes of
recordings that exist already. What was hidden before stays as it is.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from inspector import _json
from inspector.aws_frames import PRELUDE_SIZE, is_frame_start
from inspector.recording.bedrock import is_binary, reframed
from inspector.recording.masking import BlockMask, index_of, texts_of, with_data, with_text
from inspector.recording.one_recording import one_recording
from inspector.recording.values import Head, Recording, TimedBlock
from inspector.redact import (
    ContentMask,
    Mask,
    PatternMask,
    Pseudonyms,
    Redaction,
    allowed_headers,
    pseudonyms_for,
)
from inspector.redact.identifiers import ID_KINDS

__all__ = ["redacted"]

_BASE64 = re.compile(rb'("base64": ?")([A-Za-z0-9+/=]*)(")')
_DATA = re.compile(rb"^(data:[ ]?)([^\r\n]+)", re.MULTILINE)
_NOT_DATA = re.compile(rb"^(?!data)[^\r\n]+", re.MULTILINE)


def redacted(recording: Recording, redaction: Redaction | None = None) -> Recording:
    """Return a recording without secrets, ids, and what `redaction` names. Nothing is hidden twice."""
    recording = one_recording(recording)
    if not is_binary(recording.head):
        return _redacted(recording, redaction)
    # A frame's event stands in base64, where nobody can see it: hide it as text, and write the frame anew.
    text = tuple(block if block.data is None else block._replace(raw=b"") for block in recording.blocks)
    hidden = _redacted(replace(recording, blocks=text), redaction)
    pairs = zip(recording.blocks, hidden.blocks, strict=True)
    return replace(hidden, blocks=tuple(reframed(before, after) for before, after in pairs))


def _redacted(recording: Recording, redaction: Redaction | None) -> Recording:
    counts: Counter[str] = Counter()
    before = _counted(recording)
    pseudonyms = pseudonyms_for(redaction)
    if pseudonyms and ID_KINDS & before.keys():
        pseudonyms = _Kept()
    response = recording.response.headers.items() if recording.response else ()
    mask = Mask(recording.request.headers.items(), response, pseudonyms=pseudonyms)
    mask.counts = counts
    head = _head(recording.head, mask)
    blocks = BlockMask(mask)(recording.blocks)
    error = recording.end and recording.end.error
    others = tuple((at, _line(line, mask)) for at, line in recording.others)
    end = recording.end and recording.end._replace(error=error and mask.counted(error))
    if isinstance(pseudonyms, _Kept):
        for kind in ID_KINDS:
            counts.pop(kind, None)
    if redaction and redaction.patterns:
        patterns = PatternMask(redaction.patterns, counts)
        head = _with_body(head, lambda body: _searched(body, patterns))
        blocks = _without_matches(blocks, patterns)
    if redaction and redaction.content:
        content = ContentMask(redaction.content, counts)
        head = _with_body(head, content.request)
        binary = is_binary(recording.head)
        blocks = [_without_content(block, content, binary=binary) for block in blocks]
    return _counting(
        replace(recording, head=head, blocks=tuple(blocks), others=others, end=end), before + counts
    )


class _Kept(Pseudonyms):
    """The pseudonyms of ids that are pseudonyms already: they stay."""

    def of(self, value: bytes) -> bytes:
        return value


def _counted(recording: Recording) -> Counter[str]:
    """Return what was hidden when the recording was written."""
    extra = recording.end.extra if recording.end else recording.head.extra
    counts = (extra or {}).get("redacted")
    known = counts.items() if isinstance(counts, dict) else ()
    return Counter({str(kind): count for kind, count in known if isinstance(count, int)})


def _counting(recording: Recording, counts: Counter[str]) -> Recording:
    """Note in the end what was hidden; in the head if the recording has no end."""
    if not counts:
        return recording
    said = {"redacted": dict(sorted(counts.items()))}
    if recording.end is None:
        return replace(
            recording, head=replace(recording.head, extra={**(recording.head.extra or {}), **said})
        )
    return replace(recording, end=recording.end._replace(extra={**(recording.end.extra or {}), **said}))


def _head(head: Head, mask: Mask) -> Head:
    request, response = head.request, head.response
    mask.learn(request.url.encode("utf-8", "surrogatepass"))
    mask.learn(request.body or b"")
    headers, withheld = allowed_headers(request.headers.items(), mask=mask)
    if response is not None:
        answered, dropped = allowed_headers(response.headers.items(), response=True, mask=mask)
        names = tuple(sorted({*response.withheld, *dropped}))
        response = replace(response, headers=answered, withheld=names)
    request = replace(
        request,
        url=mask.url(request.url),
        headers=headers,
        withheld=tuple(sorted({*request.withheld, *withheld})),
        body=request.body and mask.request(request.body),
    )
    return replace(head, request=request, response=response)


def _with_body(head: Head, hide: Callable[[bytes], bytes]) -> Head:
    body = head.request.body
    return replace(head, request=replace(head.request, body=hide(body))) if body else head


def _line(line: bytes, mask: Mask) -> bytes:
    """Mask a line of another kind; what it has in base64 is masked as the bytes that it stands for."""

    def decoded(match: re.Match[bytes]) -> bytes:
        try:
            raw = base64.b64decode(match[2], validate=True)
        except ValueError:
            return match[0]
        return match[1] + base64.b64encode(mask.counting(raw)[0]) + match[3]

    return _BASE64.sub(decoded, mask.counting(line)[0])


# What a user's patterns match


def _searched(text: bytes, patterns: PatternMask) -> bytes:
    return patterns.json(text) if _json.valid(text) else patterns.text(text)


def _without_matches(blocks: Sequence[TimedBlock], patterns: PatternMask) -> list[TimedBlock]:
    """Hide matches: first in the texts that deltas are pieces of, then in each block."""
    masked = list(blocks)
    for texts in texts_of(masked).values():
        hidden, at = patterns.string(b"".join([text[1] for _, text in texts])), 0
        for number, text in texts:
            size = len(text[1])
            if hidden[at : at + size] != text[1]:
                masked[number] = with_text(masked[number], text.start(1), hidden[at : at + size])
            at += size
    return [_without_match(block, patterns) for block in masked]


def _without_match(block: TimedBlock, patterns: PatternMask) -> TimedBlock:
    if block.data is not None:
        block = with_data(block, _searched(block.data, patterns))
    elif block.raw.strip()[:1] in (b"{", b"["):  # the body of an error, or of a message that did not stream
        return block._replace(raw=_searched(block.raw, patterns))
    return block._replace(raw=_NOT_DATA.sub(lambda line: patterns.text(line[0]), block.raw))


# What was said


def _without_content(block: TimedBlock, content: ContentMask, *, binary: bool) -> TimedBlock:
    if block.data is not None:
        is_json = _json.valid(block.data.decode("latin-1").encode())  # also JSON whose text is not UTF-8
        hidden = content.response(block.data, index_of(block.data)) if is_json else content.broken(block.data)
        return with_data(block, hidden)
    raw = block.raw
    if raw.strip()[:1] in (b"{", b"["):
        return block._replace(raw=content.response(raw) if _json.valid(raw) else content.broken(raw))
    if binary:  # no sound frame: nobody knows what in it was said, and its event may stand in base64
        start = PRELUDE_SIZE if is_frame_start(raw) else 0
        return block._replace(raw=raw[:start] + content.broken(raw[start:]))
    # A block that broke off has no data, and a line that holds it all the same.
    return block._replace(raw=_DATA.sub(lambda line: line[1] + content.broken(line[2]), raw))
