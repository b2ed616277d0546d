"""What `inspector serve --show` prints: the events of its answers, noted and shown as the proxy does it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from inspector.cli._traffic import Traffic
from inspector.cli._traffic_view import TrafficView
from inspector.record.journal import Journal
from inspector.record.tap import Tap
from inspector.redact import Redaction

__all__ = ["AnswersView"]


class AnswersView:
    """Show what `tap` notes, while `showing`. With `err`, on standard error, where a command prints, too."""

    def __init__(self, *, err: bool) -> None:
        self._view = TrafficView(lines=False, events=True, err=err)
        journal = Journal(None, Traffic(self._view.see).observe, interval=0.01)
        self.tap = Tap(journal, redaction=Redaction("no-ids"))

    @contextlib.contextmanager
    def showing(self) -> Iterator[None]:
        """Print from entering to leaving it, and then what is left."""
        with self._view:
            try:
                yield
            finally:
                self.tap.flush()
