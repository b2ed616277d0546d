"""The shape of every event: which fields it has, and of which JSON types they are.

`shapes.json` is the table. `tests/checker/sdk_shapes.py` makes it from the SDK's own models, and a test holds
it against the installed SDK. Its notation, for the fields of an object:

    "text": "string"              a required string; likewise integer, number, boolean, null
    "citations?": "[A|B]|null"    may be absent; an array of objects A or B, or null
    "input": "{any}"              an object with members of any type
    "type": "'text'"              a string that distinguishes objects; 'a'|'b' for several

What the table does not know is legal: unknown keys, unknown `type`s and unknown values of an enumeration. The
API adds such things without a new version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

import orjson

from inspector.checker.findings import Severity
from inspector.checker.shape_choices import (
    ANY_TYPE,
    ERRORS,
    FIELD_MISSING,
    FIELD_TYPE_WRONG,
    OPTIONAL,
    REPORTED_BY,
)

__all__ = ["MAX_FAULTS", "ShapeFault", "find_faults", "table"]

MAX_FAULTS = 20
"""How many faults of one event are looked for."""

_ABSENT: Any = object()
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
    """A field that is missing or has a wrong type.

    `path` starts at the payload. `expected` and `actual` name JSON types; `actual` is None for an absent
    field. `rule` reports the fault; `severity` is for the general rules.
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
    required: bool
    expected: str
    actual: str | None


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
    path = difference.path.removeprefix(".")
    missing = difference.required and difference.actual in (None, "null")
    by_default = (FIELD_MISSING, FIELD_TYPE_WRONG)
    rule = REPORTED_BY.get(f"{kind}.{path}", by_default)[0 if missing else 1]
    severity = Severity.ERROR if f"{kind}.{path}" in ERRORS else Severity.WARNING
    return ShapeFault(path, difference.expected, difference.actual, rule, severity)


def _compare_object(value: dict[str, Any], name: str) -> Iterator[_Difference]:
    for field, required, type_ in _fields(name):
        member = value.get(field, _ABSENT)
        if member.__class__ in type_.scalars:
            continue
        if member is not _ABSENT:
            for below in _compare(member, type_, required):
                yield below._replace(path=f".{field}{below.path}")
        elif required:
            yield _Difference(f".{field}", True, type_.name, None)


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
        yield _Difference("", required, type_.name, _NAMES[value.__class__])
    for step, member, member_type in members:
        for below in _compare(member, member_type, False):
            yield below._replace(path=f"{step}{below.path}")


def _compare_tagged(value: dict[str, Any], type_: _Type) -> Iterator[_Difference]:
    tag, name = value.get("type", _ABSENT), type_.untagged
    if isinstance(tag, str):
        name = type_.tags.get(tag, name if name in ANY_TYPE or not type_.tags else None)
    elif name is None or (len(type_.tags) > 1 and tag not in (None, _ABSENT)):
        yield _Difference(".type", True, "a string", None if tag is _ABSENT else _NAMES[tag.__class__])
        return
    if name is not None:
        yield from _compare_object(value, name)


@cache
def _fields(name: str) -> tuple[tuple[str, bool, _Type], ...]:
    """List the fields of an object: name, whether it is required, type."""
    listed = []
    for key, notation in table()["objects"][name].items():
        field = key.removesuffix("?")
        optional = key != field or f"{name}.{field}" in OPTIONAL or (name in OPTIONAL and field != "type")
        listed.append((field, not optional, _parse(notation)))
    return tuple(listed)


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
