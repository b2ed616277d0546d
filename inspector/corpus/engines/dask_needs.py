"""Do the workers of a cluster have the libraries with which this process could read the sources?

A worker without one would make each of its sources unreadable, one by one.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inspector.errors import RecordingError
from inspector.storage import Source
from inspector.storage.compression import zstd_library
from inspector.storage.kinds import is_url

__all__ = ["lack_of", "missing", "needs_of"]

_OBSTORE, _ZSTD = "obstore", "backports.zstd"
_EXTRA = {_OBSTORE: "corpus", _ZSTD: "zstd"}


def needs_of(sources: Iterable[Source]) -> list[str]:
    """Return the libraries that reading these sources takes, as far as this process has them."""
    needs = set()
    for source in sources:
        if is_url(source.name):
            needs.add(_OBSTORE)
        if source.frames is not None or source.name.lower().endswith((".zst", ".tzst")):
            needs.add(_ZSTD)
    return sorted(needs.difference(missing(sorted(needs))))


def missing(needs: Sequence[str]) -> list[str]:
    """Return those of the libraries that the process that calls it does not have."""
    return [each for each in needs if not _has(each)]


def lack_of(missing_there: Mapping[str, Any]) -> str:
    """Say in a sentence which worker lacks what; empty if none does.

    `missing_there` has what `missing` returned on each worker, or the exception that says why it could not be
    called.
    """
    for address, libraries in missing_there.items():
        if isinstance(libraries, BaseException):
            return f"the worker {address} does not say what it can read"
        for each in libraries:
            return (
                f"the worker {address} has no {each}, which reading these sources takes: "
                f'pip install "sse-inspector[{_EXTRA[each]}]" there'
            )
    return ""


def _has(library: str) -> bool:
    if library != _ZSTD:
        return importlib.util.find_spec(library) is not None
    try:
        zstd_library(None)
    except RecordingError:
        return False
    return True
