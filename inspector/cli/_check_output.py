"""The output of `inspector check`, while the results come.

Text and annotations are printed at once. A document for machines begins with counts, which are known at the
end: so its reports wait in a temporary file, and in memory are only the files that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Protocol

from inspector.cli._check_counts import CheckCounts
from inspector.cli._check_job import Checked
from inspector.cli._printing import echo, print_document, print_pieces, print_shown
from inspector.cli._terminal import screen_width, wrap
from inspector.corpus.jobs import Problem

if TYPE_CHECKING:
    from inspector.cli._check_formats import Format

__all__ = ["CheckOutput", "check_output"]

_HELD = 4 * 1024 * 1024  # bytes that wait in memory
_PIECE = 256 * 1024


class CheckOutput(Protocol):
    """Where results go."""

    def add(self, checked: Checked) -> None:
        """Take the next result."""

    def end(self, counts: CheckCounts, unlisted: Sequence[Problem], incomplete: str) -> None:
        """Print what is left; `unlisted` are the arguments that could not be read.

        `incomplete` says why the run did not come to its end; it is empty if it did.
        """


def check_output(format_: str) -> CheckOutput:
    """Return the output in a format: `text` or one of `FORMATS`."""
    if format_ == "text":
        return _Text()
    from inspector.cli._check_formats import FORMATS

    form = FORMATS[format_]
    return _Document(form) if form.document else _Annotations()


class _Text:
    def add(self, checked: Checked) -> None:
        if checked.texts:
            print_shown("".join(checked.texts))

    def end(self, counts: CheckCounts, unlisted: Sequence[Problem], incomplete: str) -> None:
        if counts.recordings > 1:
            rest = (
                f", {counts.incomplete:,} incomplete without errors or warnings" if counts.incomplete else ""
            )
            line = (
                f"{counts.recordings:,} recordings, {counts.clean:,} clean{rest}; errors: {counts.error:,}, "
                f"warnings: {counts.warning:,}"
            )
            echo(*wrap(line, screen_width(err=True)).splitlines(), err=True)


class _Annotations:
    def __init__(self) -> None:
        self._unreadable: list[Problem] = []
        self._empty = True

    def add(self, checked: Checked) -> None:
        self._unreadable += checked.unreadable
        self._print(checked.texts)

    def end(self, counts: CheckCounts, unlisted: Sequence[Problem], incomplete: str) -> None:
        from inspector.cli._check_formats import github_incomplete, github_unreadable

        self._print([github_unreadable(bad) for bad in (*unlisted, *self._unreadable)])
        self._print([github_incomplete(incomplete)] if incomplete else [])
        if self._empty:
            print_document("")

    def _print(self, lines: Sequence[str]) -> None:
        if lines:
            self._empty = False
            print_document("\n".join(lines))


class _Document:
    def __init__(self, form: Format) -> None:
        import tempfile  # it imports three compressions, for some milliseconds

        self._between = form.between.encode()
        self._around = form.document
        self._unreadable: list[Problem] = []
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_HELD)  # noqa: SIM115 - until the end
        self._empty = True

    def add(self, checked: Checked) -> None:
        self._unreadable += checked.unreadable
        for text in checked.texts:
            self._file.write((b"" if self._empty else self._between) + text.encode())
            self._empty = False

    def end(self, counts: CheckCounts, unlisted: Sequence[Problem], incomplete: str) -> None:
        assert self._around is not None
        before, after = self._around(counts, [*unlisted, *self._unreadable], not self._empty, incomplete)
        print_pieces(self._pieces(before, after))

    def _pieces(self, before: str, after: str) -> Iterator[bytes]:
        yield before.encode()
        with self._file as file:
            file.seek(0)
            while piece := file.read(_PIECE):
                yield piece
        yield after.encode() + b"\n"
