"""The shape of every event: which fields it has, and of which JSON types they are.

`shapes.json` is the table. `tests/checker/sdk_shapes.py` makes it from the SDK's own models, and a test holds
it against the installed SDK. Its notation, for the fields of an object:

    "text": "string"              a required string; likewise integer, number, boolean, null
    "citations?": "[A|B]|null"    may be absent; an array of objects A or B, or null
    "input": "{any}"              an object with members of any type
    "type": "'text'"              a string that distinguishes objects; 'a'|'b' for several

What the table does not know is legal: unknown keys, unknown `type`s and unknown values of an enumeration. The
API adds such things without a new version. Only a name that is a letter off a known one is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

import orjson

from inspector.checker.findings import Severity
from inspector.checker.rule import shown
from inspector.checker.shape_choices import (
    ANY_TYPE,
    CONSTANTS,
    ERRORS,
    FIELD_MISSING,
    FIELD_TYPE_WRONG,
    FIELD_VALUE_WRONG,
    MAY_BE_NEGATIVE,
    NAME_MISSPELLED,
    NEVER_EMPTY,
    OPTIONAL,
    REPORTED_BY,
)
from inspector.checker.spelling import meant

__all__ = ["MAX_FAULTS", "ShapeFault", "find_faults", "table"]

MAX_FAULTS = 20
"""How many faults of one event are looked for."""

_ABSENT: Any = object()
_LARGEST = 2**63 - 1
"""The largest integer that the usual 64 bits of a client hold."""
_MEMBER = re.compile(r"\[\d+\]")
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (NoneType,),
}
_NAMES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    dict: "an object",
    list: "an array",
}


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
    name = table()["events"].get(kind)
    if name is None:
        return ()
    differences = islice(_compare_object(payload, name), MAX_FAULTS)
    return tuple(_fault(kind, difference) for difference in differences)


@cache
def table() -> dict[str, dict[str, Any]]:
    """Return the shipped table: `events`, and the `objects` that they are made of."""
    shipped: dict[str, dict[str, Any]] = orjson.loads(Path(__file__).with_name("shapes.json").read_bytes())
    return shipped


class _Difference(NamedTuple):
    path: str
    rule: str  # the general rule for it
    expected: str
    actual: str | None


_Wrong = Callable[[Any], str]
"""Returns what a value should be; empty if it is right."""


@dataclass(frozen=True, slots=True)
class _Type:
    """The JSON types that a field may have; `name` describes them.

    `scalars` are the Python classes of values without members. `tags` has the names of objects by their
    `type`; `untagged` is the object that a value without a known `type` is compared with. `items` and
    `values` are the types of an array's and an object's members.
    """

    name: str
    anything: bool
    scalars: frozenset[type]
    tags: dict[str, str]
    untagged: str | None
    items: _Type | None
    values: _Type | None


def _fault(kind: str, difference: _Difference) -> ShapeFault:
    path, rule = difference.path.removeprefix("."), difference.rule
    own = REPORTED_BY.get(f"{kind}.{path}", (FIELD_MISSING, FIELD_TYPE_WRONG))[rule != FIELD_MISSING]
    if rule != NAME_MISSPELLED and own != FIELD_TYPE_WRONG:
        rule = own
    is_error = f"{kind}.{_MEMBER.sub('[]', path)}" in ERRORS
    severity = Severity.ERROR if is_error else Severity.WARNING
    return ShapeFault(path, difference.expected, difference.actual, rule, severity)


def _compare_object(value: dict[str, Any], name: str) -> Iterator[_Difference]:
    for field, required, type_, wrong in _fields(name):
        member = value.get(field, _ABSENT)
        if member.__class__ in type_.scalars:
            if wrong is not None and (expected := wrong(member)):
                yield _Difference(f".{field}", FIELD_VALUE_WRONG, expected, shown(member))
        elif member is not _ABSENT:
            for below in _compare(member, type_, required):
                yield below._replace(path=f".{field}{below.path}")
        elif required:
            yield _Difference(f".{field}", FIELD_MISSING, type_.name, None)
    if not _names(name).issuperset(value):
        for key in sorted(value.keys() - _names(name)):
            if (field := _misspelled(key, name)) and field not in value:
                yield _Difference(f".{key}", NAME_MISSPELLED, field, key)


def _compare(value: Any, type_: _Type, required: bool) -> Iterator[_Difference]:
    if type_.anything or value.__class__ in type_.scalars:
        return
    members: Iterator[tuple[str, Any, _Type]] = iter(())
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


def _compare_tagged(value: dict[str, Any], type_: _Type) -> Iterator[_Difference]:
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
        yield from _compare_object(value, name)


def _type_of(value: Any) -> str:
    if value.__class__ is bool or value == "":
        return shown(value)
    if isinstance(value, float) and abs(value) > _LARGEST:
        return "a number of more than 64 bits"
    return _NAMES[value.__class__]


def _wrong_count(value: Any) -> str:
    if value.__class__ is not int or 0 <= value <= _LARGEST:
        return ""
    return "a count from 0" if value < 0 else "a number of 64 bits"


def _wrong_constant(right: str, value: Any) -> str:
    return "" if value in (right, None) else shown(right)


def _wrong_name(value: Any) -> str:
    return "a name" if value == "" else ""


def _limits(name: str, field: str, type_: _Type) -> _Wrong | None:
    """Return what says which values of a scalar field are wrong; None if none of them is."""
    if f"{name}.{field}" in CONSTANTS:
        return partial(_wrong_constant, CONSTANTS[f"{name}.{field}"])
    if field in NEVER_EMPTY and str in type_.scalars:
        return _wrong_name
    return _wrong_count if int in type_.scalars and field not in MAY_BE_NEGATIVE else None


@cache
def _fields(name: str) -> tuple[tuple[str, bool, _Type, _Wrong | None], ...]:
    """List the fields of an object: name, whether it is required, type, what is wrong with a value."""
    listed = []
    for key, notation in table()["objects"][name].items():
        field, type_ = key.removesuffix("?"), _parse(notation)
        optional = key != field or f"{name}.{field}" in OPTIONAL or (name in OPTIONAL and field != "type")
        listed.append((field, not optional, type_, _limits(name, field, type_)))
    return tuple(listed)


@cache
def _names(name: str) -> frozenset[str]:
    """Return the names of an object's fields."""
    return frozenset(key.removesuffix("?") for key in table()["objects"][name])


