"""What an argument means: every source of a folder, a pattern, a file, an archive, or a URL, one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator

from inspector.errors import RecordingError
from inspector.storage.kinds import Kind, kind_of
from inspector.storage.places import container_of, split, store_of
from inspector.storage.stored_source import Source

__all__ = ["listed", "without_recordings"]


def listed(argument: str | os.PathLike[str]) -> Iterator[Source | RecordingError]:
    """Yield the sources that an argument means, or why a part of it cannot be listed.

    A folder means what is below it: files that end in `.jsonl` or `.sse`, compressed ones too; archives; and,
    with `sure=False`, files of other tools' endings. They come in the order of their paths, in which 9 comes
    before 10; hidden files and folders are skipped. A pattern means the files that match it. Any other name
    means itself, whether it is there or not.

    Nothing is opened. An argument that means no source at all yields the error that says what it holds
    instead. If it yields sources of which none is `sure`, and their contents are something else,
    `without_recordings` returns that error.
    """
    name = os.fspath(argument)
    count = 0
    try:
        if split(name):
            yield Source(name)
            return
        for each in store_of(name).listed(name):
            if isinstance(each, Source) and kind_of(each.name) is Kind.INDEX and each.name != name:
                continue
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
