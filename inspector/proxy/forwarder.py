"""On the way to the API and recorded: a reverse proxy on loopback, and a transport.

Both pass every byte on as it comes, and leave the recording to the tap. The proxy is for tests and their few
requests: a thread a connection, HTTP/1.1, bodies with a length.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from inspector import _json
from inspector.http_library import sdk_library
from inspector.play.transport import Played
from inspector.protocol import SDK_READ_TIMEOUT, error_payload
from inspector.record.tap import Tap
from inspector.serve.server import Served

__all__ = ["Forwarder", "recording_transport"]

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"}
    | {"trailer", "transfer-encoding", "upgrade", "host", "content-length"}
)


class Forwarder:
    """Pass requests on to `upstream` and record what it answers, from `start` to `stop`."""

    def __init__(self, upstream: str, tap: Tap) -> None:
        self._tap = tap
        self._upstream = upstream.rstrip("/")
        self._client: Any = None
        self._server: ThreadingHTTPServer | None = None
        self.requests: list[Served] = []
        """The requests it got, in order."""
        self.url = ""
        """Where it answers, for a client's base URL."""

    def start(self) -> Forwarder:
        """Listen on a free port of loopback."""
        self._client = sdk_library().Client(event_hooks=self._tap, timeout=SDK_READ_TIMEOUT)
        for name in list(self._client.headers):  # the application's own, and none of ours
            del self._client.headers[name]
        handler = type("Handler", (_Handler,), {"forwarder": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False  # so that closing it waits for what is being answered
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening, and return when every answer has been recorded."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.shutdown()
        server.server_close()
        self._client.close()
        self._tap.flush()

    def pass_on(self, handler: _Handler) -> None:
        """Ask the upstream what was asked here, and hand back its answer as it comes."""
        handler.connection.settimeout(None)
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        headers = [
            (name, value) for name, value in handler.headers.items() if name.lower() not in _HOP_BY_HOP
        ]
        request = self._client.build_request(
            handler.command, self._upstream + handler.path, headers=headers, content=body
        )
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in handler.headers.items()]
        asked = Served(len(self.requests) + 1, handler.command, handler.path, raw, body, None, None, None)
        try:
            response = self._client.send(request, stream=True)
        except Exception as error:
            self._tap.on_error(request, error)
            self.requests.append(asked._replace(status=502))
            handler.refuse(f"inspector: {self._upstream} cannot be reached: {type(error).__name__}: {error}")
            return
        self.requests.append(asked._replace(status=response.status_code))
        with contextlib.closing(response):
            handler.answer(response)


class _Handler(BaseHTTPRequestHandler):
    """One connection of an application."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 1.0  # seconds that a connection on which nothing is asked may hold up the end
    forwarder: Forwarder

    def do_POST(self) -> None:
        self.forwarder.pass_on(self)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815 - what http.server calls

    def answer(self, response: Any) -> None:
        """Send the upstream's answer on, chunk by chunk, and break off where it does."""
        length = response.headers.get("content-length")
        bodiless = self.command == "HEAD" or response.status_code in (204, 304)
        self.send_response_only(response.status_code, response.reason_phrase)
        for name, value in response.headers.multi_items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header(*(("content-length", length) if length else ("transfer-encoding", "chunked")))
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        if bodiless:
            return
        with contextlib.suppress(Exception):  # broken upstream: recorded, and broken here too
            for chunk in response.iter_raw():
                if chunk:  # an empty one would say that this is the end
                    self.wfile.write(chunk if length else b"%x\r\n%b\r\n" % (len(chunk), chunk))
            if not length:
                self.wfile.write(b"0\r\n\r\n")

    def refuse(self, message: str) -> None:
        """Say in the API's own shape that there is no answer."""
        body = _json.dumps(error_payload("api_error", message))
        self.send_response_only(502)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked is in `requests`."""


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
            self.requests: list[Played] = []

        def handle_request(self, request: Any) -> Any:
            self._sync = self._sync or library.HTTPTransport()
            self._begin(request, request.read())
            try:
                return self._tapped(request, self._sync.handle_request(request))
            except Exception as error:
                self._tap.on_error(request, error)
                raise

        async def handle_async_request(self, request: Any) -> Any:
            self._async = self._async or library.AsyncHTTPTransport()
            self._begin(request, await request.aread())
            try:
                return self._tapped(request, await self._async.handle_async_request(request))
            except Exception as error:
                self._tap.on_error(request, error)
                raise

        def close(self) -> None:
            used, self._sync = self._sync, None
            if used:
                used.close()

        async def aclose(self) -> None:
            used, self._async = self._async, None
            if used:
                await used.aclose()

        def _begin(self, request: Any, body: bytes) -> None:
            self.requests.append(Played(request.method, str(request.url), body, None, None))
            self._tap.on_request(request)

        def _tapped(self, request: Any, response: Any) -> Any:
            response.request = request
            self._tap.on_response(response)
            return response

    return RecordingTransport
