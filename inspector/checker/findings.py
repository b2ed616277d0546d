"""What `check` says: findings, and the verdict on the whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

__all__ = ["Finding", "Limits", "Profile", "Report", "Severity", "Verdict"]


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """The stream breaks the protocol, or cannot be trusted."""
    WARNING = "warning"
    """Legal or nearly so, and known to hurt."""
    INFO = "info"
    """Worth knowing; nothing is wrong."""

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Profile(StrEnum):
    """Who is expected to have sent the stream."""

    ANTHROPIC = "anthropic"
    """Anthropic's own API."""
    COMPAT = "compat"
    """Something that speaks its protocol: a gateway, a model server."""


class Verdict(StrEnum):
    """What became of the response."""

    COMPLETE = "complete"
    """The message came whole, `message_stop` included."""
    PARTIAL = "partial"
    """A message began and did not come to its end."""
    FAILED = "failed"
    """An error came in its place, or in the middle of it; or no response at all."""
    NOT_A_STREAM = "not a stream"
    """The body is not a Messages event stream."""


class Limits(NamedTuple):
    """From where on a rule speaks: seconds, except `max_frame` (bytes)."""

    gap_idle: float = 60.0
    gap_content: float = 120.0
    first_event: float = 15.0
    open_after_reason: float = 10.0
    open_after_stop: float = 5.0
    max_frame: int = 65536


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule has to say about one recording.

    `event` counts the stream's events from 1, pings included, `offset` is the first byte of the event in
    the decoded body, `t` seconds since the request. `block` is the content block's index, `block_type` its
    type. `more` is how often the same was found again, the last time at event `last`. `line` is the line
    of the file, `sdk` what anthropic's SDK makes of it, where that is known. All are None where there is
    no such thing.
    """

    rule: str
    severity: Severity
    message: str
    event: int | None = None
    offset: int | None = None
    t: float | None = None
    block: int | None = None
    block_type: str | None = None
    sdk: str | None = None
    more: int = 0
    last: int | None = None
    file: str = ""
    line: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["severity"] = self.severity.value
        return fields

    def __str__(self) -> str:
        where = [f"ev {self.event}" if self.event is not None else "", f"@{self.offset}"]
        place = " ".join(part for part in where if part and part != "@None")
        return f"{self.severity} {self.rule} {place}: {self.message}".replace(" :", ":")


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one recording, in the order of the stream, with a verdict in one line.

    `number` is the recording's place in its file, from 1; `events` and `bytes` count what came.
    """

    verdict: Verdict
    words: str
    findings: tuple[Finding, ...]
    profile: Profile
    file: str = ""
    number: int = 1
    events: int = 0
    bytes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields["verdict"] = self.verdict.value
        fields["profile"] = self.profile.value
        fields["findings"] = [finding.to_dict() for finding in self.findings]
        return fields

    def count(self, severity: Severity) -> int:
        """Count the findings of one severity."""
        return sum(1 for finding in self.findings if finding.severity is severity)
