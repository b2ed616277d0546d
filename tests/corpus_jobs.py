"""Jobs for the tests of engines: they say of each source what became of it, and some end their worker."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from pathlib import Path

from inspector.storage import Source


def sources(count):
    """Sources whose names are numbers."""
    return [Source(f"{number:04}") for number in range(count)]


@dataclass
class Names:
    """Return the names of the sources."""

    def __call__(self, sources):
        return [source.name for source in sources]

    def lost(self, source, why):
        return [f"{source.name} lost: {why}"]


@dataclass
class Processes(Names):
    """Return the process that took each source."""

    def __call__(self, sources):
        return [(source.name, os.getpid()) for source in sources]


@dataclass
class Addresses(Names):
    """Return the address of the dask worker that took each source."""

    def __call__(self, sources):
        from distributed import get_worker

        return [(source.name, get_worker().address) for source in sources]


@dataclass
class Fails(Names):
    """Raise an error at one source."""

    error: Exception = field(default_factory=ZeroDivisionError)
    at: str = "0007"

    def __call__(self, sources):
        if self.at in super().__call__(sources):
            raise self.error
        return super().__call__(sources)


@dataclass
class Dies(Names):
    """End the worker at some sources, in a way: each time, or only as long as there is a file `once`."""

    at: tuple[str, ...] = ("0007",)
    way: str = "exit"
    once: str = ""

    def __call__(self, sources):
        names = super().__call__(sources)
        if set(self.at) & set(names) and (not self.once or _removed(self.once)):
            _die(self.way)
        return names


def _removed(path):
    try:
        Path(path).unlink()
    except FileNotFoundError:
        return False
    return True


def _die(way):
    if way == "exit":
        os._exit(9)
    elif way == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif way == "memory":
        raise MemoryError


def flat(results):
    """All items of all results, in order."""
    return [item for result in results for item in result]
