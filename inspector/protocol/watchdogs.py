"""Who gives up on a silent stream, and when: clients and what stands before servers.

One measures bytes: a `ping` or a comment starts it again. Another measures content: it sits behind an SDK
that hides pings, and sees nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

__all__ = ["SILENCE", "WATCHDOGS", "Measure", "Watchdog", "crossed"]

SILENCE = 1.0
"""From how many seconds on a time in which nothing comes is a silence."""


class Measure(StrEnum):
    """What ends a silence."""

    BYTES = "bytes"
    """Any byte of the response."""
    CONTENT = "content"
    """An event other than `ping`."""


class Watchdog(NamedTuple):
    """Something that gives up, or complains, after `seconds` without what it measures.

    `name` says who it is, `source` where that is known from.
    """

    seconds: float
    name: str
    measures: Measure
    source: str
    complains: str = ""

    def __str__(self) -> str:
        return " ".join(("the", f"{self.seconds:g} s", *filter(None, [self.complains]), "of", self.name))


WATCHDOGS = (
    Watchdog(20, "Claude Code", Measure.BYTES, "https://github.com/BerriAI/litellm/pull/36024", "banner"),
    Watchdog(
        60,
        "nginx and AWS load balancers",
        Measure.BYTES,
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ),
    Watchdog(
        90,
        "Claude Code",
        Measure.CONTENT,
        "https://github.com/anthropics/anthropic-sdk-typescript/issues/998",
    ),
    Watchdog(
        125,
        "Cloudflare",
        Measure.BYTES,
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
    ),
    Watchdog(180, "Claude Code", Measure.BYTES, "https://github.com/anthropics/claude-code/issues/66095"),
    Watchdog(
        300,
        "Claude Code 2.1.198 and later",
        Measure.CONTENT,
        "https://github.com/EdanStarfire/claudecode_webui/issues/1674",
    ),
    Watchdog(300, "undici and Bun", Measure.BYTES, "https://github.com/tale-project/tale/pull/3396"),
    Watchdog(600, "the Anthropic SDK", Measure.BYTES, "anthropic: the read timeout in _constants.py"),
)
"""The known ones, the most impatient first. Users set most of them; these are the defaults."""


def crossed(silence: float, by: Measure) -> Iterator[Watchdog]:
    """Yield who gives up in a silence of so much time, in seconds: where no bytes come, no content comes."""
    for watchdog in WATCHDOGS:
        if silence >= watchdog.seconds and (by is Measure.BYTES or watchdog.measures is Measure.CONTENT):
            yield watchdog
