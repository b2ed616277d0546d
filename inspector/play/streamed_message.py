"""The answer to a request with `"stream": true`, made of a whole message that was recorded without.

The content is the recorded one. The events and their times are made up, and a header says so.
"""

from __future__ import annotations

from dataclasses import replace

from inspector import _json
from inspector.play.headers import HOP_BY_HOP
from inspector.play.made_up import MADE_UP_HEADER
from inspector.recording import Head, Recording, TimedBlock

__all__ = ["answers_no_stream", "streamed_message"]

_OF_THE_MESSAGE = HOP_BY_HOP | {"content-encoding", "content-type", "content-length"}


def answers_no_stream(head: Head) -> bool:
    """Whether a recorded response is JSON, and its request did not want a stream.

    A server may answer with JSON although a stream was wanted. Then that is what is to be played.
    """
    if head.response is None or "json" not in head.response.headers.get("content-type", ""):
        return False
    return _json.as_object(head.request.json()).get("stream") is not True


def streamed_message(recording: Recording) -> Recording:
    """Return the stream that a recorded message would have been; what is no whole message stays as it is."""
    from inspector.formats.made_stream import stream_payloads

    response, message = recording.response, recording.message()
    is_stream = any(block.data is not None for block in recording.blocks)
    if response is None or response.status != 200 or is_stream or message is None:
        return recording
    content = [block for block in message.get("content") or () if isinstance(block, dict)]
    at = recording.blocks[-1].t
    payloads = [
        (payload, _json.as_object(_json.loads(payload))) for payload in stream_payloads(message, content)
    ]
    blocks = tuple(TimedBlock(at, str(event["type"]), payload) for payload, event in payloads)
    headers = {name: text for name, text in response.headers.items() if name not in _OF_THE_MESSAGE}
    headers |= {"content-type": "text/event-stream; charset=utf-8", MADE_UP_HEADER: "stream"}
    head = replace(recording.head, response=replace(response, headers=headers))
    return replace(recording, head=head, blocks=blocks, others=())
