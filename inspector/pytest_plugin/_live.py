"""A test that calls the API: its responses are recorded, or compared with its recordings.

Responses are written to a temporary file first. Recordings change only after the test has passed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import InspectorError
from inspector.formats import load_all
from inspector.play.received import url_path
from inspector.protocol import API_URL, is_side_traffic
from inspector.pytest_plugin._saving import save_changed
from inspector.recording import Recording

if TYPE_CHECKING:
    from inspector.play.matching import Match
    from inspector.pytest_plugin._claims import Claims
    from inspector.pytest_plugin._configuration import Configuration
    from inspector.pytest_plugin._saving import Summary
    from inspector.record.tap import Tap

__all__ = ["Live"]

Outcome = tuple[list[str], list[str]]
"""What fails the test, and what is only noted."""


class Live:
    """One test that calls the API, by a plan. It holds the `claims` to its files until it ends.

    `record` writes its responses to `files`, `append` adds those that `recorded` does not answer, and
    `verify` compares them with `recorded`.
    """

    def __init__(
        self,
        claims: Claims,
        summary: Summary,
        plan: str,
        files: Sequence[Path],
        recorded: Sequence[Recording],
        configuration: Configuration,
        *,
        match: Match,
        ignore: Sequence[str],
        own: bool,
    ) -> None:
        from inspector.record.tap import tap

        self._claims, self._summary = claims, summary
        self._plan = plan
        self._files = files
        self._recorded = recorded
        self._configuration = configuration
        self._match, self._ignore, self._own = match, ignore, own
        self._temporary = tempfile.TemporaryDirectory(prefix="inspector-", ignore_cleanup_errors=True)
        self._file = Path(self._temporary.name) / "live.jsonl"
        self.tap: Tap = tap(self._file)
        """What records."""
        self._front: Any = None
        self._stops = contextlib.ExitStack()
        self._doors: list[Any] = []

    @property
    def answers_itself(self) -> bool:
        """Whether the server answers some requests from recordings, so that all must go there."""
        return self._plan == "append"

    @property
    def requests(self) -> list[Any]:
        """The requests that the test sent."""
        return [each for door in self._doors for each in door.requests]

    def add(self, door: Any) -> None:
        """Count the requests of one more door, which records through the tap."""
        self._doors.append(door)

    def close(self) -> None:
        """Remove what was not written: a test whose set-up fails never finishes."""
        self._stops.close()
        self._temporary.cleanup()
        self._claims.release()

    @contextlib.contextmanager
    def server(self) -> Iterator[Any]:
        """Forward the application's requests to `ANTHROPIC_BASE_URL` if it is set, else to the API."""
        yield self._started()

    @contextlib.contextmanager
    def transport(self) -> Iterator[Any]:
        """Call the network as the SDK's own transport does."""
        from inspector.proxy.library_transports import RecordingDoor, network_transport
        from inspector.pytest_plugin._redirecting import Redirected

        if self._plan == "append":
            yield network_transport(Redirected(self._started()))
            return
        door = RecordingDoor(self.tap)
        self.add(door)
        yield network_transport(door)

    def _started(self) -> Any:
        """Return the server for the test's clients. It ends with `finish`."""
        if self._front is None:
            from inspector.proxy.forwarder import Forwarder

            forwarder = Forwarder(os.environ.get("ANTHROPIC_BASE_URL") or API_URL, self.tap)
            self._stops.callback(forwarder.stop)
            self._front = forwarder.start()
            if self._plan == "append":
                from inspector.pytest_plugin._new_requests import answering_new_requests

                self._front = self._stops.enter_context(
                    answering_new_requests(
                        self._recorded,
                        forwarder,
                        self.tap,
                        self._file,
                        match=self._match,
                        ignore=self._ignore,
                    )
                )
            self.add(self._front)
        return self._front

    def finish(self, *, failed: bool) -> Outcome:
        """Write or compare the responses when the test has run; return what fails it, and what is noted."""
        failures, notes = self._finished(failed=failed)
        if self._plan != "verify" and (failed or failures):
            self._summary.note_failure(
                self._files[0], failures[0].removeprefix("not recorded: ") if failures else "its test failed"
            )
        return failures, notes

    def _finished(self, *, failed: bool) -> Outcome:
        try:
            self._stops.close()
            self.tap.flush()
            if self.tap.failure:
                return [f"not recorded: {self.tap.failure}"], []
            responses = self._responses()
            if self._plan == "verify":
                return _compare(responses, self._recorded), []
            if failed:
                return [], ["not recorded, because the test failed. Its recordings are unchanged"]
            return self._write(responses)
        except InspectorError as error:
            return [f"not recorded: {error}"], []
        finally:
            self.close()

    def _responses(self) -> list[Recording]:
        """Return the responses as they would be written, without side traffic."""
        recordings = load_all(self._file) if self._file.exists() else []
        calls = [
            each
            for each in recordings
            if not is_side_traffic(each.request.method, url_path(each.request.url))
        ]
        # Concurrent responses end in any order; a conversation is in the order of its requests.
        calls.sort(key=lambda each: each.head.at)
        edited = [self._configuration.edited(each) for each in calls]
        return [each for each in edited if each is not None]

    def _write(self, responses: list[Recording]) -> Outcome:
        """Write one response to each file; the last file gets the rest, as a session."""
        if self._plan == "append":
            unplayed = self._front.unused if self._front else []
            for name in unplayed:
                self._summary.note_unplayed(name)
            notes = [f"not played: {name}" for name in unplayed]
            if responses:
                self._save(self._files[0], [*self._recorded, *responses], kept=len(self._recorded))
            return [], notes
        if self._own and not self.requests and not self._files[0].exists():
            return [], []  # its module may be marked as a whole
        count = len(self._files)
        if len(responses) < count:
            return [_too_few(count, len(responses), len(self.requests))], []
        parts = [[each] for each in responses[: count - 1]] + [responses[count - 1 :]]
        return [], [self._save(path, part) for path, part in zip(self._files, parts, strict=True)]

    def _save(self, path: Path, recordings: list[Recording], kept: int = 0) -> str:
        what = save_changed(path, recordings, self._summary, kept=kept)
        self._claims.written(path)
        return f"{what}: {path}"


