"""Joining many sources into packs, and taking them out again: two jobs that run in one process, in order.

Nothing is lost: each file is written, or is unreadable for a reason that the result names, or holds something
else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path

from inspector.corpus.engines.this_process import OUT_OF_MEMORY
from inspector.corpus.jobs import Counts, Problem
from inspector.corpus.making_packs.file_names import moved
from inspector.corpus.making_packs.member_names import name_in_pack
from inspector.corpus.making_packs.pack_writer import PackWriter, UnwritableError
from inspector.corpus.making_packs.packable import PackableText
from inspector.corpus.member_reading import Files, NoRecordingsError, lost_file, members_of
from inspector.corpus.totals import Totals
from inspector.errors import RecordingError
from inspector.redact import Redaction
from inspector.storage import Member, Source, Unread
from inspector.storage.piecewise import pieces_of

__all__ = ["Packing", "Unpacking"]

_EXAMPLES = 3


class _Writing:
    """A job that writes every member of its sources."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._name = partial(name_in_pack, argument=arguments[0] if len(arguments) == 1 else None)

    def __call__(self, sources: Sequence[Source]) -> Files[str]:
        """Write the members of the sources. Raises `UnwritableError` if that fails."""
        files: Files[str] = Files()
        counts: Counter[str] = Counter()
        used = set()
        for member in members_of(sources):
            what, recordings = self._outcome(member, files)
            counts[what] += 1
            counts["recordings"] += recordings
            if what != "of_something_else":
                used.add(member.source.name)
        empty = tuple(at for at, source in enumerate(sources) if source.name not in used)
        files.counts = Counts(len(sources), Totals(**counts), empty)
        return files

    def lost(self, source: Source, why: str) -> Files[str]:
        """Return a source that could not be written as one that cannot be read."""
        return lost_file(source, why)

    def _outcome(self, member: Member | Unread, files: Files[str]) -> tuple[str, int]:
        """Write one member; return what became of it, and how many recordings it has."""
        try:
            if isinstance(member, Unread):
                raise member.error()
            return "read", self._write(member, self._name(member), files)
        except UnwritableError:
            raise
        except NoRecordingsError:
            return "of_something_else", 0
        except RecordingError as error:
            files.unreadable.append(Problem(member.name, str(error)))
        except MemoryError:  # which the engine would answer by handing out the others again
            files.unreadable.append(Problem(member.name, f"{member.name}: {OUT_OF_MEMORY}"))
        return "unreadable", 0

    def _write(self, member: Member, name: str, files: Files[str]) -> int:
        raise NotImplementedError


class Packing(_Writing):
    """Write the sources that `arguments` mean into packs. `converted` counts files by their format."""

    def __init__(self, arguments: Sequence[str], writer: PackWriter, redaction: Redaction) -> None:
        super().__init__(arguments)
        self._writer, self._redaction = writer, redaction
        self.converted: Counter[str] = Counter()

    def _write(self, member: Member, name: str, files: Files[str]) -> int:
        text = PackableText(member, self._redaction)
        self._writer.add(name, text)
        self.converted.update([text.converted] if text.converted else ())
        files.notices += [Problem(member.name, f"{member.name}: {notice}") for notice in text.notices]
        return text.recordings


class Unpacking(_Writing):
    """Write the members of what `arguments` mean as files in `folder`, byte for byte, under their names.

    `changed` counts the names that are not safe, that the folder does not take, or that were there already.
    `examples` are the first of them: the name as it was, and the file's.
    """

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        super().__init__(arguments)
        self._folder = folder
        self.changed = 0
        self.examples: list[tuple[str, str]] = []

    def _write(self, member: Member, name: str, files: Files[str]) -> int:
        path = self._folder / f".{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.unfinished"
        try:
            try:
                with path.open("wb") as file:
                    file.writelines(pieces_of(member.file, member.name))
                written = moved(path, self._folder, name)
            finally:
                path.unlink(missing_ok=True)
        except OSError as error:
            place = str(self._folder / name)
            raise UnwritableError(f"cannot be written: {error.strerror}", path=place) from error
        if written != name:
            self.changed += 1
            if len(self.examples) < _EXAMPLES:
                self.examples.append((name, written))
        return 0
