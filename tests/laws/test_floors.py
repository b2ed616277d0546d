"""The floors of the house: imports point down, rooms on one floor do not meet, what decides does no I/O."""

from __future__ import annotations

import ast

import pytest
from package_modules import MODULES, dotted, imports, parsed, room, short

FLOORS = [
    {"escaping", "redact"},
    {"errors", "manual", "_version", "_json"},
    {"aws_frames", "sse", "protocol", "storage"},
    {"recording"},
    {"checker", "faults", "formats"},
    {"views", "resilience"},
    {"page"},
    {"http_library"},
    {"record", "play"},
    {"serve"},
    {"proxy"},
    {"conformance", "corpus"},
    {"cli", "pytest_plugin"},
    {"", "__main__", "types"},
]
"""From the ground up. The last is the package's front door. Rooms on one floor do not import each other."""

FIRST_IO = "http_library"
"""The lowest floor that may do I/O, or read a clock."""

NO_IO = {
    "obstore",
    "asyncio",
    "anyio",
    "httpx",
    "httpx2",
    "socket",
    "threading",
    "time",
    "anthropic",
    "subprocess",
    "click",
}
"""What the floors below may not import."""

READS_OBJECTS = "inspector.storage.object_clients"
"""The one module below that may: it reads objects of a store as `open` reads files."""

every_module = pytest.mark.parametrize("path", MODULES, ids=short)


def floor(name):
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


@every_module
def test_imports_point_down(path):
    here = room(dotted(path))
    for module in imports(path):
        if module.partition(".")[0] == "inspector" and room(module) != here:
            assert floor(room(module)) < floor(here), f"{here} imports {module}"


@every_module
def test_what_decides_does_no_io(path):
    here = room(dotted(path))
    if here and floor(here) < floor(FIRST_IO) and dotted(path) != READS_OBJECTS:
        forbidden = {module.partition(".")[0] for module in imports(path)} & NO_IO
        assert not forbidden, f"{here} imports {forbidden}"


@every_module
def test_every_module_says_what_it_is_and_what_it_offers(path):
    tree = parsed(path)
    assert ast.get_docstring(tree)
    names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    has_parts = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)
    assert "__all__" in names or not has_parts


@every_module
def test_a_module_stays_small(path):
    assert len(path.read_text().splitlines()) <= 320


def public_definitions(tree):
    """Functions, classes and their methods that a reader of the module may use."""
    for node in tree.body:
        if getattr(node, "name", "_").startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from public_definitions(node)


@every_module
def test_every_public_name_has_a_docstring(path):
    missing = [node.name for node in public_definitions(parsed(path)) if not ast.get_docstring(node)]
    assert missing == []
