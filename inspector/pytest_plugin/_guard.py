"""The network guard: Python's sockets refuse to connect to other machines, or to look some of them up.

It patches `socket.socket` and the name look-ups of the module `socket`. The standard library, asyncio, anyio,
httpx and every client in pure Python use those. It does not reach event loops written in C (uvloop), other
extension modules with their own sockets, or other processes.
"""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

from inspector.errors import NetworkBlockedError

__all__ = ["is_here", "only_this_machine", "without_hosts"]

_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")


@contextlib.contextmanager
def only_this_machine() -> Iterator[None]:
    """Let sockets reach this machine only; an attempt to reach another raises `NetworkBlockedError`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), 0))
        patch.setattr(socket.socket, "sendto", _guarded(socket.socket.sendto, -1))
        for name in _LOOK_UPS:
            patch.setattr(socket, name, _guarded_look_up(getattr(socket, name)))
        patch.setattr(socket, "gethostbyaddr", _guarded_reverse(socket.gethostbyaddr))
        yield


@contextlib.contextmanager
def without_hosts(hosts: Collection[str], report: Callable[[str], object]) -> Iterator[None]:
    """Refuse to look up these names, and report who tried. This machine's own names stay.

    `hosts` may change meanwhile.
    """

    def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
            if host and (name := _text(host)) in hosts and not is_here(name):
                report(message := _would_call_the_api(name))
                raise NetworkBlockedError(f"inspector: {message}")
            return function(host, *arguments, **options)

        return look_up

    # Not by one patch for all: a plugin that guards the network meanwhile is not to be undone at the end.
    before = {name: getattr(socket, name) for name in _LOOK_UPS}
    guards = {name: guarded(function) for name, function in before.items()}
    for name, guard in guards.items():
        setattr(socket, name, guard)
    try:
        yield
    finally:
        for name, guard in guards.items():
            if getattr(socket, name) is guard:
                setattr(socket, name, before[name])


def _would_call_the_api(host: str) -> str:
    from inspector.pytest_plugin._in_process import caller

    return (
        f"{caller()} tried to reach {host}, but this test is answered from recordings. Its client is of a "
        "library that is not caught in process (httpx2, httpx and aiohttp's transport for them are): let it "
        "read ANTHROPIC_BASE_URL while the test runs"
    )


def _guarded(method: Callable[..., Any], position: int) -> Callable[..., Any]:
    @functools.wraps(method)
    def guarded(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[position] if arguments else None
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            _refuse(address[0], *address[1:2])
        return method(self, *arguments)

    return guarded


def _guarded_look_up(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        if host and not _is_address(_text(host)):  # an address needs no name server
            _refuse(host)
        return function(host, *arguments, **options)

    return guarded


def _guarded_reverse(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def guarded(host: Any) -> Any:
        _refuse(host)  # an address too: only a name server knows its name
        return function(host)

    return guarded


def _refuse(host: Any, *port: Any) -> None:
    name = _text(host)
    if not is_here(name):
        where = ":".join(str(part) for part in (name, *port))
        raise NetworkBlockedError(
            f"inspector: the network is blocked, but this test tried to reach {where}. Answer it from a "
            "recording (replay_server, replay_transport), or remove --inspector-block-network or the setting "
            "inspector_block_network"
        )


def is_here(name: str) -> bool:
    """Return whether a host's name or address is this machine's own, by what it says."""
    if name in ("", "localhost") or name.endswith(".localhost"):
        return True
    if not _is_address(name):
        return False
    address = ipaddress.ip_address(name.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified  # 0.0.0.0 connects to this machine


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
