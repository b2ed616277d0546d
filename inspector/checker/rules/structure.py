"""Structure: the fields of an event are present, have the types of the SDK's models, and make sense.

Rules of other groups report the most important fields; `shapes.REPORTED_BY` says which.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.checker.citations import TYPES
from inspector.checker.context import Context
from inspector.checker.facts import listed
from inspector.checker.rule import ERROR, WARNING, Judgement, Moment, Note, quote, rule
from inspector.checker.shape_choices import (
    FIELD_MISSING,
    FIELD_TYPE_WRONG,
    FIELD_VALUE_WRONG,
    NAME_MISSPELLED,
)
from inspector.checker.shapes import ShapeFault

__all__: list[str] = []


def _notes(c: Context, rule_id: str) -> Iterator[Note]:
    """Yield a note for the errors and one for the warnings, so that a warning never hides an error."""
    for severity in (ERROR, WARNING):
        faults = [fault for fault in c.event.faults_for(rule_id) if fault.severity is severity]
        if faults:
            text = listed(map(_describe, faults), len(faults), "; ")
            yield Note(f"{c.event.kind}: {text}", severity)


def _describe(fault: ShapeFault) -> str:
    if fault.rule == FIELD_MISSING:
        return f"{fault.path} is {fault.actual or 'missing'}"
    if fault.rule == NAME_MISSPELLED:
        is_key = fault.path.endswith(f".{fault.actual}")
        return f'{fault.path}{"" if is_key else f" {quote(str(fault.actual))}"} must mean "{fault.expected}"'
    return f"{fault.path} is {fault.actual}, not {fault.expected}"


@rule(on=Moment.SHAPE, severity=WARNING, also=(ERROR,), source=TYPES)
def field_missing(c: Context) -> Judgement:
    """An event has every field that the API always sends.

    Example: content_block_start: content_block.text is missing
    """
    return _notes(c, FIELD_MISSING)


@rule(on=Moment.SHAPE, severity=WARNING, also=(ERROR,), source=TYPES)
def field_type_wrong(c: Context) -> Judgement:
    """A field has the JSON type that the API gives it.

    Example: message_start: message.usage.input_tokens is a string, not an integer
    """
    return _notes(c, FIELD_TYPE_WRONG)


@rule(on=Moment.SHAPE, severity=WARNING, also=(ERROR,), source=TYPES)
def field_value_wrong(c: Context) -> Judgement:
    """A count is not negative, a name is not empty, and a message is one of the assistant.

    Example: message_start: message.usage.input_tokens is -1, not a count from 0
    """
    return _notes(c, FIELD_VALUE_WRONG)


@rule(on=Moment.SHAPE, severity=WARNING, also=(ERROR,), source=TYPES)
def name_misspelled(c: Context) -> Judgement:
    """A name is spelled as the API spells it; names that are not similar to a known one are new, and legal.

    Example: content_block_delta: delta.type "text_deltas" must mean "text_delta"
    """
    return _notes(c, NAME_MISSPELLED)
