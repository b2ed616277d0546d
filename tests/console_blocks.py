"""The examples of a Markdown page, and whether what it shows was printed. `page_session.py` runs them.

Laws:

- In a ```console block, lines that begin with `$ ` are commands. Those below a command are what it prints. A
  line `…` stands for any number of lines, and `…` at the end of a line for the rest of it. A command without
  lines below it has to succeed, whatever it prints.
- A ```python block is a whole program. A block in any language whose first line is a comment with the name of
  a file (`# app.py`) is that file.
- Comments before a block say how it is run. `<!-- not run: REASON -->`: not at all.
  `<!-- on a terminal of 80 columns -->`: there. `<!-- before: COMMAND -->`: after this command, which makes
  what the reader has already, and must succeed.
- A block that needs a program that is not installed here (`NOT_EVERYWHERE`) is not run.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Block", "Command", "blocks", "matches"]

NOT_EVERYWHERE = {"curl", "git", "jq", "node", "zstd"}

_BLOCK = re.compile(r"((?:^<!-- [^\n]* -->\n)*)^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"(?:#|//) (\S+\.\w+)\n")

_PACKAGES = "anthropic|inspector|sse-inspector|[Pp]ython|pytest|httpx"
_VERSIONS = (
    (re.compile(rf"\b({_PACKAGES})[ -](version )?\d+\.\d[\d.]*\b"), r"\1 VERSION"),
    (re.compile(r"\bhttpx2\b"), "httpx"),
    (re.compile(r"\bauthorization$|\bx-api-key$"), "KEY"),  # the header with the key, by the SDK's generation
    (re.compile(r'"(2023-06-01|2026-10-21)"'), '"VERSION"'),  # of the API, likewise
    (re.compile(r"\b[\d.,]+ [kM]i?B\b"), "SIZE"),  # of a page whose program may grow
)
"""What depends on the installed packages: left out of every comparison."""

_LIVE = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?"), "DATE"),
    (re.compile(r"\bin \d+ reads?\b"), "in READS"),
    (re.compile(r"\breads \d+ → \d+"), "READS"),
    (re.compile(r"[\d,.]+/s\b"), "RATE"),
    (re.compile(r"s \(\d+:\d\d:\d\d\)"), "s"),  # what pytest adds from a minute on
    (re.compile(r"[+]?\b\d+(\.\d+)? ?m?s\b"), "TIME"),
    (re.compile(r"[+]?\b\d+\.\d{3}\b"), "TIME"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"fa15e1d0\w+"), "PSEUDONYM"),
    (re.compile(r"[ \t]+"), " "),
)
"""What differs from run to run once a page has started a program: see `page_session`."""


@dataclass(frozen=True)
class Command:
    """A command of a console block, and the lines that the page shows below it."""

    line: int
    text: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page. `reason` says why it is not run; `columns` is the width of its terminal."""

    page: Path
    line: int
    language: str
    text: str
    reason: str | None = None
    columns: int | None = None
    before: tuple[str, ...] = ()

    @property
    def file(self) -> str | None:
        """The name of the file that this block is."""
        named = _FILE.match(self.text)
        return named[1] if named else None

    @property
    def runs(self) -> bool:
        """Whether the block is an example that runs here."""
        missing = [name for name in NOT_EVERYWHERE if f"{name} " in self.text and not shutil.which(name)]
        is_example = self.language in ("console", "python") or self.file is not None
        return is_example and self.reason is None and not missing

    def commands(self) -> list[Command]:
        """Cut a console block into its commands."""
        found: list[Command] = []
        continued = False
        for number, line in enumerate(self.text.splitlines(), self.line + 1):
            if continued:
                last = found.pop()
                found.append(Command(last.line, f"{last.text}\n{line}", ()))
            elif line.startswith("$ "):
                found.append(Command(number, line[2:], ()))
            elif not found:
                raise ValueError(f"{self.page.name}:{number}: a console block begins with a command: {line}")
            else:
                last = found.pop()
                found.append(Command(last.line, last.text, (*last.shown, line)))
                continue
            continued = line.endswith("\\")
        return found


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        reason = re.search(r"<!-- not run: (.+?) -->", match[1])
        columns = re.search(r"<!-- on a terminal of (\d+) columns -->", match[1])
        found.append(
            Block(
                page,
                text.count("\n", 0, match.start(2)) + 1,
                match[2],
                match[3],
                reason[1] if reason else None,
                int(columns[1]) if columns else None,
                tuple(re.findall(r"<!-- before: (.+?) -->", match[1])),
            )
        )
    return found


def matches(shown: list[str], printed: list[str], *, live: bool = False) -> bool:
    """Return whether what a page shows was printed; `live`: but for what changes from run to run."""
    pattern = []
    for line in shown:
        if line.strip() == "…":
            pattern.append(r"(?:.*\n)*?")
        elif line.endswith("…"):
            pattern.append(re.escape(_settled(line[:-1], live)) + r".*\n")
        else:
            pattern.append(re.escape(_settled(line, live)) + r"\n")
    return bool(re.fullmatch("".join(pattern), "".join(_settled(line, live) + "\n" for line in printed)))


def _settled(line: str, live: bool) -> str:
    """Replace what is not the page's to say."""
    for rule, word in (*_VERSIONS, *(_LIVE if live else ())):
        line = rule.sub(word, line)
    return line.rstrip()
