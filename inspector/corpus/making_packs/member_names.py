"""The name of a member below what a user named: in a pack, and in the folder that a pack is unpacked to."""

from __future__ import annotations

import re

from inspector.storage import Member
from inspector.storage.kinds import is_pattern

__all__ = ["name_in_pack"]

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")


def name_in_pack(member: Member, argument: str | None) -> str:
    """Return a relative name for a member, with no `..` in it.

    The folder that `argument` names is left out: `runs/1.jsonl` for `captures/runs/1.jsonl` of `captures`.
    None stands for several arguments, which may have the same names below them: so the name is whole, without
    a leading slash. What is in a pack has the name that it has there.
    """
    source, name = member.source, member.name
    if source.frames is not None and name.startswith(source.name + "/"):
        return _relative(name[len(source.name) + 1 :])
    if argument is None:
        return _relative(name)
    folder = _folder_of(argument)
    if name.startswith(folder) and len(name) > len(folder):
        return _relative(name[len(folder) :])
    return _relative(name.rpartition("/")[2])


def _folder_of(argument: str) -> str:
    """Return the folder that an argument names, with a slash; of a pattern, the part before its wildcards."""
    parts = argument.rstrip("/").split("/")
    named = next((at for at, part in enumerate(parts) if is_pattern(part)), len(parts))
    return "".join(part + "/" for part in parts[:named])


def _relative(name: str) -> str:
    parts = _SCHEME.sub("", name).split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "recording"
