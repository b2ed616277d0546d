"""What a rule is, and the registry of all rules.

A rule is one small function of the `Context`. It is called at the moments it registers for, reads facts, and
returns nothing, a message, a `Note` (a message with more details) or several notes. Its name is the rule's
id. Its docstring is the sentence that must hold, followed by an example of its message:

    @rule(on=Misstep.STOP_AGAIN, severity=ERROR, source=DOC_STREAM)
    def message_stop_duplicate(c: Context) -> Judgement:
        '''A message stops once.

        Example: a second message_stop; the first is ev 7 @865
        '''
        return f"a second message_stop; the first is {c.stream.stop_at}"

This module does not import the context: a rule's own annotation says what its argument is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Protocol, TypeVar

from inspector._json import as_text, dumps_text
from inspector.checker.findings import Place, Profile, Severity
from inspector.protocol.grammar import Misstep
from inspector.recording import Absent

__all__ = [
    "ANY_END",
    "ERROR",
    "INFO",
    "RULES",
    "WARNING",
    "Judge",
    "Judgement",
    "Moment",
    "Note",
    "Rule",
    "parse_docstring",
    "quote",
    "rule",
    "rules_at",
    "shown",
]

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_EXAMPLE = re.compile(r"\n\s*\n\s*Example:")
_SHOWN = 40  # characters of a number
_CONTROL = re.compile("[\x00-\x1f\x7f]")


class Moment(Enum):
    """When a rule is called. The grammar's missteps are moments too."""

    __hash__ = object.__hash__  # each event is looked up by it, and Enum's own is a function in Python

    HEAD = "once, with the response's head"
    FRAME = "every block whose lines are not in the plain form"
    CUT = "a block in the plain form that came in several reads"
    BAD_FRAME = "a frame of AWS's binary stream that is not sound"
    PAYLOAD = "every payload that is not a JSON object, or one that orjson refuses"
    ODD_EVENT = "an event that is misnamed, or whose payload is too long for some client or not ASCII"
    OVERSIZE = "the end of a frame that is too long to be read"
    SHAPE = "an event of a known kind with a field that is missing or has a wrong type"
    MESSAGE_START = "message_start"
    BLOCK_START = "content_block_start"
    DELTA = "content_block_delta for an open block"
    MESSAGE_DELTA = "message_delta"
    ERROR = "error"
    PING = "ping"
    OTHER = "an event of an unknown kind"
    SNAPSHOT = "the deltas of a content block prove to be all of its text so far"
    BLOCK_END = "a content block has stopped"
    BLOCK_LEFT = "the call of a tool will not go on, and has not stopped"
    MESSAGE_END = "message_stop"
    GAP = "after a long silence"
    END = "once, at the end of a recording, unless it is whole"
    WHOLE_END = "once, at the end of a whole stream: status 200, message_start, message_stop, nothing cut"


ANY_END = (Moment.END, Moment.WHOLE_END)
"""For rules that may speak of whole streams, too. Nearly every stream is whole, and most rules of its end are
about what is missing."""


class ContentBlock(Protocol):
    """What a note says of a content block."""

    @property
    def index(self) -> int:
        """The block's index."""

    @property
    def type(self) -> str | None:
        """The block's type."""


class Note(NamedTuple):
    """A message, and what differs from the rule's usual: severity, place, content block."""

    message: str
    severity: Severity | None = None
    at: Place | None = None
    block: ContentBlock | None = None


Judgement = str | Note | Iterable[Note] | None
Judge = Callable[[Any], Judgement]
"""A rule's function; its argument is the `Context`."""

_Judge = TypeVar("_Judge", bound=Judge)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the protocol.

    `sentence` says what must hold, `example` is a message of this rule, `severities` are for each profile,
    and `also` lists others that a finding may have. `source` says where the rule comes from. Findings that
    belong to no content block are listed up to `limit`, and counted from there on; see `Dispatcher`. A rule
    rests if one of its `needs` is absent from the recording. If it names `blocks`, it is only called for
    content blocks of these types; if it is for `faulty` events, only for those that differ from their shape.
    """

    id: str
    group: str
    sentence: str
    severities: tuple[Severity, Severity]
    also: tuple[Severity, ...]
    source: str
    example: str
    limit: int
    judge: Judge
    needs: frozenset[Absent] = frozenset()
    blocks: frozenset[str] = frozenset()
    faulty: bool = False

    def looks_at(self, block_type: str | None, *, faulty: bool) -> bool:
        """Return whether it may speak of an event of such a content block, which has faults or not."""
        return (faulty or not self.faulty) and (not self.blocks or block_type in self.blocks)

    def severity(self, profile: Profile) -> Severity:
        """Return how bad a breach is under `profile`."""
        return self.severities[profile is Profile.COMPAT]


RULES: dict[str, Rule] = {}
"""Every rule by its id, in the order of their groups."""

_AT: dict[Moment | Misstep, list[Rule]] = {}


def rules_at(moment: Moment | Misstep) -> list[Rule]:
    """List the rules that are called at `moment`."""
    return _AT.get(moment, [])


def rule(
    *,
    on: Moment | Misstep | tuple[Moment | Misstep, ...],
    severity: Severity | tuple[Severity, Severity],
    also: tuple[Severity, ...] = (),
    source: str,
    limit: int = 5,
    needs: Absent | None = None,
    blocks: Collection[str] = (),
    faulty: bool = False,
) -> Callable[[_Judge], _Judge]:
    """Register a rule; a pair of severities is for the profiles `anthropic` and `compat`.

    A rule whose function names another severity may give it to a finding. `also` adds those of its helpers.
    """

    def register(judge: _Judge) -> _Judge:
        sentence, example = parse_docstring(judge.__doc__ or "")
        usual = severity if isinstance(severity, tuple) else (severity, severity)
        named = [each for each in Severity if each.name in judge.__code__.co_names]
        made = Rule(
            id=judge.__name__.replace("_", "-"),
            group=judge.__module__.rpartition(".")[2],
            sentence=sentence,
            severities=usual,
            also=tuple(each for each in Severity if each not in usual and each in {*named, *also}),
            source=source,
            example=example,
            limit=limit,
            needs=frozenset() if needs is None else frozenset({needs}),
            judge=judge,
            blocks=frozenset(blocks),
            faulty=faulty,
        )
        assert made.id not in RULES, f"two rules have the id {made.id}"
        RULES[made.id] = made
        for moment in on if isinstance(on, tuple) else (on,):
            _AT.setdefault(moment, []).append(made)
        return judge

    return register


def parse_docstring(text: str) -> tuple[str, str]:
    """Split a rule's docstring into its sentence and the example that follows `Example:`."""
    sentence, *rest = (" ".join(part.split()) for part in _EXAMPLE.split(text, 1))
    example = rest[0] if rest else ""
    assert sentence and example, f"a rule needs a sentence and an example: {text!r}"
    return sentence, example


def quote(value: Any, width: int = 40) -> str:
    """Quote text from a stream, or another value as JSON, on one line, shortened to `width` characters."""
    text = as_text(value)[: width + 1]
    text = _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)
    return f'"{text}"' if len(text) <= width else f'"{text[: width - 1]}…"'


def shown(value: Any) -> str:
    """Write a JSON value from a stream for a message: a scalar as JSON, shortened; others by their type."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    return quote(value) if isinstance(value, str) else dumps_text(value)[:_SHOWN]
