"""Do the workers of a cluster run what this process runs?

dask warns of other versions and goes on. A job is code, and is pickled: with another version of inspector it
gives other findings, or fails somewhere in the middle. So differences that matter are an error, at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspector._version import __version__
from inspector.corpus.engines.dask_needs import lack_of, missing

__all__ = ["VersionsDifferError", "call_same_version", "difference_of", "own_version"]

_PACKAGES = ("python", "dask", "distributed")
"""What must be the same on all sides; of Python, major and minor version."""


class VersionsDifferError(Exception):
    """A worker that joined later runs another version of inspector, or lacks a library."""


def call_same_version(version: str, job: Any, sources: Sequence[Any], needs: Sequence[str] = ()) -> Any:
    """Call a job in a worker.

    Raises `VersionsDifferError` unless the worker runs this version, and has the libraries that are needed.
    """
    if version != __version__:
        raise VersionsDifferError(_sentence("a worker", "sse-inspector", __version__, version))
    if lack := lack_of({_own_address(): missing(needs)}):
        raise VersionsDifferError(lack)
    return job(sources)


def _own_address() -> str:
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:  # this is no worker
        return "here"


def own_version() -> str:
    """Return the version of inspector in the process that calls it."""
    return __version__


def difference_of(versions: Mapping[str, Any], inspectors: Mapping[str, Any]) -> str:
    """Say in a sentence which version differs; empty if none does.

    `versions` is what `Client.get_versions()` returns. `inspectors` has what `own_version` returned on each
    worker, or the exception that says why it could not be called. A scheduler needs no inspector.
    """
    ours = versions["client"]["packages"]
    sides = {f"the worker {address}": each for address, each in versions["workers"].items()}
    for side, each in {"the scheduler": versions["scheduler"], **sides}.items():
        theirs = each["packages"] if each else {}
        for package in _PACKAGES:
            one, other = _plain(package, theirs.get(package)), _plain(package, ours.get(package))
            if one != other:
                return _sentence(side, package, one, other)
    for address, version in inspectors.items():
        if version != __version__:
            known = version if isinstance(version, str) else None
            return _sentence(f"the worker {address}", "sse-inspector", known, __version__)
    return ""


def _plain(package: str, version: str | None) -> str | None:
    return ".".join(version.split(".")[:2]) if package == "python" and version else version


def _sentence(side: str, package: str, theirs: str | None, ours: str | None) -> str:
    has = f"{package} {theirs}" if theirs else f"no {package}"
    return f"{side} has {has}, and this process {ours}: install {package} {ours} there"
