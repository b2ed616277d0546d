"""How long the proxy waits for its upstream, and how much it keeps: times in seconds, sizes in bytes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from inspector.protocol import SDK_READ_TIMEOUT
from inspector.serve.limits import ServerLimits

__all__ = ["ProxyLimits", "most_connections"]

_OWN = 64  # descriptors of the process besides those of its connections
_EACH = 3  # descriptors of an exchange: the client's, the upstream's, and the recording's


@dataclass(frozen=True, slots=True)
class ProxyLimits:
    """What the proxy puts up with."""

    client: ServerLimits = field(default_factory=ServerLimits)
    """What a client may demand. Its body may be of any length, because it passes and is not kept."""
    connect: float = 30.0
    """How long a connection to the upstream may take, TLS included."""
    silence: float = SDK_READ_TIMEOUT
    """How long the upstream may be silent."""
    head: int = 256 * 1024
    """The longest head of a response."""
    copy: int = 32 * 1024 * 1024
    """How much of a request's body is recorded; this is the longest that the Messages API takes."""
    rest: float = 1.0
    """How long the rest of a request is waited for that nobody answers: its recording says what it was."""
    copies: int = 256 * 1024 * 1024
    """How much all bodies together may take that are being copied."""
    idle: float = 4.0
    """How long a connection to the upstream waits for another request, if the upstream does not say."""
    idle_most: float = 60.0
    """How long it waits if the upstream says more."""


def most_connections() -> int:
    """Return how many clients this process can serve at once, by its limit of open files."""
    if sys.platform == "win32":  # it has no such limit
        return 1 << 20
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, (min(soft, 1 << 20) - _OWN) // _EACH) if soft > 0 else 1 << 20
