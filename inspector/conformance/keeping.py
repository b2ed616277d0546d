"""Keep the recordings of probes: in memory, and in a folder as they arrive, each named as its exchange."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from inspector import _json
from inspector.conformance.probes import PROBES
from inspector.conformance.scoring.scorecard import Exchange
from inspector.conformance.settings import MOST
from inspector.errors import RecordingError
from inspector.record.destination import Observer
from inspector.record.files import FolderTarget
from inspector.record.heads import ReceivedHead, SentRequest
from inspector.record.journal import Journal
from inspector.record.tap import Tap
from inspector.record.track import Track
from inspector.record.warning import warn
from inspector.recording import Assembly, End, Head, Recording, Request, TimedBlock, save

__all__ = ["Keeper", "Kept"]

_PATIENCE = 30.0  # seconds: a long stream, while many others are read, takes some


_NAME = re.compile(r"(.+)-\d+(?:\.behind)?\.jsonl")
_SIGN = "probe"  # the member of a recorded request that names the exchange of a probe


class Kept(Observer):
    """The recording of one exchange, as it comes."""

    def __init__(self, name: str, folder: str | None) -> None:
        self.file_name = name
        self.file = str(Path(folder, f"{name}.jsonl")) if folder else None
        """Where it is kept; None if nowhere."""
        self._assembly: Assembly | None = None
        self._whole = threading.Event()

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value."""
        if isinstance(value, Head):
            self._assembly = Assembly(value)
        elif self._assembly is not None:
            self._assembly.add(value)
            if isinstance(value, End):
                self._whole.set()

    def recording(self) -> Recording:
        """Return the recording once it is whole, but do not wait for a disk that hangs."""
        self._whole.wait(_PATIENCE)
        if self._assembly is None:
            return Recording(Head("", Request("", "")), source=self.file or self.file_name)
        return self._assembly.recording(self.file or self.file_name)


class _TapThatKnows(Tap):
    """A tap that signs recordings, and hides a key also in those of requests that did not send it.

    A gateway may repeat the right key to whoever sends a wrong one. `header` is where a key stands. A few
    bytes may decode to gigabytes: what goes beyond the limit is kept as it came.
    """

    def __init__(self, journal: Journal, key: str, header: str) -> None:
        super().__init__(journal, bound=MOST)
        self._field = (header, key)

    def begin(
        self, sent: SentRequest, received: ReceivedHead | None = None, *, decoded: bool = False
    ) -> Track:
        if self._field[1]:
            sent = replace(sent, headers=[*sent.headers, self._field])
        if isinstance(sent.observer, Kept):
            sent = replace(sent, extra={**(sent.extra or {}), _SIGN: sent.observer.file_name})
        return super().begin(sent, received, decoded=decoded)


class Keeper:
    """Record exchanges, each on the thread that makes it. No recording has the `key`."""

    def __init__(self, folder: str | None, key: str, header: str, *, overwrite: bool = False) -> None:
        """Raises `RecordingError` for a folder with recordings; `overwrite` removes those of probes."""
        if folder:
            _prepare(Path(folder), overwrite=overwrite)
        self._folder = folder
        self._not_saved = ""
        self._here = threading.local()
        target = FolderTarget(Path(folder)) if folder else None
        self._journal = Journal(target, self._observer, interval=0.02)
        self.tap = _TapThatKnows(self._journal, key, header)

    @contextlib.contextmanager
    def recording(self, name: str) -> Iterator[Kept]:
        """Name what this thread records meanwhile."""
        self._here.kept = Kept(name, self._folder)
        try:
            yield self._here.kept
        finally:
            self._here.kept = None

    def close(self) -> None:
        """Write everything that has arrived so far."""
        self._journal.flush()

    @property
    def failure(self) -> str:
        """Why recordings are not kept; empty while all are."""
        return self._journal.failure or self._not_saved

    def save_behind(self, front: Exchange) -> None:
        """Keep what was sent behind a hop, in a file beside that of the front."""
        if front.file and front.behind:
            signed = [_signed(each, front.name) for each in front.behind]
            try:
                save(signed, front.file.removesuffix(".jsonl") + ".behind.jsonl", overwrite=True)
            except RecordingError as error:  # the probe goes on, as it does if the front cannot be kept
                if not self.failure:
                    warn(f"{error}; the probe goes on")
                self._not_saved = str(error)

    def _observer(self) -> Observer:
        return getattr(self._here, "kept", None) or Kept("exchange", self._folder)


def _prepare(folder: Path, *, overwrite: bool) -> None:
    """See to it that each recording gets the name of its exchange, and no other."""
    if folder.exists() and not folder.is_dir():
        raise RecordingError("this is a file; name a folder", path=str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(error.strerror or str(error), path=str(folder)) from error
    old = sorted(folder.glob("*.jsonl"))
    if old and not overwrite:
        raise RecordingError(
            "holds recordings already; name another folder, or replace those of probes with --overwrite "
            "(in Python: overwrite=True)",
            path=str(folder),
        )
    ours = [file for file in old if _is_named_as_ours(file)]
    for file in ours:
        if not _is_ours(file):
            raise RecordingError(
                "has the name of a probe's recording, but no probe has made it; name another folder",
                path=str(file),
            )
    for file in ours:
        file.unlink()


def _is_named_as_ours(file: Path) -> bool:
    """Whether a file has a name that a probe's exchange can have, and no other."""
    matched = _NAME.fullmatch(file.name)
    return matched is not None and matched[1] in {probe.name for probe in PROBES.values()}


def _is_ours(file: Path) -> bool:
    """Whether the head of a recording says that a probe made it. An empty one was never begun."""
    try:
        with file.open("rb") as lines:
            line = lines.readline()
    except OSError as error:
        raise RecordingError(error.strerror or str(error), path=str(file)) from error
    try:
        head = _json.as_object(_json.loads(line)) if line else {}
    except ValueError:
        return False
    return not line or _SIGN in _json.as_object(head.get("request"))


def _signed(recording: Recording, name: str) -> Recording:
    """Return a recording that names the exchange of a probe that it belongs to."""
    request = recording.head.request
    signed = replace(request, extra={**(request.extra or {}), _SIGN: name})
    return replace(recording, head=replace(recording.head, request=signed))
