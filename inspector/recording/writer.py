"""Writing whole recordings, and replacing a file without ever leaving half of one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from inspector.errors import RecordingError
from inspector.recording.dumping import dump_block, dump_end, dump_head
from inspector.recording.one_recording import several_recordings
from inspector.recording.paths import named_compressed, refuse_other_ending
from inspector.recording.values import Recording
from inspector.storage.compression import packed

__all__ = ["dump", "replace_file", "save"]


def dump(recording: Recording) -> Iterator[bytes]:
    """Yield a recording's lines."""
    yield dump_head(recording.head)
    others = list(recording.others)
    for number, block in enumerate(recording.blocks):
        while others and others[0][0] <= number:
            yield others.pop(0)[1]
        yield dump_block(block)
    yield from (text for _, text in others)
    if recording.end is not None:
        yield dump_end(recording.end)


def save(
    recordings: Recording | Iterable[Recording], path: str | os.PathLike[str], *, overwrite: bool = False
) -> None:
    """Write one recording, or several as a session, to a file.

    The file appears whole or not at all: it is written under a temporary name and renamed. It is compressed
    if its name ends in `.gz` or `.zst`. Raises `RecordingError` if the file exists and `overwrite` is not
    set, or if it cannot be written; also if the name of a new file means another format, such as `.har`.
    """
    if not Path(path).exists() and not named_compressed(os.fspath(path)):
        refuse_other_ending(os.fspath(path))
    several = several_recordings(recordings)
    replace_file(Path(path), (line for recording in several for line in dump(recording)), overwrite=overwrite)


def replace_file(target: Path, pieces: Iterable[bytes], *, overwrite: bool = False) -> None:
    """Write a file as `save` does: whole or not at all. Raises as `save` does."""
    import tempfile  # which takes longer to import than all the rest of this module

    if target.exists() and not overwrite:
        raise RecordingError(
            "exists already; --overwrite, or overwrite=True in Python, replaces it", path=str(target)
        )
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(packed(pieces, target.name))
                file.flush()
                os.fsync(file.fileno())  # otherwise a loss of power may leave the new name and no bytes
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=str(target)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
