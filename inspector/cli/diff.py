"""`inspector diff`: in what two recordings, sessions or folders differ in meaning."""

from __future__ import annotations

import contextlib
import functools
import re
import sys
import warnings
from collections.abc import Callable, Sequence

import click

from inspector.cli._coloured_diff import print_difference
from inspector.cli._inputs import FILE
from inspector.cli._printing import print_document, say
from inspector.cli._progress import Progress
from inspector.errors import RecordingError, RecordingWarning
from inspector.formats import load_all, recording_paths
from inspector.recording import Recording, means_files
from inspector.storage.folders import holds_files
from inspector.views.changes import Part
from inspector.views.diff_api import diff_paths
from inspector.views.diff_choices import Choices
from inspector.views.difference_tree import Difference

__all__ = ["command"]

_COMMAS = re.compile(r" *,(?![^\[]*\]) *")  # not those in brackets, where a path may have any name


@click.command("diff")
@click.argument("files", metavar="A B", nargs=-1, type=FILE)
@click.option(
    "--ignore",
    metavar="PART|PATH",
    multiple=True,
    help=f"What does not count: one of {', '.join(Part)}; or a path such as content[0].input.date, "
    "usage.output_tokens or tools[*].description. Several with commas; repeatable.",
)
@click.option("--exact", is_flag=True, help="Bytes and reads count too; say the first byte that differs.")
@click.option(
    "--timing",
    type=click.FloatRange(min=1),
    metavar="FACTOR",
    help="Times count too, if one is more than FACTOR times the other.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="The output format; markdown is for a comment on a pull request.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit status says it.")
@click.option("--git-driver", is_flag=True, help="Read the arguments that git gives a diff driver.")
def command(
    files: tuple[str, ...],
    ignore: tuple[str, ...],
    exact: bool,
    timing: float | None,
    format_: str,
    quiet: bool,
    git_driver: bool,
) -> int:
    """Say in what two recordings differ in meaning.

    A and B are two files, or two folders: then files of the same name are compared. Of sessions, recordings
    with the same question are. What differs each time does not count: padding, ids, chunking, pings, times,
    and how the text is cut into deltas.

    Exit status: 0 if they mean the same; 1 if not; 2 wrong use; 3 if a file is not a recording or cannot be
    read.

    \b
    Two lines make `git diff`, `git show` and `git log -p` readable:
        echo '*.jsonl diff=inspector' >> .gitattributes
        git config diff.inspector.textconv 'inspector diff --git-driver'
    """
    ignored = [part for each in ignore for part in _COMMAS.split(each)]
    choices = Choices.of(ignored, exact=exact, timing=timing)
    if git_driver:
        from inspector.cli._git_driver import drive

        return drive(files, choices)
    if len(files) != 2:
        raise click.UsageError(f"name two files or folders, and not {len(files)}")
    if files == ("-", "-"):
        raise click.UsageError("`-` is standard input, which can be read only once")
    if holds_files(files[0]) != holds_files(files[1]):
        for name in files:
            if not means_files(name):
                raise RecordingError("cannot be read: No such file or directory", path=name)
        raise click.UsageError("a folder is compared with a folder, and a file with a file")
    progress = Progress("comparing", lambda: _count(files), quiet=quiet)
    loader = _Loader(progress.step)
    with warnings.catch_warnings(), progress:
        warnings.simplefilter("ignore", RecordingWarning)  # the loader says them
        difference = diff_paths(files[0], files[1], choices, loader)
    if not quiet and not (loader.failed and not difference.inner and not difference.changes):
        _print(difference, format_)
    if loader.failed:
        return 3
    return int(not difference.same)


@functools.cache
def _count(files: tuple[str, ...]) -> int | None:
    """Count the files to read, for a comparison that takes long; None if that cannot be said."""
    with contextlib.suppress(RecordingError):  # the comparison itself says it
        return sum(len(recording_paths([file])) if holds_files(file) else 1 for file in files)
    return None


class _Loader:
    """Loads files; says which cannot be read, and goes on. It calls `step` after each."""

    def __init__(self, step: Callable[[], None]) -> None:
        self.failed = False
        self._step = step
        self._said: set[str] = set()

    def __call__(self, path: str) -> Sequence[Recording] | None:
        try:
            with warnings.catch_warnings(record=True) as problems:
                warnings.simplefilter("always", RecordingWarning)
                loaded = load_all(path)
        except RecordingError as error:
            self._say(str(error))
            self.failed = True
            return None
        finally:
            self._step()
        for problem in problems:
            self._say(str(problem.message))
        return loaded

    def _say(self, message: str) -> None:
        """Say it once: a file may be below both folders."""
        if message not in self._said:
            self._said.add(message)
            say(message)


def _print(difference: Difference, format_: str) -> None:
    if format_ == "text":
        print_difference(difference)
    elif format_ == "json":
        from inspector import _json

        print_document(_json.dumps_text(difference.to_dict(), indent=2))
    else:
        from inspector.views.diff_markdown import markdown

        print_document(markdown(difference))
    sys.stdout.flush()
