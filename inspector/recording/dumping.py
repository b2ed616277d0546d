"""How each line of a recording is written. `recordings/README.md` is the specification.

The payload stands in its line verbatim: its bytes are spliced in, never parsed and written again, so
padding, key order, escapes and number forms survive. The splice is safe because the payload is checked
first: it must be one JSON value on one line.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from inspector import _json
from inspector.recording.values import FORMAT_VERSION, End, Head, Part, TimedBlock
from inspector.sse import BLOCK_LIMIT

__all__ = ["dump_block", "dump_blocks", "dump_end", "dump_head", "dump_part", "dump_usual"]

_DEPTH = 200  # a payload nested deeper stands in `raw` alone: reading it as a member would recurse too far
_BLANK = b" \t"
_CR, _LF = b"\r\n"  # numbers: to look for one byte as bytes costs ten times as much
_OPEN, _CLOSE = b"{}"
# A plain block, in bytes without CR, whose name needs no escape in JSON and whose payload may be an object.
_DOCUMENT = re.compile(rb"([{[][^\r\n]*)([\r\n]*)")
_USUAL = re.compile(rb"event: ([\w.-]++)\ndata: (\{.*\})\n\n")


def dump_head(head: Head) -> bytes:
    """Write a recording's first line."""
    request = _with_extra(
        {"method": head.request.method, "url": head.request.url, "headers": dict(head.request.headers)},
        head.request.withheld,
        head.request.extra,
    )
    line = b'{"recording":%d,"at":%b,"request":%b' % (
        FORMAT_VERSION,
        _json.dumps(head.at),
        _splice(request, head.request.body),
    )
    if head.response is not None:
        response = _with_extra(
            {
                "t": round(head.response.t, 6),
                "status": head.response.status,
                "http": head.response.http,
                "headers": dict(head.response.headers),
            },
            head.response.withheld,
            head.response.extra,
        )
        line += b',"response":' + _json.dumps(response)
    if head.recorder:
        line += b',"recorder":' + _json.dumps(head.recorder)
    return line + _extra(head.extra) + b"}\n"


def dump_block(block: TimedBlock) -> bytes:
    """Write one block's line."""
    return dump_blocks([block])[0]


def dump_blocks(blocks: Iterable[TimedBlock]) -> list[bytes]:
    """Write the lines of many blocks. The usual ones are written in this loop itself, for speed."""
    lines, loads, name_of = [], orjson.loads, _name
    for block in blocks:
        t, event, data, raw, cuts, extra = block
        usual = data and event and not raw and not cuts and not extra and len(data) < _DEPTH
        # `_spliceable` says the same of nearly every payload, and takes longer.
        if data and usual and data[0] == _OPEN and data[-1] == _CLOSE and _LF not in data:
            try:
                loads(data)
            except ValueError:
                pass
            else:
                lines.append(b'{"t":%.6f,"event":%b,"data":%b}\n' % (t, name_of(event or ""), data))
                continue
        lines.append(_dump_block(block))
    return lines


def dump_usual(t: float, read: bytes) -> bytes | None:
    """Write the lines of a read that holds only whole blocks of the usual kind; None for any other read.

    A usual block has the plain form, and its payload is one JSON object on one line. The read begins where a
    block begins, and `t` is its time. `dump_blocks` writes the same lines, and needs twice as long.
    """
    if _CR in read or len(read) > BLOCK_LIMIT:
        return None
    loads = orjson.loads
    try:
        if alone := _USUAL.fullmatch(read):
            name, payload = alone.groups()
            loads(payload)
            line = b'{"t":%.6f,"event":"%b","data":%b}\n' % (t, name, payload)
            return line if _is_shallow(payload) else None
        # What stands between the usual blocks, their names and their payloads, in turn.
        between = _USUAL.split(read)
        if any(between[::3]):
            return None
        lines, head = [], b'{"t":%.6f,"event":"' % t
        for name, payload in zip(between[1::3], between[2::3], strict=False):
            loads(payload)
            if len(payload) >= _DEPTH and not _is_shallow(payload):
                return None
            lines.append(b'%b%b","data":%b}\n' % (head, name, payload))
    except ValueError:
        return None
    return b"".join(lines)


