"""What a check of a client is, the registry of all checks, and the findings that they make.

A check is one small function of a `CallContext`. It yields a `Note` for each thing that it has seen, or that
it could not see. Its name is the check's id. Its docstring is the sentence that must hold for a client, then
what is observed and why it matters:

    @client_check(FAULT, remedy="Wait as long as `retry-after` says.", source=DOC_ERRORS)
    def retry_after_ignored(c: CallContext) -> Notes:
        '''A retry waits as long as the server demands.

        Observed: the time between …

        Why: …
        '''

A check never guesses: what cannot be seen from where the log was taken is a note that says `UNKNOWN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from inspector.escaping import escape
from inspector.redact import mask_text
from inspector.resilience.attempts import Attempt, ClientLog, Program
from inspector.resilience.calls import Call

__all__ = [
    "CLIENT_CHECKS",
    "FAULT",
    "UNKNOWN",
    "WARNING",
    "CallContext",
    "ClientCheck",
    "ClientFinding",
    "ClientLimits",
    "Note",
    "Notes",
    "Standing",
    "client_check",
]

_SECTIONS = re.compile(r"\s+(?:Observed|Why):\s+")


class Standing(StrEnum):
    """What a finding says of the client."""

    FAULT = "fault"
    """The client did something wrong."""
    WARNING = "warning"
    """It did something that may be meant, and seldom is."""
    UNKNOWN = "not known"
    """Nothing that was seen says whether it did."""


FAULT, WARNING, UNKNOWN = Standing.FAULT, Standing.WARNING, Standing.UNKNOWN


class ClientLimits(NamedTuple):
    """The thresholds of the checks.

    `attempts` is how many attempts one call may make. `wait` is how many seconds a client may wait without
    content, `after_stop` how many after `message_stop`. Retries in less than `at_once` seconds come without a
    pause. A retry may come `early` seconds before `retry-after` says, and that part of it: clocks differ.
    """

    attempts: int = 10
    wait: float = 120.0
    after_stop: float = 5.0
    at_once: float = 0.05
    early: float = 0.05


class Note(NamedTuple):
    """What a check has seen: a message, and the numbers of the requests that it is about.

    `standing` None means that of the check.
    """

    message: str
    requests: tuple[int, ...]
    standing: Standing | None = None


Notes = Iterator[Note]


@dataclass(frozen=True, slots=True)
class CallContext:
    """What a check looks at: one call, in a log, under limits."""

    call: Call
    log: ClientLog
    limits: ClientLimits = field(default_factory=ClientLimits)

    @property
    def last(self) -> Attempt:
        """The call's last attempt."""
        return self.call.last

    @property
    def program(self) -> Program:
        """How the program ended, if that says something of this call: no call came after it."""
        return self.log.program if self.call.is_last else Program()


@dataclass(frozen=True, slots=True)
class ClientFinding:
    """One thing that a check says of a client. `requests` has the numbers of the requests it is about."""

    check: str
    standing: Standing
    message: str
    requests: tuple[int, ...] = ()

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return CLIENT_CHECKS[self.check].remedy

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values."""
        return {
            "check": self.check,
            "standing": self.standing.value,
            "message": mask_text(self.message),
            "requests": list(self.requests),
        }

    def __str__(self) -> str:
        return escape(mask_text(f"{self.standing} {self.check}: {self.message}"))


Judge = Callable[[CallContext], Notes]


@dataclass(frozen=True, slots=True)
class ClientCheck:
    """One check: what must hold, what is observed, why it matters, what to do, and a source if there is one.

    `standing` is what a note of it means that does not say another.
    """

    id: str
    standing: Standing
    sentence: str
    observed: str
    why: str
    remedy: str
    source: str
    judge: Judge


CLIENT_CHECKS: dict[str, ClientCheck] = {}
"""Every check by its id, in the order in which findings are listed."""


def client_check(standing: Standing, *, remedy: str, source: str = "") -> Callable[[Judge], Judge]:
    """Register a function as a check."""

    def register(judge: Judge) -> Judge:
        parts = [" ".join(part.split()) for part in _SECTIONS.split(judge.__doc__ or "")]
        name = judge.__name__.replace("_", "-")
        assert len(parts) == 3, f"{name} needs a sentence, `Observed:` and `Why:`"
        assert name not in CLIENT_CHECKS, f"two checks are called {name}"
        sentence, observed, why = parts
        CLIENT_CHECKS[name] = ClientCheck(name, standing, sentence, observed, why, remedy, source, judge)
        return judge

    return register
