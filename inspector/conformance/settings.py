"""Where the requests of probes go, and the limits of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["MOST_BYTES", "Limits", "Settings"]

MOST_BYTES = 32 * 1024 * 1024
"""The longest body of a response, in bytes, as it is sent and as it is decoded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where requests go, and the limits of each, in seconds.

    `key` goes into the header that `authorization` names. `timeout` is for a whole exchange, `silence` for
    the time in which nothing comes, `patience` the longest `retry-after` that is waited for.
    """

    base_url: str
    model: str
    key: str = field(default="", repr=False)
    authorization: str = "x-api-key"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 120.0
    silence: float = 45.0
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a client stays: `timeout` seconds, `silence` of them with nothing, and `enough` bytes."""

    timeout: float
    silence: float
    enough: int = MOST_BYTES
