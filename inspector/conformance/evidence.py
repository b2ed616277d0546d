"""What came back for one request of a probe, and how a probe judges it.

An `Answer` is a pure reading of a recording. It exists whatever came: an answer without a response is the
recording of a request that failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from inspector import _json, checker
from inspector.checker import Report, Severity
from inspector.conformance.probes import Failed, NotApplicable, NotTested
from inspector.conformance.scorecard import Deviation
from inspector.protocol.error_bodies import ErrorBody, read_error
from inspector.recording import Ending, Event, Recording

__all__ = ["BUSY", "NO_ACCESS", "Answer"]

BUSY = frozenset({429, 529})
"""The statuses that ask a client to come back later."""
NO_ACCESS = frozenset({401, 402, 403})
"""The statuses that say nothing of the protocol: the key is not good for this."""
_REFUSED = frozenset({400, 404, 405, 501})


@dataclass(frozen=True)
class Answer:
    """One exchange of a probe: its `name`, such as `tool-1`, and its `recording`.

    `received` is the body as the endpoint sent it, where the recording has masks for secrets: a message that
    goes back must be the same. `stopped` says why reading was stopped before the end; empty if it was not.
    """

    name: str
    recording: Recording
    received: bytes = field(default=b"", repr=False)
    stopped: str = ""

    # What came.

    @property
    def status(self) -> int | None:
        """The HTTP status; None if no response came."""
        return self.recording.response.status if self.recording.response else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers, by their names in lower case."""
        return self.recording.response.headers if self.recording.response else {}

    @property
    def content_type(self) -> str:
        """The media type, without parameters and in lower case; empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events of the stream."""
        return tuple(self.recording.events())

    @cached_property
    def message(self) -> Mapping[str, Any]:
        """The message, folded from the stream or as it came whole; empty if none came."""
        return self.recording.message() or {}

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return _json.loads(self.recording.body)
        except ValueError:
            return None

    @cached_property
    def error(self) -> ErrorBody:
        """What the body of an error says, in whatever form."""
        return read_error(self.recording.body[:65536])

    @property
    def stop_reason(self) -> Any:
        """The message's stop reason."""
        return self.message.get("stop_reason")

    @property
    def content(self) -> list[Mapping[str, Any]]:
        """The content blocks of the message."""
        content = self.message.get("content")
        return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []

    @property
    def text(self) -> str:
        """The text of all text blocks, joined."""
        return "".join(str(block.get("text", "")) for block in self.blocks("text"))

    @property
    def usage(self) -> Mapping[str, Any]:
        """The usage of the message."""
        return _json.as_object(self.message.get("usage"))

    def blocks(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the content blocks of one type."""
        return [block for block in self.content if block.get("type") == kind]

    @cached_property
    def report(self) -> Report:
        """What the checker says of the recording."""
        return checker.report(self.recording)

    # How it is judged.

    def fail(self, message: str, event: Event | None = None) -> Deviation:
        """Return a failure that this exchange proves."""
        return Deviation(message, self.name, event and event.number, event and event.offset)

    def warn(self, message: str, event: Event | None = None) -> Deviation:
        """Return a warning that this exchange proves."""
        return replace(self.fail(message, event), warns=True)

    def clean(self, *ignore: str) -> Iterator[Deviation]:
        """Yield what the checker says of the response: its errors fail, its warnings warn.

        `ignore` names rules that the probe judges itself.
        """
        for finding in self.report.findings:
            if finding.severity is not Severity.INFO and finding.rule not in ignore:
                warns = finding.severity is Severity.WARNING
                place = (finding.event, finding.offset, finding.rule)
                yield Deviation(finding.message, self.name, *place, warns=warns)

    def accepted(self, *, optional: str = "") -> Answer:
        """Return this answer if the endpoint accepted the request.

        Else raises `NotTested` if the endpoint was too busy or refused the key, and `Failed`. `optional`
        names what an endpoint need not have: if it refuses that as the API would, it is `NotApplicable`.
        """
        if self.status in BUSY:
            raise NotTested(f"the endpoint is too busy: {self.said}")
        if self.status in NO_ACCESS:
            raise NotTested(f"the endpoint gives no access: {self.said}")
        if self.status is None:
            raise Failed(self.fail(f"no response came: {self.failure or 'the recording has no end'}"))
        if optional and self.status in _REFUSED and self.refuses_as_the_api:
            raise NotApplicable(f"no {optional}: {self.said}")
        if self.status != 200:
            raise Failed(self.fail(f"the request is refused: {self.said}"))
        if self.stopped:
            raise Failed(self.fail(self.stopped))
        return self

    @property
    def refuses_as_the_api(self) -> bool:
        """Whether the body is an error in the API's own form."""
        body = _json.as_object(self.json)
        error = _json.as_object(body.get("error"))
        return body.get("type") == "error" and all(
            isinstance(error.get(name), str) for name in ("type", "message")
        )

    @property
    def said(self) -> str:
        """What came, in half a sentence: the status and what the body says, or how no response came."""
        if self.status is None:
            return self.failure
        text = str(self.error) if self.status != 200 else ""
        return f"{self.status} {text}".strip()

    @property
    def failure(self) -> str:
        """How the exchange failed on the wire; empty if it did not."""
        end = self.recording.end
        if self.stopped or end is None or end.how is Ending.COMPLETE:
            return self.stopped
        return end.error or end.how.value
