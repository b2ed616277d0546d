"""Whatever a public signature names, users can import from a public module, and read what it is."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
import types
import typing
from enum import Enum

import pytest
from _extension.internals import MADE, SEAMS
from conftest import ROOT

import inspector
import inspector.corpus
import inspector.types

PUBLIC = {
    name: getattr(module, name)
    for module in (inspector.types, inspector.corpus, inspector)
    for name in module.__all__
}
EXPORTED = {id(value) for value in PUBLIC.values()}


def named(annotation):
    """Yield every class in an annotation."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        yield annotation
    origin = typing.get_origin(annotation)
    if isinstance(origin, type):
        yield origin
    for argument in typing.get_args(annotation):
        for each in argument if isinstance(argument, list) else [argument]:
            yield from named(each)


def signatures(name, value):
    """Yield what is annotated: a function; of a class its fields, methods and properties."""
    if inspect.isfunction(value):
        yield name, value
    if not inspect.isclass(value):
        return
    yield name, value
    for member, function in vars(value).items():
        if isinstance(function, property):
            function = function.fget
        function = getattr(function, "__func__", function)
        is_public = not member.startswith("_") or (member == "__init__" and value.__name__ not in MADE)
        if inspect.isfunction(function) and is_public:
            yield f"{value.__name__}.{member}", function


def hints(value):
    """Resolve the annotations, also those that are imported for type checkers only."""
    module = vars(sys.modules[value.__module__])
    found = typing.get_type_hints(value, globalns=None, localns={**PUBLIC, **module})
    return {name: hint for name, hint in found.items() if not name.startswith("_")}


def ours(value):
    return getattr(value, "__module__", "").partition(".")[0] == "inspector"


@pytest.mark.parametrize("name", PUBLIC)
def test_every_class_that_a_signature_names_is_exported(name):
    missing = {
        f"{each.__module__}.{each.__qualname__} in {where}"
        for where, value in signatures(name, PUBLIC[name])
        if where not in SEAMS and ours(value)
        for hint in hints(value).values()
        for each in named(hint)
        if ours(each) and id(each) not in EXPORTED
    }
    assert missing == set(), "export it from inspector.types, and add it to docs/types.md"


@pytest.mark.parametrize("name", PUBLIC)
def test_every_exported_class_and_function_has_a_docstring_of_its_own(name):
    value = PUBLIC[name]
    if inspect.isclass(value) or inspect.isfunction(value):
        text = value.__doc__ or ""
        assert text.strip() and not text.startswith(f"{value.__name__}("), "a dataclass gets one from Python"


@pytest.mark.parametrize(
    "value", [each for each in PUBLIC.values() if inspect.isclass(each) and issubclass(each, Enum)]
)
def test_every_member_of_an_exported_enum_has_a_text(value):
    (tree,) = (
        each
        for each in ast.parse(inspect.getsource(sys.modules[value.__module__])).body
        if isinstance(each, ast.ClassDef) and each.name == value.__name__
    )
    said = {
        before.targets[0].id
        for before, after in itertools.pairwise(tree.body)
        if isinstance(before, ast.Assign) and isinstance(after, ast.Expr)
    }
    assert value.__members__.keys() - said == set()


def test_what_is_public_for_annotations_is_needed_for_them():
    met = {id(inspector.types.Match), id(inspector.types.VirtualTime)}  # an alias, and a fixture's value
    for name, value in PUBLIC.items():
        for _, signature in signatures(name, value):
            if ours(signature):
                met |= {id(each) for hint in hints(signature).values() for each in named(hint)}
    assert [name for name in inspector.types.__all__ if id(PUBLIC[name]) not in met] == []


def test_the_manual_says_what_each_type_is():
    page = (ROOT / "docs/types.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", page, re.MULTILINE))
    assert list(rows) == inspector.types.__all__
    for name, sentence in rows.items():
        if name != "Match":  # an alias has no docstring
            first = " ".join((PUBLIC[name].__doc__ or "").split("\n\n")[0].split())
            assert first.startswith(sentence), name