def _too_few(files: int, responses: int, requests: int) -> str:
    """Say why there is not a response for every file."""
    if not requests:
        return (
            "not recorded: this test sent no request to Claude. Remove its marker, or find out why the "
            "request is missing"
        )
    if not responses:
        return (
            f"not recorded: none of this test's {requests} requests is one to record. Left out are health "
            "checks, telemetry, and what before_record returns None for"
        )
    return (
        f"not recorded: the marker names {files} recordings, but the API answered only {responses} of them. "
        "Name one recording for each request"
    )


def _compare(responses: Sequence[Recording], recorded: Sequence[Recording]) -> list[str]:
    from inspector.play.matching import differences

    if len(responses) != len(recorded):
        return [f"{len(recorded)} responses are recorded, but the API answered {len(responses)} requests"]
    changes = []
    for number, (now, then) in enumerate(zip(responses, recorded, strict=True), 1):
        sent, received = differences(now.request, then.request), _changes(now, then)
        changes += [f"request {number} is not the one recorded in {then.source}: {each}" for each in sent]
        changes += [f"response {number} is not as recorded in {then.source}: {each}" for each in received]
    return changes


def _changes(now: Recording, then: Recording) -> Iterator[str]:
    """Describe what a test could notice: another shape of the answer, a broken stream."""
    from inspector.checker import check

    for name, new, old in zip(("status", "stop reason", "content"), _shape(now), _shape(then), strict=True):
        if new != old:
            yield f"{name} was {old}, and is {new}"
    yield from (str(each) for each in check(now) if each.severity.value == "error")


def _shape(recording: Recording) -> tuple[Any, Any, Any]:
    message = recording.message() or {}
    content = [block.get("type") for block in message.get("content") or ()]
    return recording.response and recording.response.status, message.get("stop_reason"), content
