"""The verdict on a client: what it did, and what of it was wrong. A pure function of a log.

judge_client(log).resilient
print(judge_client(log))
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspector.escaping import escape
from inspector.recording import Ending
from inspector.redact import mask_text
from inspector.resilience.attempts import Attempt, ClientLog, Program
from inspector.resilience.calls import Call, calls
from inspector.resilience.client_checks import CLIENT_CHECKS
from inspector.resilience.client_findings import CallContext, ClientFinding, ClientLimits, Standing

__all__ = ["ClientVerdict", "judge_client"]

_LISTED = 20
"""How many requests the text lists, from the first on."""


@dataclass(frozen=True, slots=True, repr=False)
class ClientVerdict:
    """What a program did with the answers that it got.

    `program` says how it ended. `actions` has a line for each request, in order. `findings` are what the
    checks say: faults, warnings, and what is not known.
    """

    program: Program
    actions: tuple[str, ...]
    findings: tuple[ClientFinding, ...]
    retries: int = 0

    @property
    def resilient(self) -> bool:
        """Whether no check has seen a fault of the client."""
        return not self.faults

    @property
    def faults(self) -> tuple[ClientFinding, ...]:
        """What the client did wrong."""
        return self._of(Standing.FAULT)

    @property
    def warnings(self) -> tuple[ClientFinding, ...]:
        """What may be meant, and seldom is."""
        return self._of(Standing.WARNING)

    @property
    def unknown(self) -> tuple[ClientFinding, ...]:
        """What nobody could see."""
        return self._of(Standing.UNKNOWN)

    def assert_resilient(self) -> None:
        """Raise `AssertionError` with the whole text if the client has a fault."""
        __tracebackhide__ = True  # pytest shows the caller's line
        if self.faults:
            raise AssertionError(f"\n{self}")

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values."""
        return {
            "resilient": self.resilient,
            "program": {"how": self.program.how.value, "detail": mask_text(self.program.detail)},
            "requests": [mask_text(action) for action in self.actions],
            "retries": self.retries,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def __str__(self) -> str:
        return "\n".join(escape(mask_text(line)) for line in self.lines())

    def __repr__(self) -> str:
        """Return the text: for `assert verdict.resilient, verdict` pytest prints the repr."""
        return str(self)

    def _of(self, standing: Standing) -> tuple[ClientFinding, ...]:
        return tuple(each for each in self.findings if each.standing is standing)

    def lines(self) -> Iterator[str]:
        """Yield the text, line by line, as it is: secrets are not masked, and nothing is escaped."""
        count = _count(len(self.actions), "request"), _count(self.retries, "retry", "retries")
        yield f"the client: {', '.join(count)}; {self.program.detail}"
        for action in self.actions[:_LISTED]:
            yield f"  {action}"
        if len(self.actions) > _LISTED:
            yield f"  and {len(self.actions) - _LISTED} more"
        for each in self.findings:
            yield f"{each.standing} {each.check}: {each.message}"
            if each.standing is not Standing.UNKNOWN:
                yield f"  {each.remedy}"
        counts = _count(len(self.faults), "fault"), _count(len(self.warnings), "warning")
        yield f"verdict: {', '.join(counts)}, {len(self.unknown)} not known"


def judge_client(log: ClientLog, limits: ClientLimits | None = None) -> ClientVerdict:
    """Say what the client of a log did, and judge it."""
    made = calls(log.attempts)
    contexts = [CallContext(call, log, limits or ClientLimits()) for call in made]
    findings = [
        ClientFinding(check.id, note.standing or check.standing, note.message, note.requests)
        for check in CLIENT_CHECKS.values()
        for context in contexts
        for note in check.judge(context)
    ]
    order = list(Standing)
    findings.sort(key=lambda each: order.index(each.standing))
    retries = sum(len(call.attempts) - 1 for call in made)
    return ClientVerdict(log.program, tuple(_actions(made)), tuple(findings), retries)


def _actions(made: list[Call]) -> Iterator[str]:
    """Say what each request was and what it got, in the order in which they came."""
    lines = {}
    for call in made:
        before = {after.number: (each, waited) for each, after, waited in call.retries()}
        for attempt in call.attempts:
            again = ""
            if attempt.number in before:
                first, waited = before[attempt.number]
                again = f"{waited:.2f} s after request {first.number}, again: "
            lines[attempt.at, attempt.number] = f"request {attempt.number}: {again}{_answer(attempt)}"
    yield from (lines[key] for key in sorted(lines))


def _answer(attempt: Attempt) -> str:
    sent = attempt.sent
    if attempt.missed:
        return "no recording answered it"
    parts = [str(sent.status) if sent.status else "", "" if sent.detail.startswith("HTTP") else sent.detail]
    if sent.retry_after is not None:
        parts.append(f"retry-after {sent.retry_after:g} s")
    if attempt.ended is None:
        parts.append("still open")
    elif attempt.by_server:
        parts.append(f"the server ended it after {attempt.ended - attempt.at:.1f} s")
    elif attempt.end is Ending.ABANDONED or sent.end is Ending.TIMEOUT:
        waited = attempt.ended - attempt.at + attempt.pretended
        parts.append(f"the client left after {waited:.2f} s")
    return ", ".join(filter(None, parts))


def _count(number: int, what: str, several: str = "") -> str:
    return f"{number} {what if number == 1 else several or f'{what}s'}"
