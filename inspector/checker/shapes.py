"""The faults of an event: fields that are missing, or differ from the table of shapes (`shape_table`).

What the table does not know is legal: unknown keys, unknown `type`s and unknown values of an enumeration. The
API adds such things without a new version. Only a name that is a letter off a known one is a fault.

Nearly every event is right, so `is_right` looks first, and says no more. What it does not find right is
compared field by field. A test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from inspector.checker.findings import Severity
from inspector.checker.rule import shown
from inspector.checker.shape_choices import (
    ANY_TYPE,
    ERRORS,
    FIELD_MISSING,
    FIELD_TYPE_WRONG,
    FIELD_VALUE_WRONG,
    NAME_MISSPELLED,
    REPORTED_BY,
)
from inspector.checker.shape_table import (
    LARGEST,
    TYPE_NAMES,
    Left,
    Shape,
    ValueType,
    event_shapes,
    shape_of,
    wrong_count,
)
from inspector.checker.spelling import meant

__all__ = ["MAX_FAULTS", "ShapeFault", "find_faults", "is_right"]

MAX_FAULTS = 20
"""How many faults of one event are looked for."""

_SIGNATURES, _NAMES = 64, 32  # that are kept of one shape: a stream may have any number, of any length
_ABSENT: Any = object()
_MEMBER = re.compile(r"\[\d+\]")


class ShapeFault(NamedTuple):
    """A field that is missing, has a wrong type or a wrong value, or a misspelled name.

    `path` starts at the payload. `expected` and `actual` name JSON types or values; `actual` is None for an
    absent field. `rule` reports the fault; `severity` is for the general rules.
    """

    path: str
    expected: str
    actual: str | None
    rule: str
    severity: Severity


def find_faults(kind: str, payload: dict[str, Any]) -> tuple[ShapeFault, ...]:
    """Compare an event of this kind with the table; return its faults, up to `MAX_FAULTS`."""
    shape = event_shapes().get(kind)
    if shape is None or is_right(payload, shape):
        return ()
    differences = islice(_compare_object(payload, shape), MAX_FAULTS)
    return tuple(_fault(kind, difference) for difference in differences)


def is_right(value: dict[str, Any], shape: Shape) -> bool:
    """Return whether an object has no difference from this shape.

    Most of the answer depends on the names and the classes of its members alone, and streams have few such
    signatures. So it is kept, for each of them, which members have to be looked at.
    """
    signature = (*value, *map(type, value.values()))
    left = shape.signatures.get(signature, _ABSENT)
    if left is _ABSENT:
        left = _left_of(value, shape)
        if len(shape.signatures) < _SIGNATURES and len(value) <= _NAMES:
            shape.signatures[signature] = left
    if left is None:
        return False
    for name in left.counts:
        if not 0 <= value[name] <= LARGEST:
            return False
    for name, wrong in left.limited:
        if wrong(value[name]):
            return False
    for name, type_ in left.members:  # noqa: SIM110 - a generator would be felt
        if not _is_right_member(value[name], type_):
            return False
    return True


def _left_of(value: dict[str, Any], shape: Shape) -> Left | None:
    """Return what is left to look at in all objects with these names and classes; None if they are wrong."""
    if not value.keys() >= shape.required:
        return None
    counts, limited, members = [], [], []
    for key, member in value.items():
        field = shape.fields.get(key)
        if field is None:
            if (intended := _misspelled(key, shape.name)) and intended not in value:
                return None
        elif member.__class__ not in field.type.scalars:
            members.append((key, field.type))
        elif field.wrong is wrong_count:
            counts += [key] * (member.__class__ is int)
        elif field.wrong is not None:
            limited.append((key, field.wrong))
    return Left(tuple(counts), tuple(limited), tuple(members))


def _is_right_member(value: Any, type_: ValueType) -> bool:
    if type_.anything or value.__class__ in type_.scalars:
        return True
    if value.__class__ is dict:
        tag = value.get("type")
        name = type_.tags.get(tag) if tag.__class__ is str else None
        if name is None and not type_.tags:
            name = type_.untagged
        if name is not None:
            return is_right(value, shape_of(name))
    elif value.__class__ is list and type_.items:
        return all(_is_right_member(member, type_.items) for member in value)
    return next(_compare(value, type_, False), None) is None


class _Difference(NamedTuple):
    path: str
    rule: str  # the general rule for it
    expected: str
    actual: str | None


def _fault(kind: str, difference: _Difference) -> ShapeFault:
    path, rule = difference.path.removeprefix("."), difference.rule
    own = REPORTED_BY.get(f"{kind}.{path}", (FIELD_MISSING, FIELD_TYPE_WRONG))[rule != FIELD_MISSING]
    if rule != NAME_MISSPELLED and own != FIELD_TYPE_WRONG:
        rule = own
    is_error = f"{kind}.{_MEMBER.sub('[]', path)}" in ERRORS
    severity = Severity.ERROR if is_error else Severity.WARNING
    return ShapeFault(path, difference.expected, difference.actual, rule, severity)


def _compare_object(value: dict[str, Any], shape: Shape) -> Iterator[_Difference]:
    for field, required, type_, wrong in shape.fields.values():
        member = value.get(field, _ABSENT)
        if member.__class__ in type_.scalars:
            if wrong is not None and (expected := wrong(member)):
                yield _Difference(f".{field}", FIELD_VALUE_WRONG, expected, shown(member))
        elif member is not _ABSENT:
            for below in _compare(member, type_, required):
                yield below._replace(path=f".{field}{below.path}")
        elif required:
            yield _Difference(f".{field}", FIELD_MISSING, type_.name, None)
    for key in sorted(value.keys() - shape.fields):
        if (field := _misspelled(key, shape.name)) and field not in value:
            yield _Difference(f".{key}", NAME_MISSPELLED, field, key)


def _compare(value: Any, type_: ValueType, required: bool) -> Iterator[_Difference]:
    if type_.anything or value.__class__ in type_.scalars:
        return
    members: Iterator[tuple[str, Any, ValueType]] = iter(())
    if isinstance(value, dict) and (type_.tags or type_.untagged):
        yield from _compare_tagged(value, type_)
    elif isinstance(value, dict) and type_.values:
        members = ((f".{key}", member, type_.values) for key, member in value.items())
    elif isinstance(value, list) and type_.items:
        members = ((f"[{index}]", member, type_.items) for index, member in enumerate(value))
    else:
        rule = FIELD_MISSING if required and value is None else FIELD_TYPE_WRONG
        yield _Difference("", rule, type_.name, _type_of(value))
    for step, member, member_type in members:
        for below in _compare(member, member_type, False):
            yield below._replace(path=f"{step}{below.path}")


def _compare_tagged(value: dict[str, Any], type_: ValueType) -> Iterator[_Difference]:
    tag, name = value.get("type", _ABSENT), type_.untagged
    if tag and isinstance(tag, str):
        known = type_.tags.get(tag)
        if known is None and (intended := meant(tag, type_.tags)):
            yield _Difference(".type", NAME_MISSPELLED, intended, tag)
            return
        name = known or (name if name in ANY_TYPE or not type_.tags else None)
    elif name is None or (len(type_.tags) > 1 and tag not in (None, _ABSENT)):
        rule = FIELD_MISSING if tag in (None, _ABSENT) else FIELD_TYPE_WRONG
        yield _Difference(".type", rule, "a string", None if tag is _ABSENT else _type_of(tag))
        return
    if name is not None:
        yield from _compare_object(value, shape_of(name))


def _type_of(value: Any) -> str:
    if value.__class__ is bool or value == "":
        return shown(value)
    if isinstance(value, float) and abs(value) > LARGEST:
        return "a number of more than 64 bits"
    return TYPE_NAMES[value.__class__]


@lru_cache(maxsize=1024)
def _misspelled(key: str, name: str) -> str:
    """Return the optional field that an unknown key must mean: a required one is reported as missing."""
    return meant(key, [field.name for field in shape_of(name).fields.values() if not field.required])
