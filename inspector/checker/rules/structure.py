"""Structure: the fields of an event are present, and have the types of the SDK's models.

Rules of other groups report the most important fields; `shapes.REPORTED_BY` says which.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.checker.citations import TYPES
from inspector.checker.context import Context
from inspector.checker.facts import listed
from inspector.checker.rule import ERROR, WARNING, Judgement, Moment, Note, rule
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
    if fault.rule == "field-missing":
        return f"{fault.path} is {fault.actual or 'missing'}"
    return f"{fault.path} is {fault.actual}, not {fault.expected}"


@rule(on=Moment.SHAPE, severity=WARNING, source=TYPES)
def field_missing(c: Context) -> Judgement:
    """An event has every field that the API always sends.

    Example: content_block_start: content_block.text is missing
    """
    return _notes(c, "field-missing")


@rule(on=Moment.SHAPE, severity=WARNING, source=TYPES)
def field_type_wrong(c: Context) -> Judgement:
    """A field has the JSON type that the API gives it.

    Example: message_start: message.usage.input_tokens is a string, not an integer
    """
    return _notes(c, "field-type-wrong")