def _dump_block(block: TimedBlock) -> bytes:
    t, event, data, raw, cuts, extra = block
    if not raw and data and event and not cuts and not extra and _spliceable(data):
        return b'{"t":%.6f,"event":%b,"data":%b}\n' % (t, _name(event), data)
    line = b'{"t":%.6f' % t + _dump_cuts(cuts)
    # A block that is one JSON document, as the body of an error is, stands as JSON: people read and edit it.
    document = None if event or data is not None or extra else _DOCUMENT.fullmatch(raw)
    if document and _spliceable(document[1]):
        eol = b',"eol":' + _json.dumps(document[2].decode()) if document[2] else b""
        return line + b',"body":%b%b}\n' % (document[1], eol)
    fits = data is not None and _fits(data)
    if raw or not event or data is None or not _spliceable(data):
        line += b',"raw":' + _dump_raw(block.raw_bytes)
    line += _extra(extra)
    if fits and data is not None:
        if event is not None:
            line += b',"event":' + _name(event)
        line += b',"data":' + data.strip().replace(b"\n", b" ")
    return line + b"}\n"


def dump_part(part: Part) -> bytes:
    """Write the line of a part of an unfinished block."""
    t, raw, cuts = part
    return b'{"t":%.6f%b,"part":%b}\n' % (t, _dump_cuts(cuts), _dump_raw(raw))


def dump_end(end: End) -> bytes:
    """Write a recording's last line."""
    line = b'{"t":%.6f,"end":"%b"' % (end.t, end.how.encode())
    if end.error is not None:
        line += b',"error":' + _json.dumps(end.error)
    return line + _extra(end.extra) + b"}\n"


def _dump_cuts(cuts: tuple[tuple[int, float], ...]) -> bytes:
    return b',"cuts":[%b]' % b",".join(b"[%d,%.6f]" % cut for cut in cuts) if cuts else b""


@functools.lru_cache(maxsize=32)
def _name(event: str) -> bytes:
    """Write an event's name. A stream has few names, and thousands of events."""
    return _json.dumps(event)


def _dump_raw(raw: bytes) -> bytes:
    """Write bytes as text, or in base64 if text cannot hold them or would be more than twice as long."""
    try:
        text = _json.dumps(raw.decode("utf-8"))
    except UnicodeDecodeError:
        text = b""
    if text and len(text) <= 2 * len(raw) + 64:
        return text
    return b'{"base64":"%b"}' % base64.b64encode(raw)


def _fits(data: bytes) -> bool:
    """Whether a payload can be a member of a line: it is JSON, and not nested too deeply to be cut out."""
    return _json.valid(data) and (len(data) < _DEPTH or not _json.is_deeper(data, _DEPTH - 1))


def _is_shallow(data: bytes) -> bool:
    """Whether a payload has too few brackets to be nested too deeply; most are too short for more."""
    return len(data) < _DEPTH or data.count(b"[") + data.count(b"{") < _DEPTH


def _spliceable(data: bytes) -> bool:
    return _LF not in data and data.strip(_BLANK) == data and _fits(data)


def _splice(fields: dict[str, Any], body: bytes | None) -> bytes:
    """Write an object of `fields` whose last member is a body's own JSON; other bodies stand in `raw`."""
    text = _json.dumps(fields)[:-1]
    if body is not None:
        shown = re.sub(rb"[\r\n]", b" ", body).strip() if _fits(body) else None
        text += b"" if shown == body else b',"raw":' + _dump_raw(body)
        text += b"" if shown is None else b',"body":' + shown
    return text + b"}"


def _with_extra(
    fields: dict[str, Any], withheld: tuple[str, ...], extra: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {**fields, **({"withheld": list(withheld)} if withheld else {}), **(extra or {})}


def _extra(extra: Mapping[str, Any] | None) -> bytes:
    return b"," + _json.dumps(extra)[1:-1] if extra else b""
