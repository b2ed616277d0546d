"""The live page of `serve --ui` and `proxy --ui`: its addresses, and the thread that reads what passes.

Whatever passes is put into a queue, which never waits. The page asks for what is new every now and then, so a
slow browser, or none, delays nothing.
"""

from __future__ import annotations

import queue
import secrets
import threading
from typing import TYPE_CHECKING

import click

from inspector.cli._printing import say
from inspector.recording import End, Head, TimedBlock

if TYPE_CHECKING:  # imported when a page is served, so that other commands do not pay for it
    from inspector.cli._traffic import Passed
    from inspector.play.sources import Source

__all__ = ["PAGE", "SEES", "LivePage", "say_page", "ui_option"]

PAGE = "/inspector/"
_LINES = f"{PAGE}lines/"  # then the name of a log, and the number of an item
_PERIOD = 0.2  # seconds in which values are collected
_BOUND = 100_000  # values that may wait; an exchange of which one does not fit is left out
_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
_PAGE_HEADERS = {
    **_HEADERS,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "frame-ancestors 'none'",  # which a policy inside the page cannot say
}

SEES = ", and sees all that passes"
"""What whoever reaches a server with a live page gets besides."""

ui_option = click.option(
    "--ui", is_flag=True, help=f"Serve a page that shows all that passes, live, at {PAGE}"
)


def say_page(url: str) -> None:
    """Say where the page is."""
    say(f"the live page is at {url}{PAGE}")


class LivePage:
    """Collect what passes, from entering to leaving it, and `answer` the page's requests."""

    def __init__(self) -> None:
        from inspector.page.live_log import LiveLog
        from inspector.page.live_reading import LiveReading

        self._stopping = threading.Event()
        self._queue: queue.SimpleQueue[tuple[int, Head | TimedBlock | End, str]] = queue.SimpleQueue()
        self._reading = LiveReading()
        self._log = LiveLog(secrets.token_hex(4))
        self._lock = threading.Lock()  # of the log
        self._lost: set[int] = set()
        self._thread = threading.Thread(target=self._run, name="inspector-live-page", daemon=True)

    def see_passed(self, passed: Passed) -> None:
        """Take a value that passed; a request that is still being sent has none."""
        if passed.value is not None:
            self.see(passed.number, passed.value, f"{passed.number} {passed.played or passed.subject}")

    def see(self, number: int, value: Head | TimedBlock | End, name: str = "") -> None:
        """Take a value of an exchange soon; never waits. `name` is what the page calls it."""
        if self._queue.qsize() < _BOUND:
            self._queue.put((number, value, name))
        else:
            self._lost.add(number)

    def answer(self, method: str, path: str) -> Source | None:
        """Return the answer to a request of the page; None for any other request."""
        from inspector.page.building import live_page
        from inspector.play.made_up import bytes_answer

        if method not in ("GET", "HEAD"):
            return None
        if path in (PAGE, PAGE.rstrip("/")):
            return bytes_answer(200, live_page(), _PAGE_HEADERS)
        if not path.startswith(_LINES):
            return None
        name, _, last = path.removeprefix(_LINES).partition("/")
        if not (last.isascii() and last.isdigit() and len(last) < 18):
            return None
        with self._lock:
            body = self._log.since(name, int(last))
        return bytes_answer(200, body, {**_HEADERS, "content-type": "application/json"})

    def __enter__(self) -> LivePage:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_PERIOD):
            self._collect()

    def _collect(self) -> None:
        """Read what has passed, and let pages have it."""
        for _ in range(self._queue.qsize()):
            self._reading.add(*self._queue.get())
        items = list(self._reading.items())
        lost, self._lost = self._lost, set()
        for number in lost:
            self._reading.forget(number)
        with self._lock:
            self._log.publish(items)
            for number in lost:
                self._log.forget(number)
