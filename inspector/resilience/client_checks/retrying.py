"""Retries: a client tries again what may work, a few times, and not too soon."""

from __future__ import annotations

from inspector.resilience.client_findings import (
    FAULT,
    UNKNOWN,
    WARNING,
    CallContext,
    Note,
    Notes,
    client_check,
)

__all__: list[str] = []

_ERRORS = "https://platform.claude.com/docs/en/api/errors"
_LIMITS = "https://platform.claude.com/docs/en/api/rate-limits"
_SDK = "https://github.com/anthropics/anthropic-sdk-python#retries"

_HOPELESS = frozenset({400, 401, 402, 403, 404, 405, 413, 422})
_PASSING = frozenset({408, 409, 429})


@client_check(
    FAULT,
    remedy="Limit the attempts of a call: the SDKs make 3. If several layers retry, let one of them do it.",
    source="https://github.com/anthropics/claude-code/issues/91502",
)
def retry_storm(c: CallContext) -> Notes:
    """A call is tried again a few times, and not as long as it fails.

    Observed: more than 10 requests with the same messages, each after the one before had failed.

    Why: an outage gets worse with every client that keeps sending, and each attempt may be billed.
    """
    attempts = c.call.attempts
    if len(attempts) > c.limits.attempts:
        seconds = attempts[-1].at - attempts[0].at
        yield Note(
            f"{len(attempts)} attempts of one call in {seconds:.1f} s; the limit is {c.limits.attempts}",
            _numbers(c),
        )


@client_check(
    FAULT,
    remedy="Wait for as many seconds as `retry-after` (or `retry-after-ms`) says, then try again.",
    source=_LIMITS,
)
def retry_after_ignored(c: CallContext) -> Notes:
    """A retry waits as long as the server demands.

    Observed: the time between the end of an error with `retry-after` and the next attempt.

    Why: an earlier attempt meets the same limit, fails again, and may count against it.
    """
    for before, after, waited in c.call.retries():
        wanted = before.sent.retry_after
        if wanted is not None and waited + c.limits.early * (1 + wanted) < wanted:
            message = (
                f"request {after.number} came {waited:.2f} s after the {before.sent.status} of request "
                f"{before.number}, which said retry-after: {wanted:g} s"
            )
            yield Note(message, (before.number, after.number))


@client_check(
    WARNING,
    remedy="Wait longer before each attempt, with some jitter: the SDKs wait 0.5 s, 1 s, 2 s, up to 8 s.",
    source=_SDK,
)
def no_backoff(c: CallContext) -> Notes:
    """Without a `retry-after`, a client waits before it tries again, and longer each time.

    Observed: two retries or more, each within 0.05 s of the failure before it.

    Why: what failed a moment ago fails again, and all clients of a broken server come back at once.
    """
    gaps = [
        waited
        for before, _, waited in c.call.retries()
        if before.sent.retry_after is None and before.sent.status not in _HOPELESS
    ]
    if len(gaps) > 1 and max(gaps) < c.limits.at_once:
        yield Note(f"{len(gaps)} retries, the slowest after {max(gaps):.3f} s", _numbers(c))


@client_check(
    FAULT,
    remedy="Try again after 408, 409, 429 and 5xx only, or if `x-should-retry: true` says so.",
    source=_ERRORS,
)
def hopeless_retry(c: CallContext) -> Notes:
    """What the server refuses for its content is not sent again unchanged.

    Observed: the same body again after a status such as 400, 401, 403, 404, 413 or 422.

    Why: it fails the same way each time, and the person who could mend the request learns of it late.
    """
    for before, after, _ in c.call.retries():
        sent = before.sent
        if (
            sent.status in _HOPELESS
            and sent.should_retry is not True
            and not before.missed
            and before.body == after.body
        ):
            message = f"request {after.number} repeats request {before.number}, which got {sent.status}"
            yield Note(message, (before.number, after.number))


@client_check(
    WARNING,
    remedy="Try again twice, with a pause, what failed before any content came; or say why not.",
    source=_ERRORS,
)
def no_retry(c: CallContext) -> Notes:
    """A failure that passes is tried again before the program gives up.

    Observed: a call of one attempt that got 408, 409, 429, 5xx or no response, and was the last.

    Why: such failures are part of the API's normal work, and most are over within seconds.
    """
    sent, program = c.last.sent, c.program
    passing = sent.status is None or sent.status in _PASSING or sent.status >= 500
    if (
        len(c.call.attempts) > 1
        or not passing
        or sent.should_retry is False
        or not c.call.is_last
        or c.last.missed
    ):
        return
    what = "no response" if sent.status is None else str(sent.status)
    if program.is_over and c.last.ended is not None:
        yield Note(f"request {c.last.number} got {what}, and no other followed", _numbers(c))
    elif c.last.ended is not None:
        message = f"request {c.last.number} got {what}; whether another would have followed is not known"
        yield Note(message, _numbers(c), UNKNOWN)


def _numbers(c: CallContext) -> tuple[int, ...]:
    return tuple(each.number for each in c.call.attempts)
