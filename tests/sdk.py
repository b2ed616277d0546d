"""Run the installed SDK on a recording, to compare what it does with what `check` predicts."""

from __future__ import annotations

import sys
from typing import NamedTuple

import anthropic

BASE = next(
    c
    for c in anthropic.DefaultHttpxClient.__mro__
    if not c.__module__.startswith("anthropic") and c is not object
)
hx = sys.modules[BASE.__module__.split(".")[0]]  # httpx2, or httpx before anthropic 1.0
OLD = int(anthropic.__version__.split(".")[0]) < 1

_ENDS = {
    "cut": lambda: hx.RemoteProtocolError("peer closed connection without sending complete message body"),
    "reset": lambda: hx.ReadError("[Errno 104] Connection reset by peer"),
    "timeout": lambda: hx.ReadTimeout("The read operation timed out"),
}


class Seen(NamedTuple):
    """What a caller of the SDK sees: the names of the exceptions and their bases, the Message, the events."""

    stream: set[str]
    create: set[str]
    message: dict | None
    events: list
    helper_events: list

    @property
    def content(self):
        return self.message["content"] if self.message else []


class _Body(hx.SyncByteStream):
    def __init__(self, recording):
        self._recording = recording

    def __iter__(self):
        for _, chunk in self._recording.chunks():
            yield chunk
        end = self._recording.end
        if end is not None and end.how in _ENDS:
            raise _ENDS[end.how]()


class _Transport(hx.BaseTransport):
    def __init__(self, recording):
        self._recording = recording

    def handle_request(self, request):
        response = self._recording.response
        if response is None:
            timeout = self._recording.end.how == "timeout"
            raise (hx.ReadTimeout if timeout else hx.ConnectError)("no", request=request)
        headers = {k: v for k, v in response.headers.items() if k in ("content-type", "request-id")}
        return hx.Response(response.status, headers=headers, stream=_Body(self._recording), request=request)


REQUEST = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}


def run(recording):
    """Play a recording to `messages.stream()` and to `create(stream=True)`."""
    with anthropic.DefaultHttpxClient(transport=_Transport(recording)) as http:
        client = anthropic.Anthropic(api_key="k", http_client=http, max_retries=0)
        message, helper_events, events = None, [], []
        stream = create = set()
        try:
            with client.messages.stream(**REQUEST) as helper:
                helper_events.extend(each.type for each in helper if each is not None)
                message = helper.get_final_message().to_dict(warnings=False)
        except Exception as error:
            stream = names(error)
        try:
            for each in client.messages.create(**REQUEST, stream=True):
                events.append(each)
        except Exception as error:
            create = names(error)
    return Seen(stream, create, message, events, helper_events)


def names(error):
    """List the names of an exception's class and its bases, as users of the SDK write them."""
    classes = set()
    for each in type(error).__mro__[:-2]:
        root = each.__module__.split(".")[0]
        root = "httpx2" if root == "httpx" else root
        classes.add(each.__name__ if root == "builtins" else f"{root}.{each.__name__}")
    return classes - {"Exception"}
