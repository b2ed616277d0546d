"""The shapes of all events, read from the models of the installed SDK.

`python tests/checker/sdk_shapes.py` writes them to `inspector/checker/shapes.json`, from the beta models,
which have every field of the others too. The notation is explained in `inspector/checker/shape_table.py`.
"""

from __future__ import annotations

import datetime
import json
import re
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import anthropic
from anthropic.types import RawMessageStreamEvent
from anthropic.types.beta import BetaRawMessageStreamEvent
from anthropic.types.shared import ErrorResponse
from pydantic import BaseModel

import inspector.checker

FILE = Path(inspector.checker.__file__).parent / "shapes.json"
SCALARS = {str: "string", datetime.datetime: "string", int: "integer", float: "number", bool: "boolean"}
SCALARS |= {object: "any", Any: "any", type(None): "null"}

Shapes = dict[str, dict[str, Any]]


def shapes(union: Any) -> Shapes:
    """Walk the events of a union; return the events' objects and all objects, in the shipped notation."""
    events: dict[str, str] = {}
    objects: dict[str, dict[str, str]] = {}
    for event in (*map(bare, get_args(bare(union))), ErrorResponse):
        (kind,) = get_args(bare(event.model_fields["type"].annotation))
        events[kind] = expression(event, objects)
    return merged({"events": events, "objects": objects})


def expression(annotation: Any, objects: dict[str, dict[str, str]], tagged: bool = False) -> str:
    """Spell a type, and add its objects to `objects`; `tagged` spells the values of an enumeration."""
    annotation = bare(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        parts = [expression(argument, objects, tagged) for argument in arguments]
        return "|".join(sorted(dict.fromkeys(parts), key=lambda part: part == "null"))
    if origin is list:
        return f"[{expression(arguments[0], objects)}]"
    if origin is dict:
        return f"{{{expression(arguments[1], objects)}}}"
    if origin is Literal:
        assert all(isinstance(argument, str) for argument in arguments)
        return "|".join(f"'{argument}'" for argument in arguments) if tagged else "string"
    if annotation in SCALARS:
        return SCALARS[annotation]
    assert issubclass(annotation, BaseModel), annotation
    name = annotation.__name__.removeprefix("Beta").removeprefix("Raw")
    if name not in objects:
        objects[name] = fields = {}
        for field, info in annotation.model_fields.items():
            key = (info.alias or field) + ("" if info.is_required() else "?")
            fields[key] = expression(info.annotation, objects, tagged=field == "type")
    return name


def bare(annotation: Any) -> Any:
    """Take a type out of aliases and annotations."""
    while hasattr(annotation, "__value__") or get_origin(annotation) is Annotated:
        annotation = getattr(annotation, "__value__", None) or get_args(annotation)[0]
    return annotation


def merged(table: Shapes) -> Shapes:
    """Give equal objects one name, the first one: the SDK has dozens of equal tool settings."""
    while True:
        objects, first = table["objects"], {}
        for name, fields in objects.items():
            first.setdefault(json.dumps(fields), name)
        kept = {name: first[json.dumps(fields)] for name, fields in objects.items()}
        if list(kept) == list(kept.values()):
            return table
        table["objects"] = {
            name: {field: renamed(notation, kept) for field, notation in objects[name].items()}
            for name in first.values()
        }


def renamed(notation: str, names: dict[str, str]) -> str:
    return re.sub(r"\w+", lambda match: names.get(match[0], match[0]), notation)


def written(table: Shapes) -> str:
    """The table as the shipped file, an object a line."""
    objects = ",\n".join(f"{json.dumps(name)}: {json.dumps(f)}" for name, f in table["objects"].items())
    source = f"anthropic {anthropic.__version__}"
    events = json.dumps(table["events"])
    return f'{{\n"source": "{source}",\n"events": {events},\n"objects": {{\n{objects}\n}}\n}}\n'


def beta() -> Shapes:
    return shapes(BetaRawMessageStreamEvent)


def general() -> Shapes:
    return shapes(RawMessageStreamEvent)


if __name__ == "__main__":
    FILE.write_text(written(beta()))
