"""Where the requests of probes go, and the limits of each. What makes no sense is refused when it is made."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from inspector.conformance.defaults import PATIENCE, SILENCE, TIMEOUT
from inspector.errors import UsageError
from inspector.http_library import sdk_library
from inspector.record.decoding import Bound

__all__ = ["MOST", "Limits", "Settings", "check_count", "check_seconds"]

MOST = Bound(32 * 1024 * 1024, lines=1_000_000)
"""The longest body of a response, as it is sent and as it is decoded."""

_MOST_SECONDS = 1e6
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[\t -~]*")  # other characters have no encoding that all servers share
_OF_THE_MESSAGE = frozenset(
    ("connection", "content-length", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade")
)
_ENCODE = "In a user name or password, write / as %2F, # as %23, ? as %3F and @ as %40"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where requests go, and the limits of each, in seconds.

    `key` goes into the header that `authorization` names, without blanks around it. `timeout` is for a whole
    exchange, `silence` for the time in which nothing comes, `patience` the longest `retry-after` that is
    waited for. Raises `UsageError` for what cannot be sent.
    """

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    authorization: str = "x-api-key"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = TIMEOUT
    silence: float = SILENCE
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        _check_base_url(self.base_url)
        object.__setattr__(self, "key", self.key.strip())
        if not _VALUE.fullmatch(self.key) or self.key.split() not in ([], [self.key]):
            raise UsageError(
                "the key has a character that no key has: only ASCII, without blanks, can be sent"
            )
        for name, value in self.headers.items():
            _check_header(name, value)
        check_seconds("timeout", self.timeout)
        check_seconds("silence", self.silence)
        check_seconds("patience", self.patience, least=0.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a client stays: `timeout` seconds, `silence` of them with nothing, and `enough` bytes."""

    timeout: float
    silence: float
    enough: int = MOST.size


def check_count(name: str, number: int) -> None:
    """Raise `UsageError` for what is no whole number from 1."""
    if not isinstance(number, int) or number < 1:
        raise UsageError(f"{name} is {number!r}; give a whole number, 1 or more")


def check_seconds(name: str, seconds: float, least: float = math.ulp(0.0)) -> None:
    """Raise `UsageError` for what is no time that can be waited for."""
    if not isinstance(seconds, int | float) or not least <= seconds <= _MOST_SECONDS:
        bound = "0 or more" if least == 0 else "more than 0"
        raise UsageError(f"{name} is {seconds!r}; give seconds, {bound}, and at most {_MOST_SECONDS:,.0f}")


def _check_header(name: str, value: str) -> None:
    token = _TOKEN.match(name)
    if token is None or token[0] != name:  # what follows may be a secret: `Authorization=Bearer KEY:`
        begins = f" that begins with {token[0]!r}" if token else ""
        raise UsageError(f"the name of a header{begins} has a character that no name can have")
    if name.lower() in _OF_THE_MESSAGE:
        raise UsageError(f"the header {name} cannot be set: each request has its own")
    if not _VALUE.fullmatch(value):
        raise UsageError(f"the value of the header {name} has a character that is not printable ASCII")


def _check_base_url(url: str) -> None:
    """Refuse what is no base URL, without repeating it: it may hold a password."""
    if not isinstance(url, str) or any(character <= " " or character == "\x7f" for character in url):
        raise UsageError("the base URL must be a text without blanks, like https://host:port/path")
    scheme, colon, _ = url.partition("://")
    if not colon or scheme.lower() not in ("http", "https"):
        raise UsageError("the base URL must begin with http:// or https://, like https://host:port/path")
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host:
        raise UsageError("the base URL has no valid host; write it like https://host:port/path", _ENCODE)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise UsageError("the port in the base URL must be a number from 1 to 65535", _ENCODE)
    if "?" in url or "#" in url:
        what = "query" if "?" in url else "fragment"
        raise UsageError(f"the base URL must have no {what}: /v1/messages is put below it", _ENCODE)
    try:
        sdk_library().URL(url)
    except (sdk_library().InvalidURL, ValueError):
        raise UsageError("the base URL is not valid; write it like https://host:port/path", _ENCODE) from None
