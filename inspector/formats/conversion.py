"""From an `Interaction` to the values of a recording. Secrets are masked, as in every recording."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from inspector import _json
from inspector.formats.codings import decoded
from inspector.formats.interaction import Interaction
from inspector.protocol import EVENT_TYPES
from inspector.recording import Absent, Head, Line, Recorder, Request, Response, TimedBlock, is_binary
from inspector.recording.bare import payload_block
from inspector.recording.bedrock import FrameBlocks
from inspector.recording.masking import BlockMask
from inspector.redact import Mask, allowed_headers, mask_url

__all__ = ["belongs", "host_of", "values_of"]

_MESSAGES = re.compile(r"(/v1/messages|/model/[^/]+/invoke(-with-response-stream)?|:(streamR|r)awPredict)/?$")
_COMPLETE = re.compile(r"/v1/complete/?$")
_EVENT = re.compile(rb'\s*(event:[^\r\n]*[\r\n]+)?data: ?\{[^\r\n]*"type": ?"(message_start|ping|error)"')
_STREAM = re.compile(rb"\s*(:|event:|data:)")


def belongs(interaction: Interaction) -> bool:
    """Whether an exchange is one of the Messages API, by its path or by what its response says.

    The old `/v1/complete` counts if it answers with an event stream. `OPTIONS`, which browsers send first,
    never counts.
    """
    if interaction.method.upper() not in ("", "POST"):
        return False
    if interaction.payloads is not None or _is_bedrock(interaction):
        return True
    path = _path(interaction.url)
    if _MESSAGES.search(path):
        return "/model/" not in path or "anthropic" in path or "claude" in path
    body, _ = decoded(interaction.body, _coding(interaction))
    if _COMPLETE.search(path):
        return _STREAM.match(body) is not None
    return not path.endswith(("/count_tokens", "/batches")) and _is_claude(body)


def _is_bedrock(interaction: Interaction) -> bool:
    """Whether a binary stream has events of the Messages API in it, whatever its model is called."""
    if not interaction.body.startswith(b"\0"):
        return False
    events = (block.event for block in FrameBlocks().feed(interaction.body))
    return any(event is not None and event.decode("utf-8", "replace") in EVENT_TYPES for event in events)


def host_of(interaction: Interaction) -> str:
    """Return the host of an exchange that is left out, for a notice; empty if it is unknown."""
    try:
        return urlsplit(interaction.url).hostname or _path(interaction.url)
    except ValueError:
        return ""


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.replace("%3A", ":")
    except ValueError:
        return ""


def _is_claude(body: bytes) -> bool:
    if _EVENT.match(body, 0, 64 * 1024):
        return b'"message_start"' in body or b'"content_block' in body
    if not body.lstrip().startswith(b"{"):
        return False
    try:
        value = _json.as_object(_json.loads(body))
    except ValueError:
        return False
    return value.get("type") == "message" and value.get("role") == "assistant"


def _coding(interaction: Interaction) -> str:
    return ", ".join(
        text for name, text in interaction.response_headers if name.lower() == "content-encoding"
    )


def values_of(interaction: Interaction) -> Iterator[Line]:
    """Yield the values of one recording: its head, its blocks, its end."""
    mask = Mask(interaction.request_headers, interaction.response_headers)
    mask.learn(interaction.url.encode("utf-8", "replace"))
    mask.learn(interaction.request_body or b"")
    reads, undecoded = _decoded_reads(interaction)
    absent = interaction.absent
    if interaction.payloads is not None:
        absent |= {Absent.FRAMING}
    extra = {"absent": sorted(absent), **interaction.extra} if absent else interaction.extra
    head = Head(
        at=interaction.at,
        request=_request(interaction, mask),
        response=_response(interaction, mask, undecoded=undecoded) if interaction.status else None,
        recorder=interaction.recorder,
        extra=extra or None,
    )
    yield head
    if interaction.payloads is not None:
        blocks = [payload_block(payload, t) for t, payload in interaction.payloads]
        yield from BlockMask(mask)(blocks)
    else:
        yield from _blocks(reads, mask, binary=is_binary(head))
    yield interaction.end


def _decoded_reads(interaction: Interaction) -> tuple[list[tuple[float, bytes]], bool]:
    """Return the reads of the decoded body. If the body is compressed, its reads are lost."""
    whole = interaction.body
    body, undone = decoded(whole, _coding(interaction))
    if body == whole:
        return list(interaction.reads), not undone
    return [(interaction.reads[-1][0], body)], False


def _blocks(reads: list[tuple[float, bytes]], mask: Mask, *, binary: bool) -> list[TimedBlock]:
    recorder = Recorder(mask, binary=binary)
    return [*recorder.feed(reads), *recorder.close()]


def _request(interaction: Interaction, mask: Mask) -> Request:
    headers, withheld = allowed_headers(interaction.request_headers, mask=mask)
    url = interaction.url.encode("utf-8", "replace").decode()
    body = interaction.request_body
    return Request(
        method=interaction.method.upper() or "POST",
        url=mask.text(mask_url(url)),
        headers=headers,
        body=body and mask(body),
        withheld=withheld,
    )


def _response(interaction: Interaction, mask: Mask, *, undecoded: bool) -> Response:
    headers, withheld = allowed_headers(interaction.response_headers, response=True, mask=mask)
    return Response(
        t=interaction.t,
        status=interaction.status,
        headers=headers,
        http=interaction.http,
        withheld=withheld,
        extra={"undecoded": True} if undecoded else None,
    )
