"""What a client may demand of the server, and how it is refused what goes beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Refusal", "ServerLimits"]


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a client may demand of the server: sizes in bytes, times in seconds."""

    head: int = 64 * 1024
    """The longest head of a request, and the most that may stand around its body: trailers, extensions."""
    body: int = 32 * 1024 * 1024
    """The longest body; this is the API's own limit."""
    half: float = 30.0
    """How long a request may stand still in the middle."""
    request: float = 120.0
    """How long a request may take from its first byte to its last."""
    idle: float = 120.0
    """How long a connection may wait for its next request."""
    stall: float = 3600.0
    """How long a connection stays open that is to be silent, or whose client does not read."""
    linger: float = 5.0
    """How long a client may take to notice that the connection was closed."""


class Refusal(NamedTuple):
    """Why a request is not served: the status, the API's type of error, and a message."""

    status: int
    type: str
    message: str
