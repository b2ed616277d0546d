"""The page: `page.html` with recordings in it.

For each recording it holds facts, columns and lines, the latter two as base64 of gzip: so no byte of a stream
can end an element of the page, and none is changed. The lines are the recording's file as `inspector redact`
writes it, so a page can be sent wherever such a file can.
"""

from __future__ import annotations

import base64
import functools
import gzip
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path, PurePath
from typing import Any

from inspector import _json
from inspector._version import __version__
from inspector.errors import UsageError
from inspector.formats import load_all
from inspector.page.line_columns import tick_for
from inspector.page.read_lines import ReadLines
from inspector.page.recording_facts import Observe, facts_of, patience, shown
from inspector.recording import End, Other, Recording, TimedBlock
from inspector.recording.redacted import redacted
from inspector.redact import Redaction

__all__ = ["MOST_BYTES", "MOST_RECORDINGS", "Page", "live_page", "report"]

MOST_RECORDINGS = 100
"""How many recordings a page has at most."""
MOST_BYTES = 256 * 1024 * 1024
"""How many bytes of lines it has at most, before they are compressed; the first recording is always in it."""

_DATA = "<!--data-->"
_POLICY = "default-src 'none'; "


def report(*recordings: str | os.PathLike[str] | Recording, redaction: Redaction | None = None) -> bytes:
    """Return a page of recordings to look at: one HTML file that needs no network.

    Each argument is a recording, or what `load_all` takes. Secrets and ids are hidden, and what `redaction`
    names. The page has the first 100 recordings. Raises `RecordingError` as `load_all` does, and `UsageError`
    if nothing is named.

        Path("report.html").write_bytes(inspector.report("recordings/hello.jsonl"))
    """
    if not recordings:
        raise UsageError("name a recording to report on, or a file or folder of recordings")
    page = Page(redaction)
    for each in recordings:
        for recording in [each] if isinstance(each, Recording) else load_all(each):
            page.add(recording)
    return b"".join(page.pieces())


class Page:
    """A page in the making: `add` recordings, then write its `pieces`."""

    def __init__(self, redaction: Redaction | None = None) -> None:
        self.omitted = 0
        """How many recordings are left out, because the page is full."""
        self._redaction = redaction
        self._sources: list[str] = []
        self._facts: list[dict[str, Any]] = []
        self._blocks: list[bytes] = []
        self._bytes = 0

    @property
    def count(self) -> int:
        """How many recordings it has."""
        return len(self._facts)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(map(len, self.pieces()))

    @property
    def full(self) -> bool:
        """Whether no further recording is taken."""
        return len(self._facts) >= MOST_RECORDINGS or self._bytes >= MOST_BYTES

    def add(self, recording: Recording, observe: Observe | None = None) -> None:
        """Add a recording; count it as omitted if the page is full.

        `observe` returns lines that say what SDKs do with it. It is called for errors and warnings only.
        """
        if self.full:
            self.omitted += 1
            return
        hidden = redacted(recording, self._redaction)
        read = ReadLines(hidden.head, _tick(hidden))
        lines = read.head_line + read.add(list(_values(hidden)))
        if self._facts and self._bytes + len(lines) > MOST_BYTES:
            self._bytes = MOST_BYTES  # a smaller one after it would change the order
            self.omitted += 1
            return
        self._bytes += len(lines)
        number = len(self._facts)
        self._sources.append(recording.source)
        self._facts.append(facts_of(hidden, read, observe))
        self._blocks += _block(f"columns-{number}", read.columns.packed())
        self._blocks += _block(f"lines-{number}", lines)

    def pieces(self) -> Iterable[bytes]:
        """Yield the page."""
        for facts, name in zip(self._facts, _names(self._sources), strict=True):
            facts["name"] = shown(name)
        before, after = _template()
        yield before
        yield _facts_block(self._facts, live=False, omitted=self.omitted)
        yield from self._blocks
        yield after


def live_page() -> bytes:
    """Return a page that takes its recordings from the server that it comes from, while they are made."""
    before, after = _template()
    if before.count(_POLICY.encode()) != 1:
        raise AssertionError("page.html has lost its policy")
    before = before.replace(_POLICY.encode(), f"{_POLICY}connect-src 'self'; ".encode())
    return b"".join((before, _facts_block([], live=True, omitted=0), after))


def _values(recording: Recording) -> Iterator[TimedBlock | Other | End]:
    """Yield all that stands after the head, in the order of the file."""
    begun = 0
    for place, text in recording.others:
        yield from recording.blocks[begun:place]
        yield Other(text)
        begun = place
    yield from recording.blocks[begun:]
    if recording.end:
        yield recording.end


def _tick(recording: Recording) -> float:
    times = [block.t for block in recording.blocks]
    return tick_for([*times, recording.end.t] if recording.end else times)


def _names(sources: Sequence[str]) -> list[str]:
    """Name each recording by its file; by as much of its path as differs, if the files are called alike."""
    paths = [PurePath(source).parts or ("recording",) for source in sources]
    names = ["/".join(parts[-1:]) for parts in paths]
    if len({*names}) < len({*paths}):
        levels = zip(*(parts[:-1] for parts in paths), strict=False)
        common = sum(1 for _ in takewhile(lambda level: len({*level}) == 1, levels))
        names = ["/".join(parts[common:]) for parts in paths]
    counts: dict[str, int] = {}
    named = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        several = names.count(name) > 1
        named.append(f"{'standard input' if name == '-' else name}{f' #{counts[name]}' * several}")
    return named


def _facts_block(recordings: list[dict[str, Any]], *, live: bool, omitted: int) -> bytes:
    facts = {
        "format": 1,
        "inspector": __version__,
        "live": live,
        "omitted": omitted,
        **patience(),
        "recordings": recordings,
    }
    # `<` would end the element; the others are legal in JSON, and not in every reader of a page.
    return b'<script id="facts" type="application/json">%b</script>\n' % _json.dumps(facts).replace(
        b"<", rb"\u003c"
    )


def _block(name: str, data: bytes) -> tuple[bytes, bytes, bytes]:
    packed = base64.b64encode(gzip.compress(data, 6, mtime=0))
    return b'<script id="%b" type="application/octet-stream">' % name.encode(), packed, b"</script>\n"


@functools.cache
def _template() -> tuple[bytes, bytes]:
    """Return `page.html` before and after its data."""
    whole = Path(__file__).with_name("page.html").read_text("utf-8")
    before, after = whole.split(_DATA)
    return before.encode(), after.encode()
