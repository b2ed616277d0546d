"""For the tests of diffs: every bundled recording, and ways to say the same otherwise."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace

from conftest import ROOT

from inspector import RecordingWarning, load_all
from inspector.recording import Recorder

FOLDER = ROOT / "recordings"


def _bundled():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecordingWarning)
        for path in sorted(FOLDER.rglob("*.jsonl")):
            for number, recording in enumerate(load_all(path), 1):
                yield f"{path.relative_to(FOLDER)}#{number}", recording


BUNDLED = dict(_bundled())
STREAMS = {
    name: each
    for name, each in BUNDLED.items()
    if not name.startswith(("broken/", "crlf"))  # other line ends are a finding
    and each.response
    and each.response.headers.get("content-type", "").startswith("text/event-stream")
}
"""Those that are whole event streams."""


def with_body(recording, body, cuts=(), pause=0.01):
    """The recording with another body, which comes in reads that end at `cuts`."""
    recorder = Recorder()
    edges = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
    parts = [body[a:b] for a, b in itertools.pairwise(edges) if b > a]
    blocks = recorder.feed((1 + number * pause, part) for number, part in enumerate(parts))
    blocks = (*blocks, *recorder.close())
    end = recording.end and recording.end._replace(t=1 + len(parts) * pause)
    return replace(recording, blocks=blocks, end=end)


def with_events(recording, change):
    """The recording with `change(name, payload)` for each event: None leaves it out, a list has several."""
    frames = []
    for event in recording.events():
        made = change(event.name, json.loads(json.dumps(event.data)))
        for payload in made if isinstance(made, list) else [made]:
            if payload is not None:
                data = json.dumps(payload, ensure_ascii=False)
                frames.append(f"event: {event.name}\ndata: {data}\n\n")
    return with_body(recording, "".join(frames).encode())


def padded(recording, dice):
    """The recording with other blanks in its payloads."""
    return with_events_text(
        recording, lambda data: data[:-1] + b" " * dice.randrange(20) + b"}" if data.endswith(b"}") else data
    )


def with_events_text(recording, change):
    frames = [
        b"event: %b\ndata: %b\n\n" % (block.event.encode(), change(block.data))
        for block in recording.blocks
        if block.data is not None
    ]
    return with_body(recording, b"".join(frames))


_IDS = re.compile(rb'"((?:msg|toolu|srvtoolu|req|container|mcptoolu)_(?:01)?)(\w{8,})"')


def renamed(recording, dice):
    """The recording with other ids, each the same everywhere."""
    names = {}

    def other(match):
        if match[0] not in names:
            letters = bytes(dice.choice(b"ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in match[2])
            names[match[0]] = b'"' + match[1] + letters + b'"'
        return names[match[0]]

    return with_events_text(recording, lambda data: _IDS.sub(other, data))


_FIELDS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def split(recording, dice):
    """The recording with its deltas cut in other places."""

    def cut(name, payload):
        field = _FIELDS.get((payload.get("delta") or {}).get("type"))
        if name != "content_block_delta" or not field or len(payload["delta"][field]) < 2:
            return payload
        text = payload["delta"][field]
        at = dice.randrange(1, len(text))
        return [{**payload, "delta": {**payload["delta"], field: part}} for part in (text[:at], text[at:])]

    return with_events(recording, cut)


def joined(recording, dice):
    """The recording with neighbouring deltas joined."""
    made = []

    def join(name, payload):
        field = _FIELDS.get((payload.get("delta") or {}).get("type"))
        last = made[-1] if made else None
        if (
            name == "content_block_delta"
            and field
            and last
            and last.get("index") == payload["index"]
            and last.get("delta", {}).get("type") == payload["delta"]["type"]
            and dice.random() < 0.5
        ):
            last["delta"][field] += payload["delta"][field]
            return None
        made.append(payload)
        return payload

    with_events(recording, join)
    waiting = list(made)
    frames = [f"event: {p['type']}\ndata: {json.dumps(p, ensure_ascii=False)}\n\n" for p in waiting]
    return with_body(recording, "".join(frames).encode())


def chunked(recording, dice):
    """The recording with other reads."""
    cuts = [dice.randrange(1 << 30) for _ in range(30)]
    return with_body(recording, recording.body, cuts, pause=dice.random())


def without_pings(recording, dice):
    """The recording without its pings, and with a comment instead."""
    kept = with_events(recording, lambda name, payload: None if name == "ping" else payload)
    return with_body(recording, b": keepalive\n\n" + kept.body)


SAME = {each.__name__: each for each in (padded, renamed, split, joined, chunked, without_pings)}
"""Ways to say the same otherwise."""
