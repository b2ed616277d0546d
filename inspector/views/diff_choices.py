"""What of two recordings is compared: which parts and paths do not count, and whether bytes and times do.

`ignore` names parts, or paths: those of changes (`content[0].text`, `usage.output_tokens`), and those of a
request's body as `inspector.replay` takes them (`system`, `tools[*].description`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from inspector.errors import UsageError
from inspector.views.changes import Change, Part
from inspector.views.json_paths import JSONPath, json_path

__all__ = ["Choices"]

_ROOTS = frozenset({*Part, "response", "stop_details", "stop_sequence", "unknown"})
"""The first steps of the paths of changes."""

_REQUEST_MEMBERS = frozenset(
    {
        *("betas", "billing_policy", "cache_control", "compaction", "container", "context_management"),
        *("diagnostics", "fallback_credit_token", "fallbacks", "inference_geo", "max_tokens", "mcp_servers"),
        *("messages", "metadata", "model", "output_config", "output_format", "service_tier", "speed"),
        *("stop_sequences", "stream", "system", "temperature", "thinking", "thread", "tool_choice", "tools"),
        *("top_k", "top_p", "user_profile_id", "workspace_id"),
    }
)
"""The members of a request's body that the API knows."""

_EXPLICIT = re.compile(r"(?:\$|body)[.\[]")


class Choices(NamedTuple):
    """How to compare: without the parts and paths in `ignore`; `exact`, also the bytes.

    Times are a difference if one is more than `timing` times the other; None means that they never are.
    """

    ignore: frozenset[Part] = frozenset()
    paths: tuple[JSONPath, ...] = ()
    exact: bool = False
    timing: float | None = None

    @classmethod
    def of(cls, ignore: Iterable[str] = (), *, exact: bool = False, timing: float | None = None) -> Choices:
        """Read `ignore`. Raises `UsageError` for what is no part and no path, and for a `timing` below 1."""
        if isinstance(ignore, str):
            raise UsageError(f"ignore is a list of parts and paths: write ignore=[{ignore!r}]")
        if timing is not None and timing < 1:
            raise UsageError(f"timing={timing:g}: the factor by which times may differ is at least 1")
        parts, paths = set(), []
        for text in ignore:
            name = text.replace("-", "_")
            if name in Part.__members__.values():
                parts.add(Part(name))
            else:
                paths.append(_path(text))
        return cls(frozenset(parts), tuple(paths), exact, timing)

    def counts(self, change: Change) -> bool:
        """Return whether a change is one that is not ignored."""
        if change.part in self.ignore:
            return False
        return not any(
            _begins(change.path, pattern) or _begins(change.path, ("request", "body", *pattern))
            for pattern in self.paths
        )

    def wants(self, part: Part) -> bool:
        """Return whether a part is to be compared."""
        return part not in self.ignore

    @property
    def compared(self) -> str:
        """What is compared, in words: recordings that are the same are the same in this."""
        names = {"times": self.timing is not None and self.wants(Part.TIMING)}
        names |= {str(part): self.exact and self.wants(part) for part in (Part.BYTES, Part.READS)}
        *first, last = ["meaning", *(name for name, counts in names.items() if counts)]
        return f"{', '.join(first)} and {last}" if first else last


def _path(text: str) -> JSONPath:
    """Parse a path. Raises `UsageError` for one that begins with nothing that recordings have."""
    path = json_path(text)
    if path[0] == "*" or path[0] in _ROOTS | _REQUEST_MEMBERS or _EXPLICIT.match(text):
        return path
    near = difflib.get_close_matches(str(path[0]), sorted(_ROOTS | _REQUEST_MEMBERS), 2)
    hint = f"did you mean {' or '.join(near)}? " if near else f"parts are {', '.join(Part)}. "
    raise UsageError(
        f"ignore={text!r} matches nothing: {path[0]!r} is no part of a recording and no parameter of a "
        f"request; {hint}A member that the API does not know is written body.{text}"
    )


def _begins(path: JSONPath, pattern: JSONPath) -> bool:
    """Return whether a path leads to what the pattern names, or into it."""
    return len(path) >= len(pattern) and all(
        step in ("*", own) for own, step in zip(path, pattern, strict=False)
    )
