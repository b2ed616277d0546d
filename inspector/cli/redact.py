"""`inspector redact`: recordings without secrets, ids and content; and a look for secrets in any files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from inspector.cli._each_file import work_on_each
from inspector.cli._inputs import FILE
from inspector.cli._printing import Output, echo, say
from inspector.cli._progress import Progress, quiet_option
from inspector.cli._redacting import redact_options
from inspector.errors import RecordingError
from inspector.formats import load_all
from inspector.recording import Recording, dump, save
from inspector.recording.redacted import redacted
from inspector.redact import Redaction
from inspector.storage.folders import holds_files, name_below, written_name

__all__ = ["command"]


@click.command("redact")
@click.argument("files", metavar="FILE...", nargs=-1, type=FILE)
@click.option(
    "-o", "--output", metavar="PATH", help="The file to write, or the folder for several.  [default: stdout]"
)
@click.option("--in-place", is_flag=True, help="Replace each FILE in which something is hidden.")
@click.option("--overwrite", is_flag=True, help="Replace files of -o that exist.")
@redact_options
@click.option(
    "--scan",
    is_flag=True,
    help="Write nothing; say where secrets stand, in any files, and exit with 1.",
)
@quiet_option
def command(
    files: tuple[str, ...],
    output: str | None,
    in_place: bool,
    overwrite: bool,
    redaction: Redaction,
    scan: bool,
    quiet: bool,
) -> int:
    """Hide secrets, ids and content in recordings.

    FILE is a file, a folder, a pattern, or `-` for standard input. Secrets become stars and ids pseudonyms,
    as in what a tap records; --redact names what is hidden besides. Lengths and times stay. What another tool
    recorded comes out as a recording.

    \b
    inspector redact crash.jsonl -o safe.jsonl --redact prompts,outputs
    inspector redact --in-place tests/recordings/
    inspector redact --scan tests/ src/

    --scan looks for secrets in files of any kind, by default below this folder, and prints file, line and
    kind. A line with `gitleaks:allow` or `pragma: allowlist secret` is passed over.

    Exit status: 0; 1 if --scan finds a secret; 2 wrong use; 3 if a FILE cannot be read or written.
    """
    _check_use(files, output, in_place=in_place, overwrite=overwrite, scan=scan)
    if scan:
        return _scan(files or (".",), quiet=quiet)
    if in_place:
        return _each(files, lambda path: _replace(path, redaction), quiet=quiet)
    into_folder = output is not None and Path(output).is_dir()
    several = into_folder or len(files) > 1 or any(map(holds_files, files))
    if not several:
        with Progress("redacting", 1, quiet=quiet) as progress:
            pairs = _hidden(files[0], redaction)
            progress.step()
        _write(pairs, output, overwrite)
        return 0
    if output is None:
        raise click.UsageError("several recordings need -o FOLDER, or --in-place")
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise click.UsageError("several recordings need a folder: -o is a file")

    def copy(path: str) -> None:
        _copy(path, _below(path, files, folder), redaction, overwrite)

    return _each(files, copy, quiet=quiet)


def _check_use(
    files: tuple[str, ...], output: str | None, *, in_place: bool, overwrite: bool, scan: bool
) -> None:
    if not files and not scan:
        raise click.UsageError("name a FILE, or give --scan")
    if scan and (in_place or output):
        raise click.UsageError("--scan writes nothing: leave -o and --in-place out")
    if in_place and (output or "-" in files):
        raise click.UsageError("--in-place replaces files: leave -o out, and name files")
    if overwrite and not output:
        raise click.UsageError("--overwrite is for files of -o")


def _each(files: Iterable[str], work: Callable[[str], None], *, quiet: bool) -> int:
    """Do the work for each file, and return the exit status."""
    return 0 if work_on_each(files, work, "redacting", quiet=quiet) else 3


def _hidden(path: str, redaction: Redaction) -> list[tuple[Recording, Recording]]:
    """Return each recording of a file as it was and as it is to be, and say what was hidden."""
    pairs = [(recording, redacted(recording, redaction)) for recording in load_all(path)]
    before, after = (sum(map(_counts, recordings), Counter[str]()) for recordings in zip(*pairs, strict=True))
    new = after - before
    say(f"{path}: {', '.join(f'{count} {kind}' for kind, count in sorted(new.items())) or 'nothing to hide'}")
    return pairs


def _counts(recording: Recording) -> Counter[str]:
    extra = (recording.end.extra if recording.end else recording.head.extra) or {}
    counts = extra.get("redacted")
    return Counter(counts if isinstance(counts, dict) else {})


def _replace(path: str, redaction: Redaction) -> None:
    if not _is_recording(path):
        message = "holds no recording of ours: write one with -o FILE"
        raise RecordingError(message, path=path)
    pairs = _hidden(path, redaction)
    if any(before != after for before, after in pairs):
        save([after for _, after in pairs], path, overwrite=True)


def _is_recording(path: str) -> bool:
    from inspector.formats import opened
    from inspector.recording.sniffing import Form

    with opened(path) as reader:
        return reader.unpacked()[0] is Form.RECORDING


def _copy(path: str, target: Path, redaction: Redaction, overwrite: bool) -> None:
    pairs = _hidden(path, redaction)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=str(target)) from error
    save([after for _, after in pairs], target, overwrite=overwrite)


def _below(path: str, files: tuple[str, ...], folder: Path) -> Path:
    """Return where a copy of a file stands: as deep in the new folder as in the folder that was named."""
    named = next((file for file in files if holds_files(file) and Path(path).is_relative_to(file)), None)
    target = folder / written_name(name_below(path, named) if named else Path(path).name)
    return target if _is_recording(path) else target.with_suffix(".jsonl")


def _write(pairs: list[tuple[Recording, Recording]], output: str | None, overwrite: bool) -> None:
    if output is not None and output != "-":
        save([after for _, after in pairs], output, overwrite=overwrite)
        return
    out = Output()
    for _, after in pairs:
        for line in dump(after):
            out.data(line)
    out.flush()


def _scan(paths: Iterable[str], *, quiet: bool) -> int:
    from inspector.cli._scanned import files_below, secrets_of

    status = scanned = count = 0
    with Progress("scanning", quiet=quiet) as progress:
        for path in files_below(paths):
            scanned += 1
            try:
                for secret in secrets_of(path):
                    count += 1
                    echo(f"{secret.path}:{secret.line}: {secret.kind}")
            except RecordingError as error:
                say(str(error))
                status = 3
            progress.step()
    files = "1 file" if scanned == 1 else f"{scanned:,} files"
    if count:
        secrets = "1 secret" if count == 1 else f"{count:,} secrets"
        say(
            f"{secrets} in {files}. `inspector redact --in-place FILE` hides those of a recording, "
            "and `-o NEW` makes one of another tool's file"
        )
    else:
        say(f"no secret in {files}")
    return status or int(count > 0)
