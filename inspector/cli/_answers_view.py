"""What `inspector serve --show` and `--ui` show: its answers, noted as the proxy notes what it forwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from inspector.cli._live_page import LivePage
from inspector.cli._traffic import Passed, Traffic
from inspector.cli._traffic_view import TrafficView
from inspector.record.journal import Journal
from inspector.record.tap import Tap
from inspector.redact import Redaction

__all__ = ["AnswersView"]


class AnswersView:
    """Show what `tap` notes, while `showing`: with `show` as lines, with `ui` on a live `page`.

    With `err`, lines go to standard error, where a command prints, too.
    """

    def __init__(self, *, show: bool, ui: bool, err: bool) -> None:
        self._view = TrafficView(lines=False, events=True, err=err) if show else None
        self.page = LivePage() if ui else None
        journal = Journal(None, Traffic(self._see).observe, interval=0.01 if show else 0.04)
        self.tap = Tap(journal, redaction=Redaction("no-ids"))

    @contextlib.contextmanager
    def showing(self) -> Iterator[None]:
        """Print from entering to leaving it, and then what is left."""
        with self._view or contextlib.nullcontext(), self.page or contextlib.nullcontext():
            try:
                yield
            finally:
                self.tap.flush()

    def _see(self, passed: Passed) -> None:
        if self._view is not None:
            self._view.see(passed)
        if self.page is not None:
            self.page.see_passed(passed)
