"""The seam to the HTTP library: `httpx2` under anthropic 1.0 and later, `httpx` under 0.x.

The two have the same classes under another name and refuse each other's. Nothing here imports either
before it is needed.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import re
import sys
from types import ModuleType

__all__ = ["library_of", "sdk_library"]

_NAMES = ("httpx2", "httpx")


def library_of(value: object) -> ModuleType:
    """Return the HTTP library whose request, response or client `value` is.

    Raises `TypeError` for a value of neither.
    """
    for cls in type(value).__mro__:
        name = cls.__module__.partition(".")[0]
        if name in _NAMES:
            return sys.modules[name]
    raise TypeError(f"not an object of httpx or httpx2: {type(value).__qualname__}")


@functools.cache
def sdk_library() -> ModuleType:
    """Import the HTTP library that the installed anthropic speaks, without importing anthropic."""
    try:
        needs = importlib.metadata.requires("anthropic") or []
    except importlib.metadata.PackageNotFoundError:
        needs = []
    modern = any(re.match(r"httpx2\b", need) for need in needs)
    return importlib.import_module("httpx2" if modern else "httpx")
