"""`inspector import`: files of other tools as recordings."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from inspector.cli._inputs import files_argument
from inspector.cli._printing import echo, print_pieces, say
from inspector.cli._progress import Progress, quiet_option
from inspector.cli._redacting import redact_options
from inspector.cli._signals import interrupted_by_signals
from inspector.errors import RecordingError, UsageError
from inspector.formats import opened, recording_paths
from inspector.formats.masked import masked
from inspector.recording import Reader, Recording, dump, save, without_ending
from inspector.recording.loading import whole
from inspector.recording.paths import named_compressed, refuse_other_ending
from inspector.recording.redacted import redacted
from inspector.recording.sniffing import Form
from inspector.redact import Redaction
from inspector.storage.folders import holds_files, name_below, written_name

__all__ = ["command"]


class _Input(NamedTuple):
    """A file, and its place below the folder that the argument names."""

    path: str
    place: Path


@click.command("import")
@files_argument
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE|DIR",
    help="Where to write. A name without an ending, or a folder, gets a file for each FILE. Default: stdout.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
@redact_options
@quiet_option
def command(files: tuple[str, ...], output: str, overwrite: bool, redaction: Redaction, quiet: bool) -> None:
    """Make recordings of files of other tools: cassettes, HTTP archives, fixtures, bare streams.

    FILE is a file, a folder, a pattern, or `-` for standard input. Its format is recognized by what it
    holds. Several exchanges in one FILE become a session; what is not of the Messages API is left out.
    Every other command reads these files too, without this step:

    \b
        inspector import tests/cassettes/ -o recordings/
        inspector import capture.har | inspector check -

    Secrets are masked, and ids become pseudonyms; --redact names what is hidden besides. What a file does not
    have, such as times, is marked as absent in the head.
    """
    inputs, failed = _inputs(files)
    written = _Written(output, overwrite)
    done = 0
    try:
        with (
            interrupted_by_signals(waking=False),
            Progress("importing", len(inputs), quiet=quiet) as progress,
        ):
            for done, each in enumerate(inputs):  # noqa: B007 - it is said after an interruption
                failed |= not _imported(each, written, redaction)
                progress.step()
    except KeyboardInterrupt as end:
        say(f"interrupted after {done:,} of {len(inputs):,} sources; {written.said()}")
        sys.exit(getattr(end, "status", 130))
    try:
        written.close()
    except RecordingError as error:
        say(str(error))
        failed = True
    if failed:
        sys.exit(3)


def _imported(each: _Input, written: _Written, redaction: Redaction) -> bool:
    """Import one file; return whether it could be read and written. If not, say why."""
    try:
        with opened(each.path) as reader:
            recordings = [_hidden(recording, reader, redaction) for recording in whole(reader)]
            echo(_contents(each.path, reader, recordings), err=True)
        written.add(each, recordings)
    except RecordingError as error:
        say(str(error))
        return False
    return True


def _inputs(arguments: tuple[str, ...]) -> tuple[list[_Input], bool]:
    """Return the files that the arguments mean, and whether one of them means none."""
    inputs, failed = [], False
    for argument in arguments:
        try:
            paths = recording_paths([argument])
        except RecordingError as error:
            say(str(error))
            failed = True
            continue
        inside = holds_files(argument)
        for path in paths:
            inputs.append(_Input(path, Path(name_below(path, argument) if inside else Path(path).name)))
    return inputs, failed


def _hidden(recording: Recording, reader: Reader, redaction: Redaction) -> Recording:
    """Hide secrets and ids. A file of recordings keeps its ids, unless the user wants to hide more."""
    if reader.format == Form.RECORDING.value and not redaction.whole:
        return masked(recording)
    return redacted(recording, redaction)


def _contents(path: str, reader: Reader, recordings: list[Recording]) -> str:
    """Say what a file holds: `x.har: HAR, 3 exchanges; 2 exchanges are left out, …`."""
    count = "1 exchange" if len(recordings) == 1 else f"{len(recordings):,} exchanges"
    torn = [reader.cut or "its last line is torn"] if reader.torn else []
    return "; ".join([f"{path}: {reader.format}, {count}", *reader.notices, *torn])


class _Written:
    """Where recordings go: standard output, one file for all, or a folder with a file for each input."""

    def __init__(self, output: str, overwrite: bool) -> None:
        self._output = output
        self._overwrite = overwrite
        self._session: list[Recording] = []
        self._names: Counter[Path] = Counter()
        self._count = 0
        self._in_folder = output != "-" and (Path(output).is_dir() or not Path(output).suffix)
        if not self._in_folder and output.endswith(("/", "\\")):
            raise UsageError(f"-o {output}: a folder's name has no ending here; create the folder first")
        if not self._in_folder and output != "-" and not named_compressed(output):
            refuse_other_ending(output)

    def add(self, each: _Input, recordings: list[Recording]) -> None:
        """Take the recordings of one file."""
        if self._in_folder:
            target = Path(self._output) / self._name(each.place)
            _make_folder_of(target)
            save(recordings, target, overwrite=self._overwrite)
            self._count += 1
        elif self._output == "-":
            print_pieces(_lines(recordings))
        else:
            self._session += recordings

    def said(self) -> str:
        """Say what is written before `close`."""
        if self._output == "-":
            return "what they hold is printed"
        return f"files written: {self._count:,}"

    def close(self) -> None:
        """Write the one file for all."""
        if self._session:
            _make_folder_of(Path(self._output))
            save(self._session, self._output, overwrite=self._overwrite)

    def _name(self, place: Path) -> Path:
        """Return the name of an input's recording: `a/x.jsonl` for `a/x.har`, then `a/x-2.jsonl`."""
        place = Path(written_name(str(place)))
        stem = without_ending(place.name)
        stem = (Path(stem).stem if stem == place.name else stem) or "stdin"
        name = place.with_name("stdin" if stem == "-" else stem)
        self._names[name] += 1
        number = f"-{self._names[name]}" if self._names[name] > 1 else ""
        return name.with_name(f"{name.name}{number}.jsonl")


def _make_folder_of(target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=str(target)) from error


def _lines(recordings: list[Recording]) -> Iterator[bytes]:
    for recording in recordings:
        yield from dump(recording)
