"""The registry: a fault is one small pure function, and the decorator that says what it is about.

The function takes a recording and returns another. It may also take, by name, `at` (a `Point`) or `events`
(those that its position means), `chance` (a seeded `random.Random`), `load` (reads another recording), and
each of its parameters; a name that Python keeps for itself has a `_` behind it (`for_`). Its docstring says
what happens on the wire. Adding a fault is adding a function, and a row in the table of its tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from inspector.faults.parameters import Parameter
from inspector.faults.positions import Position, parse_position
from inspector.recording import Recording

__all__ = ["FAULTS", "Edit", "Kind", "fault"]

Edit = Callable[..., Recording]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: what it does, who met it, what comes of it, and what it can be told.

    `sdk` says what anthropic does with it, `client` what a correct client does. `incident` is the address
    of a public report, empty where there is none. `default` is where it strikes unless told, None where a
    position means nothing to it; `takes` names what else the function wants, `reserved` the parameters that
    have a `_` behind them there.
    """

    name: str
    sentence: str
    group: str
    sdk: str
    client: str
    incident: str
    parameters: tuple[Parameter, ...]
    default: Position | None
    at: str
    takes: frozenset[str]
    reserved: frozenset[str]
    edit: Edit

    def parameter(self, name: str) -> Parameter | None:
        """Find a parameter by its name."""
        return next((each for each in self.parameters if each.name == name), None)

    @property
    def usage(self) -> str:
        """How it is written, with everything it can be told."""
        value = "".join(f"[={each.shape}]" for each in self.parameters[:1])
        place = "[@POSITION]" if self.default else ""
        return f"{self.name}{value}{place}" + "".join(
            f"[,{each.name}={each.shape}]" for each in self.parameters[1:]
        )


FAULTS: dict[str, Kind] = {}
"""Every fault by its name, in the order in which they are explained."""


def fault(
    name: str,
    *parameters: Parameter,
    sdk: str,
    client: str,
    incident: str = "",
    at: str | None = None,
    events: str | None = None,
) -> Callable[[Edit], Edit]:
    """Register a function as the fault `name`; the first parameter is what `NAME=VALUE` sets.

    `at` is the default position of a fault that takes a point, `events` of one that takes events.
    """

    def register(edit: Edit) -> Edit:
        names = list(inspect.signature(edit).parameters)[1:]
        taken = {each.removesuffix("_") for each in names}
        own = {each.name for each in parameters}
        place = {"at"} if at else {"events"} if events else set()
        assert taken - own - {"chance", "load"} == place, f"{name} takes {taken}"
        assert own <= taken and name not in FAULTS, f"{name} takes {taken}"
        default = at or events
        FAULTS[name] = Kind(
            name=name,
            sentence=" ".join((edit.__doc__ or "").split()),
            group=edit.__module__.rpartition(".")[2],
            sdk=sdk,
            client=client,
            incident=incident,
            parameters=parameters,
            default=parse_position(default) if default else None,
            at=default or "",
            takes=frozenset(taken - own),
            reserved=frozenset(each[:-1] for each in names if each.endswith("_")),
            edit=edit,
        )
        return edit

    return register
