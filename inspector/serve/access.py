"""Which requests come from a program, and which may come from a web page that should not reach this server.

Any page that a browser shows can send requests to loopback. The browser then says whose page it is, in
`Origin`. A page can also let a name of its own resolve to 127.0.0.1 (DNS rebinding): to the browser, both are
then one site, but `Host` is that name. So both must be a name of this server. Programs send no `Origin`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from inspector.serve.limits import Refusal

__all__ = ["Access"]


class Access:
    """Admit requests to localhost, addresses and `names`, from programs and from pages of such hosts."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(map(_name, names))

    def refusal(self, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Refusal | None:
        """Return why a request is refused; None if it is not. Header names are in lower case."""
        hosts, origins, cross_site = [], [], False
        for name, value in headers:
            if name == b"host":
                hosts.append(_name(value.decode("latin-1")))
            elif name == b"origin":
                origins.append(value.decode("latin-1"))
            elif name == b"sec-fetch-site":
                cross_site = value == b"cross-site"
        scheme, absolute, rest = target.partition(b"://")
        if absolute and scheme.isalnum():  # it then counts, and Host does not (RFC 9112, 3.2.2)
            hosts = [_name(rest.partition(b"/")[0].decode("latin-1"))]
        for host in hosts:
            if not (self._own(host) or _address(host)):
                return _misdirected(host)
        # For an image or a script a browser names no origin.
        for origin in origins or [""] * cross_site:
            host = _name(origin.partition("://")[2])
            # An address is no proof here: a page on the internet may have one, too.
            if not (self._own(host) or (host in hosts and host)):
                return _foreign(origin, host)
        return None

    def _own(self, host: str) -> bool:
        if host in self._names or host == "localhost" or host.endswith(".localhost"):
            return True
        address = _address(host)
        return address is not None and address.is_loopback


def _name(authority: str) -> str:
    """Return the host of an authority such as `localhost:8484` or `[::1]:8484`, in lower case."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0].lower()
    host, colon, _ = authority.rpartition(":")
    return (host if colon and ":" not in host else authority).rstrip(".").lower()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _misdirected(host: str) -> Refusal:
    message = (
        f"inspector: this server is not called {host[:100]!r}. A web page could reach it by that name (DNS "
        "rebinding). Call it localhost, or allow the name (--allow-host NAME; in Python allow_hosts=[NAME])."
    )
    return Refusal(421, "invalid_request_error", message)


def _foreign(origin: str, host: str) -> Refusal:
    whose = f", {origin[:100]!r}" if origin else " (Sec-Fetch-Site: cross-site)"
    remedy = "allow its host (--allow-host NAME; in Python allow_hosts=[NAME])"
    if not host:
        remedy = "serve it from localhost"
    message = (
        f"inspector: this request comes from a web page of another site{whose}. If it is yours, {remedy}."
    )
    return Refusal(403, "permission_error", message)
