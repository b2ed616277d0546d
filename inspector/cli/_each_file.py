"""Work on many files: what goes wrong with one is said, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from inspector.cli._inputs import paths_of
from inspector.cli._printing import say
from inspector.cli._progress import Progress
from inspector.errors import RecordingError

__all__ = ["work_on_each"]


def work_on_each(files: Iterable[str], work: Callable[[str], None], label: str, *, quiet: bool) -> bool:
    """Do the work for each file that the arguments mean. Return whether all of it could be done."""
    whole = True
    paths = list(paths_of(files))
    with Progress(label, len(paths), quiet=quiet) as progress:
        for path in paths:
            try:
                if isinstance(path, RecordingError):
                    raise path
                work(path)
            except RecordingError as error:
                say(str(error))
                whole = False
            progress.step()
    return whole
