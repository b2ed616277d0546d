"""What `inspector export --pack` and `--unpack` do, and say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from inspector.cli._printing import say
from inspector.corpus.into_packs import Outcome, packed, unpacked
from inspector.corpus.new_folder import new_folder
from inspector.corpus.pack_writer import PackWriter
from inspector.errors import UsageError
from inspector.redact import Redaction
from inspector.storage.kinds import INDEX, named_pack

__all__ = ["pack", "unpack"]


def pack(arguments: Sequence[str], output: str, *, overwrite: bool, pack_size: int) -> int:
    """Write packs of `pack_size` bytes into a folder, and return the exit status."""
    _refuse_streams(arguments, output)
    with new_folder(Path(output), replaces=_is_of_packs if overwrite else None) as folder:
        with PackWriter(folder, pack_size) as writer:
            totals = _Totals("packing", packed(arguments, writer, Redaction()))
        if totals.written != writer.sources:
            raise AssertionError(f"{totals.written} sources were written, and {writer.sources} are in packs")
    packs = "1 pack" if writer.packs == 1 else f"{writer.packs:,} packs"
    totals.say(f"in {packs} of {_size(writer.size)} together" if writer.packs else "")
    return totals.status


def unpack(arguments: Sequence[str], output: str) -> int:
    """Write what packs and archives hold as files into a folder, and return the exit status."""
    _refuse_streams(arguments, output)
    with new_folder(Path(output)) as folder:
        totals = _Totals("unpacking", unpacked(arguments, folder))
    totals.say("")
    return totals.status


def _refuse_streams(arguments: Sequence[str], output: str) -> None:
    if output == "-":
        raise UsageError("name the folder to write: -o FOLDER/")
    if "-" in arguments:
        raise UsageError("standard input is one file, and cannot be read again: name files or folders")


def _is_of_packs(path: Path) -> bool:
    name = path.name.removesuffix(".unfinished").removesuffix(INDEX)
    return named_pack(name) and path.is_file()


class _Totals:
    """What became of all sources. They add up: all are written, unreadable, or something else."""

    def __init__(self, label: str, outcomes: Iterable[Outcome]) -> None:
        self.sources = self.written = self.unreadable = self.something_else = self.recordings = 0
        self._converted: Counter[str] = Counter()
        for outcome in outcomes:
            self._add(outcome)

    @property
    def status(self) -> int:
        """The exit status."""
        return 3 if self.unreadable else 0

    def _add(self, outcome: Outcome) -> None:
        self.sources += 1
        for notice in outcome.notices:
            say(f"{outcome.name}: {notice}")
        if outcome.error:
            self.unreadable += 1
            say(str(outcome.error))
        elif outcome.something_else:
            self.something_else += 1
        else:
            self.written += 1
            self.recordings += outcome.recordings
            self._converted.update([outcome.converted] if outcome.converted else ())

    def say(self, where: str) -> None:
        """Say the totals."""
        recordings = f" ({self.recordings:,} recordings)" if self.recordings else ""
        say(
            f"{self.sources:,} sources: {self.written:,} written{recordings}{' ' + where if where else ''}, "
            f"{self.unreadable:,} unreadable, {self.something_else:,} of something else"
        )
        if self._converted:
            kinds = ", ".join(f"{count:,} of {name}" for name, count in self._converted.most_common())
            say(f"made into recordings: {kinds}")


def _size(size: int) -> str:
    for unit, scale in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << scale:
            return f"{size / (1 << scale):.1f} {unit}"
    return f"{size} bytes"
