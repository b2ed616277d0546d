"""What an argument means: every source of a folder, a pattern, a file, an archive, or a URL, one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from inspector.errors import RecordingError
from inspector.storage.kinds import INDEX, Kind, is_pattern, kind_of, named_archive, named_pack
from inspector.storage.places import container_of, split, store_of
from inspector.storage.stored_source import Source

if TYPE_CHECKING:
    from inspector.storage.stores import Store

__all__ = ["listed", "without_recordings"]


def listed(argument: str | os.PathLike[str]) -> Iterator[Source | RecordingError]:
    """Yield the sources that an argument means, or why a part of it cannot be listed.

    A folder means what is below it: files that end in `.jsonl` or `.sse`, compressed ones too; archives; and,
    with `sure=False`, files of other tools' endings. They come in the order of their paths, in which 9 comes
    before 10; hidden files and folders are skipped. A pattern means the files that match it. Any other name
    means itself, whether it is there or not. A pack is listed as ranges of its frames.

    Nothing but the indexes of packs is opened. An argument that means no source at all yields the error that
    says what it holds instead. If it yields sources of which none is `sure`, and their contents are something
    else, `without_recordings` returns that error.
    """
    name = os.fspath(argument)
    count = 0
    try:
        if split(name):
            yield Source(name)
            return
        for each in _with_frames(name, store_of(name)):
            count += 1
            yield each
    except RecordingError as error:
        yield error
        return
    if not count:
        yield without_recordings(name)


def without_recordings(argument: str | os.PathLike[str]) -> RecordingError:
    """Return the error for an argument whose sources hold no recordings. It says what is there instead."""
    name = os.fspath(argument)
    store = store_of(name)
    source = store.there(name)
    container = source and container_of(source)
    return (
        container.without_recordings(source, store)
        if source and container
        else store.without_recordings(name)
    )


def _with_frames(argument: str, store: Store) -> Iterator[Source | RecordingError]:
    """Yield what a store lists, and each pack as sources of some frames each."""
    pack: Source | None = None
    for each in store.listed(argument):
        is_index = isinstance(each, Source) and kind_of(each.name) is Kind.INDEX and each.name != argument
        if pack is not None:
            own = isinstance(each, Source) and each.name == pack.name + INDEX
            yield from _pack(pack, argument, store, has_index=own)
            pack = None
        if isinstance(each, Source) and named_pack(each.name):
            pack = each
        elif isinstance(each, Source) and named_archive(each.name):
            yield each._replace(sure=False)  # whatever was named: only its members say what is in it
        elif not is_index:
            yield each
    if pack is not None:
        yield from _pack(pack, argument, store, has_index=False)


def _pack(
    source: Source, argument: str, store: Store, *, has_index: bool
) -> Iterator[Source | RecordingError]:
    """Yield what is named like a pack. `has_index` says that its index was listed next.

    Of a folder, nothing else is looked up: one look-up in a bucket takes as long as listing hundreds.
    """
    alone = source.name == argument or is_pattern(argument)
    if has_index or (alone and store.there(source.name + INDEX)):
        from inspector.storage import packs

        yield from packs.ranges(source, store)
    else:
        yield source
