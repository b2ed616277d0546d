"""Applying faults: to one recording, and to the recordings that answer a series of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any

from inspector.errors import InapplicableFaultError, UsageError
from inspector.faults.contents import NotApplicableError
from inspector.faults.positions import events_at, point_at
from inspector.faults.spec import EVERY_REQUEST, Fault, parse, plans
from inspector.recording import Recording

__all__ = ["Faults", "Load", "apply", "apply_in_turn", "apply_plans"]

Faults = str | Fault | Iterable[str | Fault]
"""One fault or several, each parsed or as text."""

Load = Callable[[str], Recording]
"""A function that reads the recording that a fault names, as `inspector.load` does."""


def apply(
    recording: Recording, faults: Faults, *, seed: int = 0, request: int = 1, load: Load | None = None
) -> Recording:
    """Return the recording with faults in it, applied in order. The same `seed` gives the same result.

    `request` counts from 1; faults for other requests change nothing. `load` reads the recordings that faults
    name (`second=FILE`). The head of the result lists the applied faults as `faults`, so that nobody takes it
    for a recording as it arrived.

    Raises `UsageError` for a fault that cannot be parsed, and `InapplicableFaultError` for one that does not
    apply to this recording: its message says what the recording has instead.
    """
    applied = []
    for number, fault in enumerate(_parsed(faults)):
        if fault.covers(request):
            try:
                recording = _edited(
                    recording, fault, Random(f"{seed}/{number}/{fault.text}"), load or _no_load
                )
                applied.append(fault.text)
            except NotApplicableError as error:
                where = recording.source or "this recording"
                raise InapplicableFaultError(f"{fault.text} cannot be applied to {where}: {error}") from None
    return _with_note(recording, applied, seed) if applied else recording


def apply_in_turn(
    recordings: Iterable[Recording], faults: Faults, *, seed: int = 0, load: Load | None = None
) -> list[Recording]:
    """Return the responses to one request after another: each recording, with the faults for its request.

    A fault for a limited number of requests (`on=1..2`) makes a client repeat its request. So a recording is
    repeated until no such fault applies to it any more: its last response is the one without them.
    """
    parsed = _parsed(faults)
    limited = [fault for fault in parsed if fault.on.last is not None]
    responses: list[Recording] = []
    for recording in recordings:
        again = True
        while again:
            request = len(responses) + 1
            responses.append(apply(recording, parsed, seed=seed, request=request, load=load))
            again = any(fault.covers(request) for fault in limited)
    for fault in parsed:
        if fault.on.first > len(responses):
            requests = "1 request" if len(responses) == 1 else f"{len(responses)} requests"
            raise UsageError(
                f"{fault.text} applies to no request: the recordings answer {requests}, and the fault begins "
                f"with request {fault.on.first}. Name more recordings, or the same one again"
            )
    return responses


def apply_plans(
    recordings: Iterable[Recording],
    texts: str | Iterable[str],
    *,
    seed: int = 0,
    load: Load | None = None,
) -> tuple[list[Recording], bool]:
    """Return the responses under faults as users write them, and whether the faults apply to every request.

    A preset among the faults is tried fault by fault: all recordings with its first fault, then all
    recordings with its next.
    """
    made = plans([texts] if isinstance(texts, str) else texts)
    whole = list(recordings)
    responses = [each for plan in made for each in apply_in_turn(whole, plan, seed=seed, load=load)]
    return responses, all(fault.on == EVERY_REQUEST for plan in made for fault in plan)


def _parsed(faults: Faults) -> tuple[Fault, ...]:
    several = [faults] if isinstance(faults, str | Fault) else faults
    return tuple(parse(each) if isinstance(each, str) else each for each in several)


def _edited(recording: Recording, fault: Fault, chance: Random, load: Load) -> Recording:
    kind = fault.kind
    arguments: dict[str, Any] = {"chance": chance, "load": load}
    arguments = {name: value for name, value in arguments.items() if name in kind.arguments}
    if fault.position and "events" in kind.arguments:
        arguments["events"] = events_at(fault.position, recording, chance)
    elif fault.position:
        arguments["at"] = point_at(fault.position, recording, chance)
    arguments |= {kind.argument(name): value for name, value in fault.values.items()}
    result = kind.edit(recording, **arguments, **kind.fixed)
    if result == recording:
        raise NotApplicableError("it would change nothing")
    return result


def _no_load(path: str) -> Recording:
    raise NotApplicableError(f"no recording can be read here ({path}); pass load=inspector.load")


def _with_note(recording: Recording, applied: list[str], seed: int) -> Recording:
    extra = dict(recording.head.extra or {})
    before = extra.get("faults")
    extra["faults"] = [*(before if isinstance(before, list) else ()), *applied]
    if seed:
        extra["seed"] = seed
    return replace(recording, head=replace(recording.head, extra=extra))
