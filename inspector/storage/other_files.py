"""What a folder, an archive, or a part of a bucket holds if it holds no recordings."""

from __future__ import annotations

from collections import Counter

from inspector.storage.kinds import is_hidden

__all__ = ["OtherFiles"]

_ENDINGS_LIMIT = 1000  # different endings that are counted: names may end in anything
_LONGEST = 16  # characters of an ending; what is longer is a part of a name


class OtherFiles:
    """A count of files, by the endings of their names, and the first names."""

    def __init__(self) -> None:
        self._count = 0
        self._endings: Counter[str] = Counter()
        self._names: list[str] = []
        self._hidden = False

    def add(self, path: str) -> None:
        """Count a file. `path` begins below what is described."""
        if is_hidden(path):
            self._hidden = True
            return
        self._count += 1
        name = path.rpartition("/")[2]
        _, point, ending = name[1:].rpartition(".")
        ending = f".{ending}" if point and len(ending) < _LONGEST else "without an ending"
        if ending in self._endings or len(self._endings) < _ENDINGS_LIMIT:
            self._endings[ending] += 1
        if len(self._names) < 3:
            self._names.append(name)

    def __str__(self) -> str:
        """Say it: `it holds 3 other files: 2 .json, 1 .md (a.json, b.json, …)`."""
        if not self._count:
            return "it holds hidden files only" if self._hidden else "it is empty"
        counts = ", ".join(f"{count} {ending}" for ending, count in self._endings.most_common(5))
        more_endings = ", …" if len(self._endings) > 5 else ""
        more_names = ", …" if self._count > 3 else ""
        files = "file" if self._count == 1 else "files"
        return (
            f"it holds {self._count} other {files}: {counts}{more_endings} "
            f"({', '.join(self._names)}{more_names}). "
            "Recordings end in .jsonl and bare streams in .sse, compressed ones in .gz or .zst after that"
        )
