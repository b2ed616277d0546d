"""The answer to a request without `"stream": true`, derived from the recording of a stream."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inspector import _json
from inspector.play.headers import HOP_BY_HOP
from inspector.protocol import status_of
from inspector.recording import End, Ending, Recording, TimedBlock

__all__ = ["whole_message"]

_OF_THE_STREAM = HOP_BY_HOP | {"content-encoding", "cache-control", "content-type", "content-length"}

_NO_RESPONSE = {
    Ending.CUT: "RemoteProtocolError: Server disconnected without sending a response.",
    Ending.RESET: "ReadError: [Errno 104] Connection reset by peer",
    Ending.TIMEOUT: "ReadTimeout: The read operation timed out",
    Ending.ABANDONED: "RemoteProtocolError: Server disconnected without sending a response.",
}
"""The error of a request whose connection ends so before the response, for an end without an error text."""


def whole_message(recording: Recording) -> Recording:
    """Return the recording as it would be without streaming: one message, when the stream would have ended.

    An `error` event becomes the error response that it would have been. A stream that broke off becomes a
    request without a response. What is no stream of a message stays as it is.
    """
    response, end = recording.response, recording.end
    if response is None or response.status != 200 or not any(block.data for block in recording.blocks):
        return recording
    if end is None or end.how is not Ending.COMPLETE:
        return _without_response(recording)
    failed = next((event.data for event in recording.events() if event.type == "error"), None)
    if isinstance(failed, dict):
        status = status_of(str(_json.as_object(failed.get("error")).get("type")))
        return _as_json(recording, end, status, failed)
    message = recording.message()
    return recording if message is None else _as_json(recording, end, 200, message)


def _without_response(recording: Recording) -> Recording:
    last = recording.blocks[-1].t
    end = recording.end or End(last, Ending.CUT)
    if end.error is None:
        end = end._replace(error=_NO_RESPONSE[end.how])
    return replace(recording, head=replace(recording.head, response=None), blocks=(), end=end, others=())


def _as_json(recording: Recording, end: End, status: int, value: dict[str, Any]) -> Recording:
    response = recording.response
    assert response is not None
    body = _json.dumps(value)
    headers = {name: text for name, text in response.headers.items() if name not in _OF_THE_STREAM}
    headers |= {"content-type": "application/json", "content-length": str(len(body))}
    head = replace(recording.head, response=replace(response, t=end.t, status=status, headers=headers))
    return replace(recording, head=head, blocks=(TimedBlock(end.t, None, None, body),), others=())
