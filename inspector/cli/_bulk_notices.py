"""Messages about files, of which there may be very many: those that say the same are one line.

Messages that differ only in numbers say the same, too: `…` stands for these numbers.

inspector: 82 files: the line is torn; what stands before it is checked: a.jsonl:3, b.jsonl:9, c.jsonl:2, …
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from inspector.cli._printing import say
from inspector.corpus.jobs import Problem

__all__ = ["BulkNotices"]

FEW = 3
"""Up to this many messages that say the same have a line each."""
KINDS = 50
"""Of more kinds of messages than these, the rest is counted."""

_NUMBER = re.compile(r"\d[\d,]*")
_LINE = re.compile(r":\d+(?=: )")


class BulkNotices:
    """Collect messages, and say them. A few of each kind are held."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._said: dict[str, str] = {}
        self._first: dict[str, list[Problem]] = {}
        self._more = 0

    def add(self, problems: Iterable[Problem]) -> None:
        """Collect messages."""
        for problem in problems:
            said = _cause(problem)[1]
            cause = _NUMBER.sub("…", said)
            if cause not in self._counts and len(self._counts) >= KINDS:
                self._more += 1
                continue
            if self._said.setdefault(cause, said) != said:
                self._said[cause] = cause
            self._counts[cause] = self._counts.get(cause, 0) + 1
            if self._counts[cause] <= FEW:
                self._first.setdefault(cause, []).append(problem)

    def say(self) -> None:
        """Say the messages on standard error, in the order in which their kinds came."""
        for cause, count in self._counts.items():
            first = self._first[cause]
            if count <= FEW:
                for problem in first:
                    say(problem.message)
            else:
                places = ", ".join(_cause(problem)[0] for problem in first)
                say(f"{count:,} files: {self._said[cause]}: {places}, …")
        if self._more:
            say(f"{self._more:,} more files have other problems; `--format json` names all")


def _cause(problem: Problem) -> tuple[str, str]:
    """Divide a message into the place that it names, and what it says of it."""
    file, message = problem.file, problem.message
    if not message.startswith(file):
        return file, message
    line = _LINE.match(message, len(file))
    end = line.end() if line else len(file)
    return message[:end], message[end:].removeprefix(": ")
