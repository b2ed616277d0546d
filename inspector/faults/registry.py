"""The registry: a fault is a small pure function, and a decorator that describes it to users.

The function takes a recording and returns another. By name it may also take `at` (a `Point`) or `events`
(those that the position names), `chance` (a seeded `random.Random`), `load` (reads another recording), and
each parameter of the fault; a name that Python reserves gets a `_` at its end (`for_`). Its docstring says
what happens on the wire.

Faults that differ only in a few arguments are a family. They share one function under several decorators,
each with a sentence of its own, and with the arguments that it fixes:

    @fault("cut-fin", sentence="The server closes …", fixed={"how": "fin"}, at="mid", client=…)
    @fault("cut-rst", sentence="The connection is …", fixed={"how": "rst"}, at="mid", client=…)
    def cut(recording, at, how): ...

To add a fault, write its function and add a row to the table of the tests.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from inspector.faults.parameters import Parameter
from inspector.faults.positions import Position, parse_position
from inspector.recording import Recording

__all__ = ["FAULTS", "Edit", "Kind", "fault"]

Edit = Callable[..., Recording]

_BY_NAME = frozenset({"chance", "load"})
"""What a fault's function may take without saying so in its decorator."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: what happens, what a client should do, who met it, what users can set.

    `sentence` says what happens on the wire, `client` what a correct client does. `incident` is the address
    of a public report, or empty. `position` is where the fault applies by default; None if it takes no
    position. `edit` is the function, `arguments` the names that it takes, `fixed` the arguments that are the
    same for every fault of this kind.
    """

    name: str
    sentence: str
    group: str
    client: str
    incident: str
    parameters: tuple[Parameter, ...]
    position: Position | None
    edit: Edit
    arguments: frozenset[str]
    fixed: Mapping[str, Any]

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of this name, or None."""
        return next((each for each in self.parameters if each.name == name), None)

    def argument(self, name: str) -> str:
        """Return what `edit` calls a parameter: its name, with a `_` if Python reserves it."""
        return name if name in self.arguments else f"{name}_"

    @property
    def usage(self) -> str:
        """How the fault is written, with its position and all its parameters."""
        value = "".join(f"[={each.shape}]" for each in self.parameters[:1])
        place = "[@POSITION]" if self.position else ""
        return f"{self.name}{value}{place}" + "".join(
            f"[,{each.name}={each.shape}]" for each in self.parameters[1:]
        )


FAULTS: dict[str, Kind] = {}
"""Every fault by its name, in the order in which users see them."""


def fault(
    name: str,
    *parameters: Parameter,
    client: str,
    incident: str = "",
    sentence: str = "",
    at: str | None = None,
    events: str | None = None,
    fixed: Mapping[str, Any] | None = None,
) -> Callable[[Edit], Edit]:
    """Register a function as the fault `name`. The first parameter is what `NAME=VALUE` sets.

    `at` is the default position of a fault that takes a point, `events` of one that takes events. `sentence`
    empty means the function's docstring. `fixed` are arguments that this fault always passes.
    """

    def register(edit: Edit) -> Edit:
        position = at or events
        kind = Kind(
            name=name,
            sentence=sentence or " ".join((edit.__doc__ or "").split()),
            group=edit.__module__.rpartition(".")[2],
            client=client,
            incident=incident,
            parameters=parameters,
            position=parse_position(position) if position else None,
            edit=edit,
            arguments=frozenset(inspect.signature(edit).parameters),
            fixed=MappingProxyType(dict(fixed or {})),
        )
        _check(kind, {"at"} if at else {"events"} if events else set())
        _add(kind)
        return edit

    return register


def _check(kind: Kind, place: set[str]) -> None:
    """Fail at import if the decorator and the signature disagree."""
    signature = list(inspect.signature(kind.edit).parameters.values())[1:]
    settable = {kind.argument(each.name) for each in kind.parameters} | place
    passed = settable | kind.fixed.keys()
    required = {each.name for each in signature if each.default is each.empty}
    assert settable.isdisjoint(kind.fixed), f"{kind.name} both fixes and sets {settable & kind.fixed.keys()}"
    assert passed <= kind.arguments, f"{kind.name} is given {passed - kind.arguments}"
    assert required - passed <= _BY_NAME, f"{kind.name} is not given {required - passed}"
    assert kind.name not in FAULTS, f"two faults are called {kind.name}"


def _add(kind: Kind) -> None:
    # Python applies decorators from the bottom up. Users read a family from the top down.
    family = [other for other in FAULTS.values() if other.edit is kind.edit]
    for other in family:
        del FAULTS[other.name]
    FAULTS.update((each.name, each) for each in (kind, *family))
