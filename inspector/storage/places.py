"""Which module reads a name: `local_files` for paths, `archives` for tar, `packs` for packs.

They are imported when a name needs them, since commands start quickly. To add a store or a container, write a
module as `stores` describes it, and name it in `store_of`, or in `container_of` and `split`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inspector.storage.kinds import is_url, named_archive, named_pack
from inspector.storage.object_urls import SecretURL, place_of
from inspector.storage.stored_source import Source

if TYPE_CHECKING:
    from inspector.storage.stores import Container, Store

__all__ = ["container_of", "may_be_member", "split", "store_of"]

_INSIDE = re.compile(r"\.(?:tar|tar\.gz|tgz|tar\.zst|tzst|jsonl\.zst)/", re.IGNORECASE)
"""Where the name of a container ends in the name of a member."""


def store_of(name: str) -> Store:
    """Return the store that keeps a name."""
    if is_url(name):
        from inspector.storage import objects

        return objects
    from inspector.storage import local_files

    return local_files


def container_of(source: Source) -> Container | None:
    """Return what reads the members of a source; None if it is one file."""
    if source.frames is not None:
        from inspector.storage import packs

        return packs
    if named_archive(source.name):
        from inspector.storage import archives  # rarely needed

        return archives
    return None


def may_be_member(name: str) -> bool:
    """Whether a name looks like one of a member. It may be of a file in a folder that is named `x.tar`."""
    return _INSIDE.search(name) is not None


def split(name: str) -> tuple[Container, Source, str] | None:
    """Split the name of a member: its container, and the member's own name; None if it names no member.

    Only a file in its store is a container. A folder may be named like one.
    """
    for match in _INSIDE.finditer(name):
        if isinstance(name, SecretURL):
            place_of(name)  # what stands before the member is cut out without the secret, so refuse it here
        source = store_of(name).there(name[: match.end() - 1])
        container = source and container_of(_as_container(source))
        if source and container:
            return container, source, name[match.end() :]
    return None


def _as_container(source: Source) -> Source:
    """Return a file as the container that holds a member: a file named like a pack is one then."""
    return source._replace(frames=(0, 0)) if named_pack(source.name) else source
