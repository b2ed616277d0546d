"""How a probe judges what came back for one request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from inspector import checker
from inspector.checker import Report, Severity
from inspector.conformance.arrival import BUSY, Arrival
from inspector.conformance.probes import Failed, NotApplicable, NotTested, TooBusy
from inspector.conformance.scoring.scorecard import Deviation
from inspector.recording import Ending, Event

__all__ = ["NO_ACCESS", "Answer"]

NO_ACCESS = frozenset({401, 402, 403})
"""The statuses that say nothing of the protocol: the key is not good for this."""
_NO_SUCH_PLACE = frozenset({404, 405, 501})
_NO_STOP = "message-stop-missing"
_SAYS_NO = re.compile(
    r"not\b.{0,20}\b(found|supported?|implemented|available|exist|allowed)|unsupported|unknown|no such", re.I
)
"""What an endpoint says in an error if it has no such thing."""


@dataclass(frozen=True)
class Answer(Arrival):
    """One exchange of a probe as evidence: what it proves is a `Deviation`, or an outcome that is raised."""

    @cached_property
    def report(self) -> Report:
        """What the checker says of the recording."""
        return checker.report(self.recording)

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
        timed_out = self.recording.end is not None and self.recording.end.how is Ending.TIMEOUT
        if self.stopped and self.whole and not timed_out:  # of that one, the checker says the same
            yield self.warn(f"{self.stopped}; the message itself is whole")

    def ended(self, *ignore: str) -> Iterator[Deviation]:
        """Yield the same as `clean` for a probe about how a message ends: without `message_stop` it fails.

        Where all else is there, that is only a warning of `clean`, so that one cause fails few probes.
        """
        for each in self.clean(*ignore):
            yield replace(each, warns=each.warns and each.rule != _NO_STOP)

    def arrived(self) -> Answer:
        """Return this answer if there is something to judge.

        Else raises `TooBusy` or `NotTested` if the endpoint was too busy, and `Failed` if no response came.
        """
        if self.status in BUSY:
            raise (NotTested if self.asks_too_long else TooBusy)(self.busy)
        if self.status is None:
            raise Failed(self.fail(f"no response came: {self.failure or 'the recording has no end'}"))
        return self

    def there(self, what: str) -> Answer:
        """Return this answer if the endpoint has `what`, a place of its own, and else raise `NotApplicable`.

        Only an error that says so is a sign that it has none: any other is a failure of `accepted`.
        """
        self.arrived()
        says_no = self.status is not None and self.status >= 400 and _SAYS_NO.search(str(self.error))
        if self.status in _NO_SUCH_PLACE or (says_no and self.status not in NO_ACCESS):
            raise NotApplicable(f"no {what}: {self.said}")
        return self.accepted()

    def accepted(self, *, optional: str = "") -> Answer:
        """Return this answer if the endpoint accepted the request.

        Else raises as `arrived` does, or `Failed`. `optional` names what an endpoint need not have: if it
        says so as the API would, that raises `NotApplicable`. A refused key raises `NotTested`.
        """
        self.arrived()
        if self.status in NO_ACCESS:
            raise NotTested(f"the endpoint gives no access: {self.said}")
        if optional and (self.status in _NO_SUCH_PLACE or (self.status == 400 and self.refuses_as_the_api)):
            raise NotApplicable(f"no {optional}: {self.said}")
        if self.status != 200:
            raise Failed(self.fail(self._not_accepted))
        if self.too_slow:
            raise NotTested(f"too slow for --timeout: {self.stopped}; raise it")
        if self.stopped and not self.whole:
            raise Failed(self.fail(self.stopped))
        return self

    @property
    def _not_accepted(self) -> str:
        if not 200 <= (self.status or 0) < 300:
            return f"the request is refused: {self.said}"
        body = f"{self.beginning(80)}, and not with 200" if self.recording.body else "without a body"
        return f"the request is answered with {self.status} {body}"
