"""Joining many sources into packs, and taking them out again. Nothing is lost: each source has an outcome."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from inspector.corpus.member_names import name_below
from inspector.corpus.pack_writer import PackWriter, UnwritableError
from inspector.corpus.packable import NoRecordingError, PackableText
from inspector.errors import RecordingError
from inspector.redact import Redaction
from inspector.storage import Member, Source, Unread, listed, read, without_recordings
from inspector.storage.piecewise import pieces_of

__all__ = ["Outcome", "packed", "unpacked"]


class Outcome(NamedTuple):
    """What became of one source: it is written, or `error` says why not, or it is `something_else`.

    `converted` is the name of the format that its recordings were made of, empty if it held recordings.
    """

    name: str
    recordings: int = 0
    size: int | None = None
    converted: str = ""
    notices: Sequence[str] = ()
    error: RecordingError | None = None
    something_else: bool = False


def packed(arguments: Sequence[str], writer: PackWriter, redaction: Redaction) -> Iterator[Outcome]:
    """Write every source that the arguments mean, and yield what became of each, in their order.

    Raises `UnwritableError` if a pack cannot be written.
    """
    for argument in arguments:
        any_recordings, errors = False, _Errors()
        for member in read(errors.left_out(listed(argument))):
            yield from errors.outcomes()
            outcome = _packed(member, argument, writer, redaction, alone=len(arguments) == 1)
            any_recordings |= not outcome.something_else
            yield outcome
        any_recordings |= bool(errors)
        yield from errors.outcomes()
        if not any_recordings:
            yield _failed(without_recordings(argument), argument)


def _packed(
    member: Member | Unread, argument: str, writer: PackWriter, redaction: Redaction, *, alone: bool
) -> Outcome:
    if isinstance(member, Unread):
        return _failed(member.error(), member.name)
    text = PackableText(member.file, member.name, sure=member.sure, redaction=redaction)
    try:
        writer.add(name_below(member, argument, alone=alone), text)
    except NoRecordingError:
        return Outcome(member.name, size=member.size, something_else=True)
    except UnwritableError:
        raise
    except RecordingError as error:
        return _failed(error, member.name)
    return Outcome(member.name, text.recordings, member.size, text.converted, text.notices)


def unpacked(arguments: Sequence[str], folder: Path) -> Iterator[Outcome]:
    """Write the members of every source as files in `folder`, byte for byte; yield what became of each.

    Raises `UnwritableError` if a file cannot be written.
    """
    for argument in arguments:
        errors = _Errors()
        for member in read(errors.left_out(listed(argument))):
            yield from errors.outcomes()
            if isinstance(member, Unread):
                yield _failed(member.error(), member.name)
                continue
            yield _unpacked(member, folder / name_below(member, argument, alone=len(arguments) == 1))
        yield from errors.outcomes()


def _unpacked(member: Member, path: Path) -> Outcome:
    hidden = path.with_name(f".{path.name[:200]}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with hidden.open("wb") as file:
            try:
                file.writelines(pieces_of(member.file, member.name))
            except RecordingError as error:
                hidden.unlink()
                return _failed(error, member.name)
        hidden.replace(_free(path))
    except OSError as error:
        raise UnwritableError(f"cannot be written: {error.strerror}", path=str(path)) from error
    return Outcome(member.name, size=member.size)


def _free(path: Path) -> Path:
    """Return a path at which nothing is: `a-2.jsonl` if there is an `a.jsonl`."""
    number, free = 1, path
    while os.path.lexists(free):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _failed(error: RecordingError, name: str) -> Outcome:
    return Outcome(error.path or name, error=error)


class _Errors:
    """What cannot be listed, kept until what was listed before it is read."""

    def __init__(self) -> None:
        self._errors: list[RecordingError] = []
        self._any = False

    def __bool__(self) -> bool:
        return self._any

    def left_out(self, sources: Iterable[Source | RecordingError]) -> Iterator[Source]:
        """Yield the sources, and keep the errors."""
        for source in sources:
            if isinstance(source, RecordingError):
                self._errors.append(source)
                self._any = True
            else:
                yield source

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the errors that were kept, once."""
        errors, self._errors = self._errors, []
        yield from (_failed(error, "") for error in errors)
