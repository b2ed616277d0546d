"""`inspector export`: recordings in the formats of other tools."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from inspector.cli._each_file import work_on_each
from inspector.cli._inputs import files_argument
from inspector.cli._printing import Output, say
from inspector.cli._progress import Progress, quiet_option
from inspector.errors import RecordingError, UsageError
from inspector.formats import load_all
from inspector.formats.exporting import EXPORT_FORMATS, export, losses
from inspector.recording import Recording, replace_file, without_ending
from inspector.storage.folders import written_name

__all__ = ["command"]


@click.command("export")
@files_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(EXPORT_FORMATS)),
    help="The format. Default: that of the output's name, if it says one.",
)
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="Where to write; a folder, or a name that ends in a slash, gets a file each. Default: stdout.",
)
@click.option("--overwrite", is_flag=True, help="Replace files, or packs, that exist.")
@click.option("--pack", is_flag=True, help="Join many recordings into few large files, in the folder -o.")
@click.option(
    "--pack-size",
    metavar="MIB",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="The size of a pack, compressed.",
)
@click.option("--unpack", is_flag=True, help="Write what packs and archives hold as files, in the folder -o.")
@quiet_option
def command(
    files: tuple[str, ...],
    format_: str | None,
    output: str,
    overwrite: bool,
    pack: bool,
    pack_size: int,
    unpack: bool,
    quiet: bool,
) -> int:
    """Write recordings in the format of another tool.

    FILE is whatever `inspector show` reads. Standard error says what the format has no place for.
    --pack joins small recordings into packs, which every command reads as it reads folders, and --unpack
    brings the files back, byte for byte:

    \b
        inspector export --pack captures/ -o packs/
        inspector check packs/

    \b
    Formats:
      sse      the body of an event stream (one recording)
      curl     what `curl -i` prints (one recording)
      data     the payloads of the events, one a line (one recording)
      har      an HTTP archive, with the events as Chrome's DevTools import them
      vcrpy    a cassette of vcrpy
      aimock   fixtures of aimock: the whole answers
      trace    a trace for ui.perfetto.dev and chrome://tracing
      csv      a table of the events
      parquet  the same table; needs pyarrow
    """
    if pack or unpack:
        if (pack and unpack) or format_:
            raise click.UsageError("--pack, --unpack and --format exclude each other")
        if unpack and overwrite:
            raise click.UsageError("--unpack writes a new folder, and --overwrite replaces nothing there")
        from inspector.cli import _pack_export

        if unpack:
            return _pack_export.unpack(files, output, quiet=quiet)
        size = pack_size << 20
        return _pack_export.pack(files, output, overwrite=overwrite, pack_size=size, quiet=quiet)
    chosen = format_ or _format_of(output)
    recordings, failed = _recordings(files, quiet=quiet)
    if recordings:
        into_folder = output.endswith("/") or Path(output).is_dir()
        if into_folder:
            _write_each(recordings, chosen, Path(output), overwrite=overwrite, quiet=quiet)
        else:
            _write(recordings, chosen, output, overwrite=overwrite, quiet=quiet)
    return 3 if failed else 0


def _format_of(output: str) -> str:
    """Return the format that the ending of a file's name means, the longest ending first."""
    by_length = sorted(EXPORT_FORMATS.values(), key=lambda each: len(each.ending), reverse=True)
    for each in by_length:
        if output.lower().endswith(each.ending) and each.name != "aimock":
            return each.name
    raise click.UsageError(f"name the format: --format {'|'.join(EXPORT_FORMATS)}")


def _recordings(files: Sequence[str], *, quiet: bool) -> tuple[list[Recording], bool]:
    """Read all that can be read; say what cannot."""
    loaded: list[Recording] = []
    whole = work_on_each(files, lambda path: loaded.extend(load_all(path)), "reading recordings", quiet=quiet)
    return loaded, not whole


def _write(
    recordings: Sequence[Recording], format_: str, output: str, *, overwrite: bool, quiet: bool
) -> None:
    with Progress("converting", quiet=quiet):
        data = export(recordings, format_)
    if output == "-":
        if EXPORT_FORMATS[format_].binary and sys.stdout.isatty():
            raise UsageError(f"{format_} is binary data: name a file with -o")
        out = Output()
        out.data(data)
        out.flush()
    else:
        replace_file(Path(output), [data], overwrite=overwrite)
    _say_losses(recordings, format_)


def _write_each(
    recordings: Sequence[Recording], format_: str, folder: Path, *, overwrite: bool, quiet: bool
) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot be made: {error.strerror}", path=str(folder)) from error
    used: dict[str, int] = {}
    with Progress("writing", len(recordings), quiet=quiet) as progress:
        for recording in recordings:
            stem = without_ending(written_name(Path(recording.source).name)) or "recording"
            used[stem] = used.get(stem, 0) + 1
            name = f"{stem}-{used[stem]}" if used[stem] > 1 else stem
            data = export([recording], format_)
            if data:
                replace_file(folder / f"{name}{EXPORT_FORMATS[format_].ending}", [data], overwrite=overwrite)
            else:
                say(f"{recording.source or name}: nothing in it for {format_}, so it gets no file")
            progress.step()
    _say_losses(recordings, format_)


def _say_losses(recordings: Sequence[Recording], format_: str) -> None:
    lost = list(losses(recordings, format_))
    if lost:
        say(f"not in {format_}: {'; '.join(lost)}")
