"""Send one request, and read what comes for it until its end or a limit. Nothing raises."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from inspector.conformance.deadline import Deadline
from inspector.conformance.settings import MOST, Limits
from inspector.record.decoding import DecodingError, decoder_for

__all__ = ["Came", "OutgoingRequest", "received"]

_CONNECT = 10.0  # seconds


class OutgoingRequest(NamedTuple):
    """A request that is to be sent."""

    method: str
    url: str
    content: bytes | None
    headers: Mapping[str, str]


class Came(NamedTuple):
    """What came for one request, unmasked: the body and the header fields, as the wire had them.

    `stopped` says why reading was stopped, `late` that it was for the time limit; `connected` whether the
    request made a connection.
    """

    body: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    stopped: str
    connected: bool
    late: bool = False

    @property
    def decoded(self) -> bytes:
        """The body without its content coding; as much as decodes."""
        codings = (value for name, value in self.fields if name.lower() == b"content-encoding")
        decode = decoder_for(b",".join(codings).decode("latin-1"), bound=MOST)
        if decode is None:
            return self.body
        pieces: list[bytes] = []
        with contextlib.suppress(DecodingError):
            pieces.extend(decode(self.body))
        return b"".join(pieces)


def received(
    outgoing: OutgoingRequest,
    client: Any,
    limits: Limits,
    *,
    clock: Callable[[], float],
    stop: threading.Event,
    on_error: Callable[[Any, BaseException], object],
) -> Came:
    """Send a request, and read what comes until its end or a limit, or until `stop` is set.

    `on_error` gets the library's request and the error, if no response comes.
    """
    until = clock() + limits.timeout
    silence = min(limits.silence, limits.timeout)
    with Deadline(limits.timeout) as deadline:
        timeouts = {**dict.fromkeys(("read", "write", "pool"), silence), "connect": min(silence, _CONNECT)}
        extensions = {"trace": deadline.trace, "timeout": timeouts}
        method, url, content, headers = outgoing
        request = client.build_request(
            method, url, content=content, headers=dict(headers), extensions=extensions
        )
        try:
            response = client.send(request, stream=True)
        except Exception as error:
            on_error(request, deadline.error or error)
            return Came(b"", (), deadline.text, deadline.connected)
    pieces: list[bytes] = []
    size, lines, stopped, late = 0, 0, "", False
    with contextlib.closing(response), contextlib.suppress(Exception):  # the tap has noted what failed
        for chunk in response.iter_raw():
            pieces.append(chunk)
            size += len(chunk)
            lines += chunk.count(b"\n") + chunk.count(b"\r")
            if size > limits.enough:
                stopped = f"the answer is longer than {limits.enough:,} bytes"
            elif lines > MOST.lines:
                stopped = f"the answer has more than {MOST.lines:,} lines"
            elif clock() > until:
                stopped, late = f"the answer did not end within {limits.timeout:g} s (--timeout)", True
            if stopped or stop.is_set():
                break
    return Came(b"".join(pieces), tuple(response.headers.raw), stopped, deadline.connected, late)
