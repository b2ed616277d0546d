"""What `check` returns: findings, where they are, and the verdict on the whole response."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from inspector.escaping import escape
from inspector.manual import rule_page
from inspector.redact import mask_text

__all__ = ["NOWHERE", "Finding", "Limits", "Place", "Profile", "Report", "Severity", "Verdict"]


class Severity(StrEnum):
    """How bad a finding is."""

    __hash__ = str.__hash__  # Enum's own is a function in Python, and each finding is looked up by it

    ERROR = "error"
    """The stream breaks the protocol, or cannot be trusted."""
    WARNING = "warning"
    """Legal, or nearly so, and known to break clients."""
    INFO = "info"
    """Worth knowing. Nothing is wrong."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Profile(StrEnum):
    """Who is expected to have sent the stream."""

    ANTHROPIC = "anthropic"
    """Anthropic's own API."""
    COMPAT = "compat"
    """Something that speaks its protocol: a gateway, a model server."""


class Verdict(StrEnum):
    """How the response turned out."""

    COMPLETE = "complete"
    """The whole message came, with `message_stop`."""
    PARTIAL = "partial"
    """A message started and did not end."""
    FAILED = "failed"
    """An error came instead of the message or in the middle of it, or no response came."""
    NOT_A_STREAM = "not a stream"
    """The body is not a Messages event stream."""


class Limits(NamedTuple):
    """The thresholds of rules, in seconds; `max_frame` is in bytes."""

    gap_idle: float = 60.0
    gap_content: float = 120.0
    first_event: float = 15.0
    open_after_reason: float = 10.0
    open_after_stop: float = 5.0
    max_frame: int = 65536


class Place(NamedTuple):
    """A place in the stream: the event's number, its offset in the body, its time, its line in the file.

    None for what is unknown or does not apply.
    """

    event: int | None = None
    offset: int | None = None
    t: float | None = None
    line: int | None = None

    def __str__(self) -> str:
        return f"@{self.offset}" if self.event is None else f"ev {self.event} @{self.offset}"


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule reports about one recording.

    `event` counts the stream's events from 1, pings included. `offset` is the event's first byte in the
    decoded body, `t` its time in seconds since the request. `block` is the content block's index,
    `block_type` its type. `more` counts further findings of the same kind, which are not listed; `last` is
    the event of the last of them. `line` is a line of the file. What is unknown or does not apply is None.
    """

    rule: str
    severity: Severity
    message: str
    event: int | None = None
    offset: int | None = None
    t: float | None = None
    block: int | None = None
    block_type: str | None = None
    more: int = 0
    last: int | None = None
    file: str = ""
    line: int | None = None

    @property
    def page(self) -> str:
        """The address of the manual's page on the rule."""
        return rule_page(self.rule)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values, with the `page`."""
        fields = _plain_fields(self)
        return {**fields, "page": rule_page(fields["rule"])}

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__dataclass_fields__)
        return mask_text(f"Finding({fields})")

    def __str__(self) -> str:
        where = [f"ev {self.event}" if self.event is not None else "", f"@{self.offset}"]
        place = " ".join(part for part in where if part and part != "@None")
        return escape(mask_text(f"{self.severity} {self.rule} {place}: {self.message}".replace(" :", ":")))


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one recording, in the order of the stream, with the verdict.

    `detail` explains the verdict in half a line. `number` is the recording's place in its file, from 1.
    `events` and `bytes` count what the recording holds, also if it was made of a whole message.
    """

    verdict: Verdict
    detail: str
    findings: tuple[Finding, ...]
    profile: Profile
    file: str = ""
    number: int = 1
    events: int = 0
    bytes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values."""
        return {**_plain_fields(self), "findings": [finding.to_dict() for finding in self.findings]}

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)


def _plain_fields(value: Finding | Report) -> dict[str, Any]:
    """Return the fields as JSON carries them: text that UTF-8 can hold, and finite numbers or None.

    A file's name or a text of the stream may hold half a character: that is written as an escape.
    """
    fields: dict[str, Any] = {name: getattr(value, name) for name in value.__dataclass_fields__}
    for name, field in fields.items():
        if isinstance(field, str):
            fields[name] = mask_text(field.encode("utf-8", "backslashreplace").decode())
        elif isinstance(field, float) and not math.isfinite(field):
            fields[name] = None
    return fields
