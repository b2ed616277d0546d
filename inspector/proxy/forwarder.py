"""What forwards requests to the API and records the responses: a reverse proxy on loopback, and a transport.

Both pass every byte on as it comes, and leave the recording to the tap. The proxy is for tests and their few
requests: a thread for each connection, HTTP/1.1, bodies with a length.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from inspector import _json
from inspector.http_library import sdk_library
from inspector.play.headers import HOP_BY_HOP
from inspector.play.received import History, IncomingRequest, ReceivedRequest
from inspector.protocol import SDK_READ_TIMEOUT, error_payload
from inspector.record.tap import Tap
from inspector.redact import mask_text

__all__ = ["Forwarder", "recording_transport"]

_OF_THIS_HOP = HOP_BY_HOP | {"host", "content-length"}
_KEPT = 1000  # requests


class Forwarder:
    """Pass requests on to `upstream` and record what it answers, from `start` to `stop`."""

    def __init__(self, upstream: str, tap: Tap) -> None:
        self._tap = tap
        self._upstream = upstream.rstrip("/")
        self._client: Any = None
        self._server: ThreadingHTTPServer | None = None
        self._history = History(_KEPT)
        self.url = ""
        """Where it answers, for a client's base URL."""

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests it got, in the order of their responses, the last thousand of them."""
        return self._history.all()

    def start(self) -> Forwarder:
        """Listen on a free port of loopback."""
        self._client = sdk_library().Client(event_hooks=self._tap, timeout=SDK_READ_TIMEOUT)
        for name in list(self._client.headers):  # only the application's own are sent
            del self._client.headers[name]
        handler = type("Handler", (_Handler,), {"forwarder": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False  # so that closing it waits for responses under way
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening, and return when every response has been recorded."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.shutdown()
        server.server_close()
        self._client.close()
        self._tap.flush()

    def pass_on(self, handler: _Handler) -> None:
        """Send a request on to the upstream, and its response back as it comes."""
        handler.connection.settimeout(None)
        incoming = handler.incoming()
        headers = [
            (name, value) for name, value in handler.headers.items() if name.lower() not in _OF_THIS_HOP
        ]
        request = self._client.build_request(
            handler.command, self._upstream + handler.path, headers=headers, content=incoming.body
        )
        try:
            response = self._client.send(request, stream=True)
        except Exception as error:
            self._tap.on_error(request, error)
            self._history.add(incoming, status=502)
            handler.refuse(f"inspector: {self._upstream} cannot be reached: {type(error).__name__}: {error}")
            return
        self._history.add(incoming, status=response.status_code)
        with contextlib.closing(response):
            handler.answer(response)


class _Handler(BaseHTTPRequestHandler):
    """One connection of an application."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 1.0  # seconds for which a connection without a request may hold up the end
    forwarder: Forwarder

    def incoming(self) -> IncomingRequest:
        """Read the request, whose head http.server has parsed, to its end."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers.items()]
        return IncomingRequest(self.command, self.path, body, raw)

    def do_POST(self) -> None:
        self.forwarder.pass_on(self)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - what http.server calls

    def answer(self, response: Any) -> None:
        """Send the upstream's response on, chunk by chunk, and break off where it does."""
        length = response.headers.get("content-length")
        bodiless = self.command == "HEAD" or response.status_code in (204, 304)
        self.send_response_only(response.status_code, response.reason_phrase)
        for name, value in response.headers.multi_items():
            if name.lower() not in _OF_THIS_HOP:
                self.send_header(name, value)
        self.send_header(*(("content-length", length) if length else ("transfer-encoding", "chunked")))
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        if bodiless:
            return
        with contextlib.suppress(Exception):  # the upstream broke off: that is recorded, and so do we
            for chunk in response.iter_raw():
                if chunk:  # an empty one would be the last chunk
                    self.wfile.write(chunk if length else b"%x\r\n%b\r\n" % (len(chunk), chunk))
            if not length:
                self.wfile.write(b"0\r\n\r\n")

    def refuse(self, message: str) -> None:
        """Answer with an error in the API's own shape."""
        body = _json.dumps(error_payload("api_error", mask_text(message)))
        self.send_response_only(502)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing: `Forwarder.requests` holds the requests."""


def recording_transport(tap: Tap) -> Any:
    """Return a transport, sync and async, that calls the network and records through `tap`."""
    return _transport_class()(tap)


@functools.cache
def _transport_class() -> type:
    library = sdk_library()

    class RecordingTransport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        """Calls the network, and records."""

        def __init__(self, tap: Tap) -> None:
            self._tap = tap
            self._sync: Any = None
            self._async: Any = None
            self._history = History(_KEPT)

        @property
        def requests(self) -> list[ReceivedRequest]:
            return self._history.all()

        def handle_request(self, request: Any) -> Any:
            self._sync = self._sync or library.HTTPTransport()
            request.read()
            self._begin(request)
            try:
                return self._tapped(request, self._sync.handle_request(request))
            except Exception as error:
                self._lost(request, error)
                raise

        async def handle_async_request(self, request: Any) -> Any:
            self._async = self._async or library.AsyncHTTPTransport()
            await request.aread()
            self._begin(request)
            try:
                return self._tapped(request, await self._async.handle_async_request(request))
            except Exception as error:
                self._lost(request, error)
                raise

        def close(self) -> None:
            used, self._sync = self._sync, None
            if used:
                used.close()

        async def aclose(self) -> None:
            used, self._async = self._async, None
            if used:
                await used.aclose()

        def _begin(self, request: Any) -> None:
            self._tap.on_request(request)

        def _tapped(self, request: Any, response: Any) -> Any:
            response.request = request
            self._tap.on_response(response)
            self._remember(request, response.status_code)
            return response

        def _lost(self, request: Any, error: Exception) -> None:
            self._tap.on_error(request, error)
            self._remember(request, None)

        def _remember(self, request: Any, status: int | None) -> None:
            incoming = IncomingRequest(request.method, str(request.url), request.content, request.headers.raw)
            self._history.add(incoming, status=status)

    return RecordingTransport
