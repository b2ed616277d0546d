"""The options of commands that read many files: which engine, and how many processes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from inspector.errors import UsageError

__all__ = ["Engines", "engine_options"]

_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://.")


class Engines(NamedTuple):
    """Which engine runs a job, and on what. `jobs` None means a process for each core."""

    jobs: int | None = None
    engine: str | None = None
    scheduler: str | None = None

    def refuse_contradictions(self) -> None:
        """Raise `UsageError` for options that exclude each other."""
        if self.scheduler is not None and not _ADDRESS.match(self.scheduler):
            raise UsageError(f"--scheduler {self.scheduler}: this is no address; write tcp://HOST:PORT")
        if self.scheduler and self.engine == "processes":
            raise UsageError("--scheduler is for --engine dask")
        if self.scheduler and self.jobs:
            raise UsageError("--jobs is for processes of this machine; the scheduler's workers are its own")

    @property
    def is_dask(self) -> bool:
        """Whether dask.distributed runs the job."""
        return self.engine == "dask" or self.scheduler is not None


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options. A command makes engines of them: `Engines(jobs, engine, scheduler)`."""
    for option in (
        click.option(
            "--scheduler",
            metavar="URL",
            help="The address of a dask scheduler whose workers read the files: tcp://HOST:PORT. "
            "Implies --engine dask.",
        ),
        click.option(
            "--engine",
            type=click.Choice(["processes", "dask"]),
            help="What spreads the work: processes of this machine, or dask.distributed, which starts a "
            "cluster here.  [default: processes]",
        ),
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(1),
            help="The number of processes.  [default: one for each core]",
        ),
    ):
        command = option(command)
    return command
