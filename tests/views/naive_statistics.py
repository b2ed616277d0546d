"""The numbers of `inspector stats`, made a second time: slowly, each by its definition in the manual."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
TEXTS["compaction_delta"] = "content"


def is_object(value):
    return isinstance(value, dict)


def payload_of(event):
    return event.data if is_object(event.data) else {}


def percentiles(values):
    """As numpy's default method does it."""
    ordered = sorted(values)
    made = {"count": len(ordered), "least": ordered[0], "most": ordered[-1]}
    for name, part in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        at = part * (len(ordered) - 1)
        below, above = ordered[int(at)], ordered[min(int(at) + 1, len(ordered) - 1)]
        made[name] = below + (above - below) * (at - int(at))
    return made | {"mean": sum(ordered) / len(ordered)}


def kind_of(event):
    kind = payload_of(event).get("type")
    return kind if isinstance(kind, str) else event.name or "(unnamed)"


def blocks_of(events):
    """Each content block: its index and type, and the (time, characters, number of event) of its texts."""
    made, newest = [], {}
    for event in events:
        payload, kind = payload_of(event), kind_of(event)
        index = payload.get("index")
        index = index if type(index) is int else None
        if not payload or kind not in ("content_block_start", "content_block_delta"):
            continue
        if kind == "content_block_start":
            begun = payload.get("content_block")
            begun = begun if is_object(begun) else {}
            newest[index] = block = {"index": index, "texts": [], "start": event.t, "at_start": None}
            made.append(block)
            name = {"text": "text", "thinking": "thinking"}.get(begun.get("type"))
            if name and isinstance(begun.get(name), str) and begun[name]:
                block["at_start"] = (event.t, len(begun[name]))
            continue
        if index not in newest:
            newest[index] = {"index": index, "texts": [], "start": None, "at_start": None}
            made.append(newest[index])
        delta = payload.get("delta")
        delta = delta if is_object(delta) else {}
        name = TEXTS.get(delta.get("type")) if isinstance(delta.get("type"), str) else None
        if name and isinstance(delta.get(name), str) and delta[name]:
            newest[index]["texts"].append((event.t, len(delta[name]), event.number))
    return made


def longest(moments):
    """The longest time between moments that follow each other, 0 if there is none."""
    return max((after - before for before, after in pairwise(moments)), default=0.0)


def naive(recording):
    """The numbers of a recording with times that never go back."""
    events = list(recording.events())
    blocks = blocks_of(events)
    began = recording.response.t if recording.response else None
    now = max([began or 0.0, *(block.t for block in recording.blocks)])
    now = max(now, recording.end.t) if recording.end else now
    reads = [t for t, _ in recording.chunks()]
    texts = [(t, size) for block in blocks for t, size, _ in block["texts"]]
    texts += [block["at_start"] for block in blocks if block["at_start"]]
    first, last = min(texts, default=(0, 0))[0], max(texts, default=(0, 0))[0]
    later = sum(size for t, size in texts if t > first)
    gaps = [after[0] - before[0] for block in blocks for before, after in pairwise(block["texts"])]
    pings = [event.t for event in events if kind_of(event) == "ping" and payload_of(event)]
    made = {
        "bytes": len(recording.body),
        "reads": len(reads),
        "events": len(events),
        "kinds": Counter(map(kind_of, events)),
        "first_byte": reads[0] if reads else None,
        "first_event": events[0].t if events else None,
        "first_token": min(texts)[0] if texts else None,
        "duration": now,
        "characters": sum(size for _, size in texts),
        "rate": later / (last - first) if last > first else None,
        "pings": len(pings),
        "ping_gaps": percentiles([b - a for a, b in pairwise(pings)]) if len(pings) > 1 else None,
        "event_gaps": percentiles([b.t - a.t for a, b in pairwise(events)]) if len(events) > 1 else None,
        "token_gaps": percentiles(gaps) if gaps else None,
        "blocks": [(block["index"], len(block["texts"])) for block in blocks],
    }
    if began is not None:
        made["silent_bytes"] = longest([began, *reads, now])
        made["silent_content"] = max(content_pauses(events, began, now), default=0.0)
    return made


def content_pauses(events, began, now):
    """Each time without content, from the head on; none after the message."""
    last, over = began, False
    for event in events:
        if event.name != "ping":
            if not over:
                yield event.t - last
            last = event.t
        kind = kind_of(event) if payload_of(event) else ""
        over = kind != "message_start" and (over or kind in ("message_stop", "error"))
    if not over:
        yield now - last
