"""Applying faults: to one recording, or to those that answer one request after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

from inspector.errors import UsageError
from inspector.faults.positions import Unfit, events_at, point_at
from inspector.faults.spec import Fault, parse, plans
from inspector.recording import Recording

__all__ = ["Faults", "Load", "apply", "edited", "struck"]

Faults = str | Fault | Iterable[str | Fault]
"""Faults as they may be given: one or several, parsed or not."""

Load = Callable[[str], Recording]
"""Reads the recording that a fault names, as `inspector.load` does."""


def parsed(faults: Faults) -> tuple[Fault, ...]:
    """Parse what is not parsed yet."""
    several = [faults] if isinstance(faults, str | Fault) else faults
    return tuple(parse(each) if isinstance(each, str) else each for each in several)


def apply(
    recording: Recording, faults: Faults, *, seed: int = 0, request: int = 1, load: Load | None = None
) -> Recording:
    """Return the recording with faults in it, applied in order: a pure edit, the same for the same `seed`.

    `request` counts from 1; faults that are not for it leave the recording as it is. `load` reads the
    recordings that faults name (`second=FILE`). The head of what comes back says what was done, in `faults`.
    Raises `UsageError` for a fault that cannot be read, or that this recording gives no occasion for: then
    it says what there is.
    """
    struck = []
    for number, fault in enumerate(parsed(faults)):
        if fault.covers(request):
            try:
                recording = _applied(recording, fault, Random(f"{seed}/{number}/{fault.text}"), load)
                struck.append(fault.text)
            except Unfit as unfit:
                where = recording.source or "this recording"
                raise UsageError(f"{fault.text} cannot be applied to {where}: {unfit}") from None
    return _noted(recording, struck, seed) if struck else recording


def _noted(recording: Recording, struck: list[str], seed: int) -> Recording:
    """Say in the head what was done, so that nobody takes the recording for one as it came."""
    extra = dict(recording.head.extra or {})
    before = extra.get("faults")
    extra["faults"] = [*(before if isinstance(before, list) else ()), *struck]
    if seed:
        extra["seed"] = seed
    return replace(recording, head=replace(recording.head, extra=extra))


def _applied(recording: Recording, fault: Fault, chance: Random, load: Load | None) -> Recording:
    kind = fault.kind
    given = {"chance": chance, "load": load or _no_load}
    arguments = {name: value for name, value in given.items() if name in kind.takes}
    if "at" in kind.takes and fault.position:
        arguments["at"] = point_at(fault.position, recording, chance)
    if "events" in kind.takes and fault.position:
        arguments["events"] = events_at(fault.position, recording, chance)
    for name, value in fault.values.items():
        arguments[f"{name}_" if name in kind.reserved else name] = value
    result = kind.edit(recording, **arguments)
    if result == recording:
        raise Unfit("it would change nothing")
    return result


def _no_load(path: str) -> Recording:
    raise Unfit(f"no recording can be read here ({path}); give one that is in memory")


def edited(
    recordings: Iterable[Recording], faults: Faults, *, seed: int = 0, load: Load | None = None
) -> list[Recording]:
    """Return what answers one request after another: every recording, with the faults meant for its request.

    A recording whose request meets a fault that will be over (`on=1..2`) is asked for again, as one does
    after a failure, until the fault is over: it answers as often, and then once as it is.
    """
    asked = parsed(faults)
    passing = [fault for fault in asked if fault.on[1] is not None]
    found: list[Recording] = []
    for recording in recordings:
        again = True
        while again:
            request = len(found) + 1
            found.append(apply(recording, asked, seed=seed, request=request, load=load))
            again = any(fault.covers(request) for fault in passing)
    return found


def struck(
    recordings: Iterable[Recording],
    asked: str | Iterable[str],
    *,
    seed: int = 0,
    load: Load | None = None,
) -> tuple[list[Recording], bool]:
    """Return what answers under faults as they are written, and whether they strike every request.

    A preset among them is tried fault by fault: all recordings with the first, then all with the next.
    """
    tried = plans([asked] if isinstance(asked, str) else asked)
    whole = list(recordings)
    found = [each for plan in tried for each in edited(whole, plan, seed=seed, load=load)]
    return found, all(fault.on == (1, None) for plan in tried for fault in plan)
