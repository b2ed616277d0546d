"""Where requests go: the one server that was named, and the way to it.

Nothing that a client sends changes where its request goes. Of its target only the path and the query count.
The way leads through a proxy if the environment names one, as for curl and for HTTP libraries: `HTTPS_PROXY`,
`HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`.
"""

from __future__ import annotations

import base64
import re
import ssl
import urllib.request
from urllib.parse import SplitResult, unquote, urlsplit

from inspector.errors import UsageError
from inspector.http_library import sdk_library
from inspector.proxy.message_heads import Fields, HeadError, RequestHead, passed_on
from inspector.redact import mask_url

__all__ = ["Hop", "Upstream"]

_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_PORTS = {"http": 80, "https": 443}
_IN_A_LINE = re.compile(r"[\x21-\x7e]+")


class Hop:
    """A server to connect to, by its URL. Raises `UsageError` for a URL that names none."""

    def __init__(self, url: str, what: str) -> None:
        self.shown = mask_url(url)
        """Its URL for messages."""
        try:
            parts = urlsplit(url)
            self.port = parts.port or _PORTS[parts.scheme]
            host = (parts.hostname or "").encode("idna").decode()
        except (ValueError, KeyError) as error:
            raise UsageError(f"{what} {self.shown!r} is not a URL of http:// or https://") from error
        if not (host and _IN_A_LINE.fullmatch(url)):
            raise UsageError(f"{what} {self.shown!r} is not a URL of http:// or https:// with a host")
        self.parts = parts
        self.host = host
        self.tls = parts.scheme == "https"
        shown = f"[{host}]" if ":" in host else host
        self.authority = shown if parts.port in (None, _PORTS[parts.scheme]) else f"{shown}:{parts.port}"
        self.full_authority = f"{shown}:{self.port}"
        self.authorization = _basic(parts)
        """The value of a field that authenticates with the URL's user and password; None without them."""


class Upstream(Hop):
    """The server that requests are forwarded to."""

    def __init__(self, url: str) -> None:
        super().__init__(url.rstrip("/"), "the upstream")
        self._path = self.parts.path.rstrip("/")
        self.proxy = _proxy_for(self)
        self._context: ssl.SSLContext | None = None

    @property
    def tls_context(self) -> ssl.SSLContext:
        """What verifies the server: `SSL_CERT_FILE` or `SSL_CERT_DIR`, else the system's trust store."""
        if self._context is None:
            self._context = _tls_context()
        return self._context

    def url(self, request: RequestHead) -> str:
        """Return the URL that a request goes to. Raises `HeadError` if its target has no path."""
        return f"{self.parts.scheme}://{self.authority}{self._target(request)}"

    def request(self, request: RequestHead) -> tuple[bytes, Fields]:
        """Return a request's head as it is sent, and its fields. Raises `HeadError` as `url` does."""
        target, fields = self._target(request), self.fields(request)
        if self.proxy is not None and not self.tls:  # such a proxy needs the whole URL, and no tunnel
            target = self.url(request)
            if self.proxy.authorization:
                fields.append((b"Proxy-Authorization", self.proxy.authorization))
        line = f"{request.method} {target} HTTP/1.1".encode("latin-1")
        return b"\r\n".join([line, *(b"%b: %b" % field for field in fields), b"", b""]), fields

    def fields(self, request: RequestHead) -> Fields:
        """Return the header fields of a request as they are sent."""
        fields = [
            (name, self.authority.encode() if name.lower() == b"host" else value)
            for name, value in passed_on(request.fields)
            if name.lower() != b"expect"  # this proxy lets the client continue
        ]
        names = {name.lower() for name, _ in fields}
        if b"host" not in names:  # HTTP/1.0
            fields.insert(0, (b"Host", self.authority.encode()))
        if self.authorization and b"authorization" not in names:
            fields.append((b"Authorization", self.authorization))
        return fields

    def _target(self, request: RequestHead) -> str:
        path = _AUTHORITY.sub("", request.target, count=1) or "/"
        if path.startswith("?"):
            path = f"/{path}"
        if not path.startswith("/"):
            raise HeadError(f"{request.target[:100]!r} is no path")
        return self._path + path


def _proxy_for(upstream: Hop) -> Hop | None:
    proxies = urllib.request.getproxies()
    url = proxies.get(upstream.parts.scheme) or proxies.get("all")
    if not url or urllib.request.proxy_bypass(upstream.full_authority):
        return None
    url = url if "://" in url else f"http://{url}"
    if urlsplit(url).scheme not in _PORTS:
        raise UsageError(f"the proxy {mask_url(url)!r}, which the environment names, is not one of HTTP")
    return Hop(url, "the proxy of the environment,")


def _basic(parts: SplitResult) -> bytes | None:
    if not parts.username:
        return None
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return b"Basic " + base64.b64encode(user.encode())


def _tls_context() -> ssl.SSLContext:
    library = sdk_library()
    # httpx brings certificates of its own instead, and no company's are among them.
    modern = library.__name__ == "httpx2"
    context: ssl.SSLContext = library.create_ssl_context() if modern else ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
