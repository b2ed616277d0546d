"""What `inspector export --pack` and `--unpack` do, and say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector.cli._corpus_listing import Listing
from inspector.cli._corpus_options import Engines
from inspector.cli._corpus_run import Run, run_job
from inspector.cli._printing import say
from inspector.corpus.making_packs.into_packs import Packing, Unpacking
from inspector.corpus.making_packs.new_folder import new_folder
from inspector.corpus.making_packs.pack_writer import PackWriter
from inspector.errors import UsageError
from inspector.redact import Redaction
from inspector.storage.kinds import INDEX, named_pack

__all__ = ["pack", "unpack"]


class _Stopped(Exception):  # noqa: N818 - no error, but the way out of the contexts
    """The job did not come to its end: what is not whole goes away, and an old folder stays."""

    def __init__(self, run: Run) -> None:
        self.run = run


def pack(arguments: Sequence[str], output: str, *, overwrite: bool, pack_size: int, quiet: bool) -> int:
    """Write packs of `pack_size` bytes into a folder, and return the exit status."""
    _refuse_streams(arguments, output)
    folder = new_folder(Path(output), replaces=_is_of_packs if overwrite else None)
    try:
        with folder as place, PackWriter(place, pack_size) as writer:
            job = Packing(arguments, writer, Redaction())
            run = _run(job, arguments, "packing", quiet=quiet)
    except _Stopped as stopped:
        status = _end(stopped.run)
        if writer.packs and not overwrite:
            say(f"{output}: the first {_contents(writer)}")
        return status
    assert run.counts.totals.read == writer.sources, (run.counts, writer.sources)
    status = _end(run)
    if job.converted:
        kinds = ", ".join(f"{count:,} of {name}" for name, count in job.converted.most_common())
        say(f"made into recordings: {kinds}")
    if writer.packs:
        say(f"{output}: {_contents(writer)}")
    return status


def unpack(arguments: Sequence[str], output: str, *, quiet: bool) -> int:
    """Write what packs and archives hold as files into a folder, and return the exit status."""
    _refuse_streams(arguments, output)
    try:
        with new_folder(Path(output)) as folder:
            job = Unpacking(arguments, folder)
            run = _run(job, arguments, "unpacking", quiet=quiet)
    except _Stopped as stopped:
        return _end(stopped.run, recordings=False)
    status = _end(run, recordings=False)
    if job.changed:
        names = "1 name was" if job.changed == 1 else f"{job.changed:,} names were"
        examples = ", ".join(f"{name} is {written}" for name, written in job.examples)
        more = ", …" if job.changed > len(job.examples) else ""
        say(f"{output}: {names} changed: {examples}{more}")
    return status


def _run(job: Packing | Unpacking, arguments: Sequence[str], label: str, *, quiet: bool) -> Run:
    """Run a job in this process: it writes what it reads, in the order of the sources."""
    engines = Engines(jobs=1)
    run = run_job(job, Listing(arguments), engines, lambda files: None, label=label, quiet=quiet)
    if run.status:
        raise _Stopped(run)
    return run


def _end(run: Run, *, recordings: bool = True) -> int:
    run.say_end(recordings=recordings)
    return run.status or (0 if run.all_read else 3)


def _refuse_streams(arguments: Sequence[str], output: str) -> None:
    if output == "-":
        raise UsageError("name the folder to write: -o FOLDER/")
    if "-" in arguments:
        raise UsageError("standard input is one file, and cannot be read again: name files or folders")


def _is_of_packs(path: Path) -> bool:
    name = path.name.removesuffix(".unfinished").removesuffix(INDEX)
    return named_pack(name) and path.is_file()


def _contents(writer: PackWriter) -> str:
    packs = "1 pack" if writer.packs == 1 else f"{writer.packs:,} packs"
    sources = "1 source" if writer.sources == 1 else f"{writer.sources:,} sources"
    return f"{sources} in {packs}, {_size(writer.size)} with the index"


def _size(size: int) -> str:
    for unit, scale in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << scale:
            return f"{size / (1 << scale):.1f} {unit}"
    return f"{size} bytes"
