"""The base URL of an API, as users give it: whether it is one, and whether it is an address of our own."""

from __future__ import annotations

from urllib.parse import urlsplit

import click

__all__ = ["check_base_url", "is_own_address"]

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})


def check_base_url(url: str | None) -> None:
    """Refuse what is no URL without repeating it: it may hold a password."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise click.UsageError(
            "the base URL must be like https://host:port/path. In a user name or password, write / as %2F, "
            "# as %23, ? as %3F and @ as %40"
        )


def is_own_address(url: str, host: str, port: int) -> bool:
    """Return whether a valid URL names the address on which this process listens."""
    parts = urlsplit(url)
    its_port = parts.port or (443 if parts.scheme == "https" else 80)
    return its_port == port and parts.hostname in _THIS_MACHINE | {host.lower()}
