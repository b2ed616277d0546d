"""The laws of the house: imports point down, rooms of one floor do not meet, what decides does no I/O."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import inspector

PACKAGE = Path(inspector.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = [
    {"errors", "_version", "_json"},
    {"sse", "redact", "protocol"},
    {"recording"},
    {"checker", "faults", "views", "formats"},
    {"http_library"},
    {"record", "play"},
    {"serve"},
    {"proxy"},
    {"conformance", "corpus"},
    {"cli", "pytest_plugin"},
    {"", "__main__"},
]
"""From the ground up; the last is the package's front door. Rooms on one floor do not import each other."""

FIRST_IO = "http_library"
"""The lowest floor that may do I/O, or know a clock."""

NO_IO = {
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
"""What the floors below may not know."""


def room(module):
    """The room of a dotted name under `inspector`: its first part."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def room_of(path):
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if inside == ("__init__",) else inside[0]


def floor(name):
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imports(path):
    """Every absolute import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            if node.module == "inspector":
                yield from (f"inspector.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = room_of(path)
    for module in imports(path):
        if module.partition(".")[0] == "inspector" and room(module) != here:
            assert floor(room(module)) < floor(here), f"{here} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_thinks_does_no_io(path):
    here = room_of(path)
    if here and floor(here) < floor(FIRST_IO):
        met = {module.partition(".")[0] for module in imports(path)} & NO_IO
        assert not met, f"{here} imports {met}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is_and_what_it_offers(path):
    tree = ast.parse(path.read_text())
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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_public_name_has_a_docstring(path):
    missing = [
        node.name for node in public_definitions(ast.parse(path.read_text())) if not ast.get_docstring(node)
    ]
    assert missing == []
