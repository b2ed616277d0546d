"""Which test files can come out otherwise with another version of the SDK. As a program, it prints them.

The rooms below `http_library` cannot import the SDK (`test_floors.py`), so the tests in their folders
cannot differ, unless a test itself reaches it: by an import, a fixture, or a text that it runs as a program,
there or in what it imports from `tests/`. All other tests can differ. In doubt, a test can.
"""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from pathlib import Path

from package_modules import room
from test_floors import FIRST_IO, FLOORS, floor

import inspector

TESTS = Path(__file__).parents[1]
SETTINGS = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
LEFT_OUT = {Path(name).name for name in SETTINGS["norecursedirs"]} | {"benchmarks", "soak"}
"""Folders that a plain `pytest` leaves out, or that have no tests."""

SDK = {"anthropic", "httpx", "httpx2", "sse_inspector", "pytester"}
"""The SDK, its HTTP library, and what reaches all of the package."""

LOWER = set().union(*FLOORS[: floor(FIRST_IO)])
"""The rooms that cannot import the SDK."""

STARTERS = {"subprocess", "importlib", "runpy", "multiprocessing", "exec"}
"""What runs a text as code. The text has one of these words:"""

_PROGRAM = re.compile(r"\b(anthropic|httpx2?|inspector|pytest)\b")


def collected_files():
    """Every file that a plain `pytest` collects."""
    return [path for path in _files() if path.name.startswith("test_")]


def dependent(path):
    """Return whether the tests of a file can come out otherwise with another version of the SDK."""
    return path.relative_to(TESTS).parts[0] not in LOWER or reaches_sdk(path)


def reaches_sdk(path):
    """Return whether a file, or what it imports from `tests/`, reaches the SDK."""
    waiting, seen = [path], {path}
    while waiting:
        names = _names(waiting.pop())
        if not names.isdisjoint(SDK | _differing()) or any(map(_is_higher, names)):
            return True
        new = {support_files()[name] for name in names & support_files().keys()} - seen
        seen |= new
        waiting += new
    return False


def _is_higher(name):
    """Whether a name is of a module that may import the SDK, or is taken from such a module by the front."""
    if not name.startswith("inspector."):
        return False
    home = inspector._HOME.get(name.removeprefix("inspector."), name)
    return room(home) not in LOWER and room(home) not in ("__all__", "__version__", "__file__")


@functools.cache
def _files():
    return [path for path in sorted(TESTS.rglob("*.py")) if LEFT_OUT.isdisjoint(path.parts)]


@functools.cache
def support_files():
    """The modules beside the tests by name. No two have the same."""
    return {path.stem: path for path in _files() if path.stem != "conftest"}


@functools.cache
def _names(path):
    """What a file reaches by name; all of `SDK` if it runs programs, or passes the front on as a whole."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {name for node in nodes for name in _reached(node)}
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = {node.value for node in nodes if _is_text(node) and id(node) not in docstrings}
    looked_into = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    passed_on = any(_is_front(node) and id(node) not in looked_into for node in nodes)
    if passed_on or (names & STARTERS and any(map(_PROGRAM.search, texts))):
        names |= SDK
    return names | {text.removesuffix(".py") for text in texts}


def _reached(node):
    """The modules that a node imports, the names that it uses, and what it takes from the package's front."""
    if isinstance(node, ast.Import):
        return [part for alias in node.names for part in (alias.name, alias.name.partition(".")[0])]
    if isinstance(node, ast.ImportFrom):
        found = [f"{node.module}.{alias.name}" for alias in node.names]
        if node.module != "inspector" and not node.module.startswith("inspector."):
            found += [node.module.partition(".")[0], *(alias.name for alias in node.names)]
        return found
    if isinstance(node, ast.Attribute) and _is_front(node.value):
        return [f"inspector.{node.attr}"]
    return [
        getattr(node, field) for field in ("id", "arg", "name") if isinstance(getattr(node, field, 0), str)
    ]


def _is_front(node):
    return isinstance(node, ast.Name) and node.id == "inspector"


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@functools.cache
def _differing():
    """The names of `conftest.py` that depend on the SDK's HTTP library, its fixtures among them."""
    uses = {}
    for node in ast.parse((TESTS / "conftest.py").read_text()).body:
        parts = list(ast.walk(node))
        used = {name for part in parts for name in _reached(part)} | {p.value for p in parts if _is_text(p)}
        for target in node.targets if isinstance(node, ast.Assign) else [node]:
            uses |= dict.fromkeys(_reached(target), used)
    names = set(SDK)
    while more := {name for name, used in uses.items() if used & names} - names:
        names |= more
    return names


if __name__ == "__main__":
    print(*(path.relative_to(TESTS.parent) for path in collected_files() if dependent(path)))
