"""Do the workers of a cluster run what this process runs?

dask warns of other versions and goes on. A job is code, and is pickled: with another version of inspector it
gives other findings, or fails somewhere in the middle. So differences that matter are an error, at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inspector._version import __version__

__all__ = ["PACKAGES", "VersionsDifferError", "call_same_version", "difference_of"]

PACKAGES = ("python", "dask", "distributed", "inspector")
"""What must be the same on all sides; of Python, major and minor version. A scheduler has no inspector."""


class VersionsDifferError(Exception):
    """A worker that joined later runs another version of inspector."""


def call_same_version(version: str, job: Any, sources: Sequence[Any]) -> Any:
    """Call a job in a worker. Raises `VersionsDifferError` unless the worker runs this version."""
    if version != __version__:
        raise VersionsDifferError(_sentence("a worker", "inspector", __version__, version))
    return job(sources)


def difference_of(versions: Mapping[str, Any]) -> str:
    """Say in a sentence which version differs; empty if none does.

    `versions` is what `Client.get_versions(packages=["inspector"])` returns.
    """
    ours = versions["client"]["packages"]
    sides = {f"the worker {address}": each for address, each in versions["workers"].items()}
    for side, each in {"the scheduler": versions["scheduler"], **sides}.items():
        theirs = each["packages"] if each else {}
        for package in PACKAGES:
            if package == "inspector" and side == "the scheduler":
                continue
            one, other = _plain(package, theirs.get(package)), _plain(package, ours.get(package))
            if one != other:
                return _sentence(side, package, one, other)
    return ""


def _plain(package: str, version: str | None) -> str | None:
    return ".".join(version.split(".")[:2]) if package == "python" and version else version


def _sentence(side: str, package: str, theirs: str | None, ours: str | None) -> str:
    name = "sse-inspector" if package == "inspector" else package
    has = f"{name} {theirs}" if theirs else f"no {name}"
    return f"{side} has {has}, and this process {ours}: install {name} {ours} there"
