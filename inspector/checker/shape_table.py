"""The table of shapes, read: the fields of every object, their JSON types, and which values are wrong.

`shapes.json` is the table. `tests/checker/sdk_shapes.py` makes it from the SDK's own models, and a test holds
it against the installed SDK. Its notation, for the fields of an object:

    "text": "string"              a required string; likewise integer, number, boolean, null
    "citations?": "[A|B]|null"    may be absent; an array of objects A or B, or null
    "input": "{any}"              an object with members of any type
    "type": "'text'"              a string that distinguishes objects; 'a'|'b' for several
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

import orjson

from inspector.checker.rule import shown
from inspector.checker.shape_choices import CONSTANTS, MAY_BE_NEGATIVE, NEVER_EMPTY, OPTIONAL

__all__ = [
    "LARGEST",
    "TYPE_NAMES",
    "Field",
    "Left",
    "Shape",
    "ValueType",
    "event_shapes",
    "parse_type",
    "shape_of",
    "table",
    "wrong_count",
]

LARGEST = 2**63 - 1
"""The largest integer that the usual 64 bits of a client hold."""
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (NoneType,),
}
TYPE_NAMES: dict[type, str] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    dict: "an object",
    list: "an array",
}


@cache
def table() -> dict[str, dict[str, Any]]:
    """Return the shipped table: `events`, and the `objects` that they are made of."""
    shipped: dict[str, dict[str, Any]] = orjson.loads(Path(__file__).with_name("shapes.json").read_bytes())
    return shipped


@dataclass(frozen=True, slots=True)
class ValueType:
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
    items: ValueType | None
    values: ValueType | None


class Field(NamedTuple):
    """One field of an object. `wrong` says what a value should be, empty if it is right; None: any is."""

    name: str
    required: bool
    type: ValueType
    wrong: Callable[[Any], str] | None


class Left(NamedTuple):
    """What is left to look at in an object whose names and classes are known: integers that are `counts`,
    members whose value is `limited`, with the function that says what is wrong, and `members` with members.
    """

    counts: tuple[str, ...]
    limited: tuple[tuple[str, Callable[[Any], str]], ...]
    members: tuple[tuple[str, ValueType], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: its fields by name, in the order of the table, and the names of those that it must have.

    `signatures` keeps what `is_right` has learned of objects with the same names and classes; None: wrong.
    """

    name: str
    fields: dict[str, Field]
    required: frozenset[str]
    signatures: dict[tuple[Any, ...], Left | None] = field(default_factory=dict, compare=False, repr=False)


@cache
def shape_of(name: str) -> Shape:
    """Return an object of the table."""
    fields = {}
    for key, notation in table()["objects"][name].items():
        field, type_ = key.removesuffix("?"), parse_type(notation)
        optional = key != field or f"{name}.{field}" in OPTIONAL or (name in OPTIONAL and field != "type")
        fields[field] = Field(field, not optional, type_, _limits(name, field, type_))
    return Shape(name, fields, frozenset(field.name for field in fields.values() if field.required))


@cache
def event_shapes() -> dict[str, Shape]:
    """Return the shape of each kind of event."""
    return {kind: shape_of(name) for kind, name in table()["events"].items()}


def wrong_count(value: Any) -> str:
    """Say what a value should be that is a wrong count; empty if it is none."""
    if value.__class__ is not int or 0 <= value <= LARGEST:
        return ""
    return "a count from 0" if value < 0 else "a number of 64 bits"


def _wrong_constant(right: str, value: Any) -> str:
    return "" if value in (right, None) else shown(right)


def _wrong_name(value: Any) -> str:
    return "a name" if value == "" else ""


def _limits(name: str, field: str, type_: ValueType) -> Callable[[Any], str] | None:
    """Return what says which values of a scalar field are wrong; None if none of them is."""
    if f"{name}.{field}" in CONSTANTS:
        return partial(_wrong_constant, CONSTANTS[f"{name}.{field}"])
    if field in NEVER_EMPTY and str in type_.scalars:
        return _wrong_name
    return wrong_count if int in type_.scalars and field not in MAY_BE_NEGATIVE else None


@cache
def parse_type(notation: str) -> ValueType:
    """Read the notation of a type."""
    parts, objects = _alternatives(notation), table()["objects"]
    tags: dict[str, str] = {}
    names, untagged = [part for part in parts if part in objects], None
    for name in names:
        own_tags = re.findall("'(.*?)'", objects[name].get("type", objects[name].get("type?", "")))
        tags.update(dict.fromkeys(own_tags, name))
        if len(names) == 1 or "type" not in objects[name]:
            untagged = name
    members = {part[0]: parse_type(part[1:-1]) for part in parts if part[0] in "[{"}
    scalars = [
        _SCALARS["string" if part[0] == "'" else part] for part in parts if part[0] == "'" or part in _SCALARS
    ]
    described = [TYPE_NAMES[classes[-1]] for classes in scalars]
    described += ["an object"] * bool(names or "{" in members) + ["an array"] * ("[" in members)
    return ValueType(
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
