"""What a rule is, and the table of all of them.

A rule is one small function. It is called at the moments it registers for, looks at the `Scene`, and
returns nothing, a message, a `Note` (a message with more to it) or several. Its name is its id, its
docstring the sentence it stands for.

    @rule(on=Misstep.OVERLAP, severity=(WARNING, ERROR), source=DOC_STREAM, sdk=HANDLED, example="…")
    def block_overlap(s):
        '''Content blocks come one after another: one stops before the next starts.'''
        return f"block {s.content.index} started while block {s.open[0]} is open"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from inspector.checker.findings import Profile, Severity
from inspector.checker.reactions import Reaction
from inspector.protocol.grammar import Misstep

if TYPE_CHECKING:
    from inspector.checker.context import BlockFacts, Scene

__all__ = ["RULES", "Judgement", "Moment", "Note", "Place", "Rule", "rule", "rules_at"]


class Moment(Enum):
    """When a rule is asked; the grammar's missteps are moments too."""

    HEAD = "once, with the response's head"
    FRAME = "every block that is not in the plain form"
    PAYLOAD = "every payload that is not a JSON object, or one that orjson refuses"
    EVENT = "every event that can be read"
    MESSAGE_START = "message_start"
    BLOCK_START = "content_block_start"
    DELTA = "content_block_delta, for a block that is open"
    MESSAGE_DELTA = "message_delta"
    ERROR = "error"
    PING = "ping"
    OTHER = "an event of an unknown kind"
    BLOCK_END = "a content block has stopped"
    MESSAGE_END = "message_stop"
    GAP = "after a long silence"
    END = "once, at the end of the recording"


class Place(NamedTuple):
    """Where in the stream something is; None for what does not apply."""

    event: int | None = None
    offset: int | None = None
    t: float | None = None
    line: int | None = None

    def __str__(self) -> str:
        return f"ev {self.event} @{self.offset}"


class Note(NamedTuple):
    """A message with what differs from the usual: severity, the SDK's reaction, the place, the block."""

    message: str
    severity: Severity | None = None
    sdk: Reaction | None = None
    at: Place | None = None
    block: BlockFacts | None = None


Judgement = str | Note | Iterable[Note] | None
Judge = Callable[["Scene"], Judgement]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the protocol.

    `sentence` is what must hold, `severities` how bad a breach is in each profile, `source` where the rule
    comes from, `sdk` what anthropic's SDK does with a breach, `example` the message of the one in the
    tests. The same finding is told `limit` times in one recording, and counted from then on.
    """

    id: str
    group: str
    sentence: str
    severities: tuple[Severity, Severity]
    source: str
    example: str
    sdk: Reaction | None
    limit: int
    judge: Judge

    def severity(self, profile: Profile) -> Severity:
        """How bad a breach is under `profile`."""
        return self.severities[profile is Profile.COMPAT]


RULES: dict[str, Rule] = {}
"""Every rule by its id, in the order of their groups."""

_AT: dict[Moment | Misstep, list[Rule]] = {}


def rules_at(moment: Moment | Misstep) -> list[Rule]:
    """List the rules that are asked at `moment`."""
    return _AT.get(moment, [])


def rule(
    *,
    on: Moment | Misstep | tuple[Moment | Misstep, ...],
    severity: Severity | tuple[Severity, Severity],
    source: str,
    example: str,
    sdk: Reaction | None = None,
    limit: int = 5,
) -> Callable[[Judge], Judge]:
    """Register a rule; `severity` may be a pair, for the profiles `anthropic` and `compat`."""

    def register(judge: Judge) -> Judge:
        made = Rule(
            id=judge.__name__.replace("_", "-"),
            group=judge.__module__.rpartition(".")[2],
            sentence=" ".join((judge.__doc__ or "").split()),
            severities=severity if isinstance(severity, tuple) else (severity, severity),
            source=source,
            example=example,
            sdk=sdk,
            limit=limit,
            judge=judge,
        )
        assert made.id not in RULES, f"two rules are called {made.id}"
        RULES[made.id] = made
        for moment in on if isinstance(on, tuple) else (on,):
            _AT.setdefault(moment, []).append(made)
        return judge

    return register
