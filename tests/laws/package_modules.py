"""The modules of the package, as the laws look at them: their rooms, and what they import."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import inspector

PACKAGE = Path(inspector.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def short(path):
    """A module's path inside the package, as tests are named."""
    return str(path.relative_to(PACKAGE))


def dotted(path):
    """A module's dotted name."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module):
    """The room of a dotted name under `inspector`: its first part."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@functools.cache
def parsed(path):
    """A module's syntax tree."""
    return ast.parse(path.read_text())


def imports(path):
    """Every import in a file, wherever it stands; relative imports are not allowed."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{short(path)}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in NAMES else node.module for name in names)


NAMES = {dotted(path) for path in MODULES}
