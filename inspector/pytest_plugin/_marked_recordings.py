"""The recordings that a marker means: where they are, what to say of one that is missing, and the fault."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inspector.errors import InapplicableFaultError, UsageError
from inspector.pytest_plugin._marker import Marker, find_recording, not_found, recording_path
from inspector.recording import Recording

if TYPE_CHECKING:
    from inspector.recording import Head

__all__ = ["MarkedRecordings"]


class MarkedRecordings:
    """The recordings of one marker, in `folder`, or `beside` it in messages.

    `is_split` says that the test cuts them in every place, so that it cannot record them.
    """

    def __init__(self, marker: Marker, folder: Path, beside: Path, *, is_split: bool) -> None:
        self._marker = marker
        self._folder = folder
        self._beside = beside
        self._is_split = is_split
        self.missing: str | None = None
        """Why the test cannot be answered, if its own recording is not there; known after `load`."""
        self.heads: dict[str, Head] = {}
        """The heads of what was loaded, by source."""
        self.count = 0
        """How many recordings were loaded."""

    def load(self) -> tuple[list[Recording], bool]:
        """Load them, with the marker's fault in them; return also whether to loop over them."""
        from inspector.play.faulted import with_faults
        from inspector.play.made_up import error_answer
        from inspector.play.sources import loaded

        marker = self._marker
        names = [name if isinstance(name, Recording) else self._path(name) for name in marker.names]
        if None in names:
            return [error_answer(404, f"inspector: {self.missing}").recording()], True
        recordings = loaded([name for name in names if name is not None])
        self.count = len(recordings)
        self.heads.update((each.source, each.head) for each in recordings)
        try:
            played, for_every_request = with_faults(recordings, marker.fault)
        except InapplicableFaultError as error:
            if marker.one_of_many:
                # One of many: not every fault fits every recording.
                raise pytest.skip.Exception(str(error), _use_item_location=True) from None
            raise
        return played, for_every_request or marker.loop

    def _path(self, name: str | os.PathLike[str]) -> str | Path | None:
        path = find_recording(name, self._folder)
        if path is None and self._marker.own:
            # A test without a request needs no recording: so say this only when one is needed.
            file = recording_path(name, self._folder)
            self.missing = f"this test has no recording yet: there is no {file}. {self._remedy}"
        elif path is None:
            raise UsageError(f"{not_found(name, self._folder, self._beside)}. {self._remedy}")
        return path

    @property
    def _remedy(self) -> str:
        if self._is_split or self._marker.fault is not None:
            what = "every_split" if self._is_split else "a fault"
            return (
                f"A test with {what} cannot record it. Record it in a test without, with --inspector=record, "
                "or with `inspector stream -o`"
            )
        return "Run the test with --inspector=record to record it from the API"
