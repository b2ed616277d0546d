"""`--inspector=new`: a cassette answers what it holds; the rest goes to the API and is recorded.

One server answers all clients of the test. A request that the cassette does not answer is sent through the
proxy that records, and is answered when its response is complete. Other requests wait meanwhile.
"""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inspector.formats import load_all
from inspector.play.matching import Match
from inspector.play.player import Answer
from inspector.play.received import IncomingRequest, url_path
from inspector.play.sources import Source
from inspector.protocol import SDK_READ_TIMEOUT
from inspector.recording import Recording
from inspector.serve.server import Server

if TYPE_CHECKING:
    from inspector.proxy.forwarder import Forwarder
    from inspector.record.tap import Tap

__all__ = ["answering_new_requests"]

_CLOSING = 10.0  # seconds


@contextlib.contextmanager
def answering_new_requests(
    cassette: Sequence[Recording],
    forwarder: Forwarder,
    tap: Tap,
    file: Path,
    *,
    match: Match,
    ignore: Sequence[str],
) -> Iterator[Server]:
    """Answer from the cassette, and from the API through `forwarder`, whose tap records to `file`."""

    def otherwise(request: IncomingRequest) -> Answer | None:
        _send(request, forwarder.url)
        tap.flush()
        recordings = load_all(file) if file.exists() else []
        if len(recordings) == len(answered):
            return None
        source = Source.of(recordings[-1], f"{url_path(request.url)}, recorded now")
        answered.append(source)
        return Answer(source, source.name)

    answered: list[Source] = []
    with Server(*cassette, match=match, ignore=ignore, strict=True, otherwise=otherwise) as server:
        yield server


def _send(request: IncomingRequest, url: str) -> None:
    """Send a request, and read its response to the end. The proxy records how it ends."""
    # Not with the SDK's HTTP library: a client of that would be caught like the test's own.
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=SDK_READ_TIMEOUT)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        target = urlsplit(request.url)
        path = target.path + (f"?{target.query}" if target.query else "")
        connection.putrequest(request.method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.raw_headers:
            if name.lower() not in (b"content-length", b"transfer-encoding", b"connection", b"host"):
                connection.putheader(name.decode("latin-1"), value)
        connection.putheader("Host", address.netloc)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.putheader("Connection", "close")
        connection.endheaders(request.body)
        with connection.sock.dup() as end:
            response = connection.getresponse()
            while response.read(64 * 1024):
                pass
            # The proxy closes the connection when the response is recorded, which is after its last byte.
            end.settimeout(_CLOSING)
            while end.recv(64 * 1024):
                pass