@lru_cache(maxsize=1024)
def _misspelled(key: str, name: str) -> str:
    """Return the optional field that an unknown key must mean: a required one is reported as missing."""
    return meant(key, [field for field, required, _, _ in _fields(name) if not required])


@cache
def _parse(notation: str) -> _Type:
    """Read the notation of a type."""
    parts, objects = _alternatives(notation), table()["objects"]
    tags: dict[str, str] = {}
    names, untagged = [part for part in parts if part in objects], None
    for name in names:
        own_tags = re.findall("'(.*?)'", objects[name].get("type", objects[name].get("type?", "")))
        tags.update(dict.fromkeys(own_tags, name))
        if len(names) == 1 or "type" not in objects[name]:
            untagged = name
    members = {part[0]: _parse(part[1:-1]) for part in parts if part[0] in "[{"}
    scalars = [
        _SCALARS["string" if part[0] == "'" else part] for part in parts if part[0] == "'" or part in _SCALARS
    ]
    described = [_NAMES[classes[-1]] for classes in scalars]
    described += ["an object"] * bool(names or "{" in members) + ["an array"] * ("[" in members)
    return _Type(
        name=" or ".join(dict.fromkeys(described)),
        anything="any" in parts,
        scalars=frozenset(each for classes in scalars for each in classes),
        tags=tags,
        untagged=untagged,
        items=members.get("["),
        values=members.get("{"),
    )


def _alternatives(notation: str) -> list[str]:
    """Split the notation at each `|` outside of brackets."""
    parts, depth = [""], 0
    for character in notation:
        depth += (character in "[{") - (character in "]}")
        if character == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts
