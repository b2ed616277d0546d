"""What a person reads at whose request no recording answers: why, and what to do.

Each text is a message of an error in the API's own shape, and often the only line of a failing test that says
what happened.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from inspector.play.sources import split_turn
from inspector.recording import without_ending

__all__ = [
    "another_request",
    "exhausted",
    "failed_function",
    "joined",
    "made_up_refused",
    "no_such_name",
    "played_already",
    "refused",
    "stream_refused",
    "unknown_path",
    "unplayable",
    "unrecorded_body",
]

_LISTED = 5
_REMEDY = "Record this request, or send the recorded one."


def exhausted(method: str, path: str, names: Sequence[str]) -> str:
    """Say that every recording was played."""
    names = list(dict.fromkeys(names))  # a fault repeats a recording
    played = f"{names[0]} was" if len(names) == 1 else f"all {len(names)} recordings were"
    listed = "" if len(names) == 1 else f" ({listing(names)})"
    return (
        f"inspector: no recording left for {method} {path}: {played} already played{listed}. "
        "Pass loop=True (--loop), or record another."
    )


def another_request(name: str, differences: Sequence[object]) -> str:
    """Say in what the request is not the one of the recording whose turn it is."""
    return f"inspector: the next recording, {name}, is for another request: {joined(differences)}. {_REMEDY}"


def unrecorded_body(name: str, differences: Sequence[object], among: int | None = None) -> str:
    """Say in what the request is not the nearest recorded one: of all, or of `among` of them."""
    nearest = "The nearest" if among is None else f"Of the {among} that are most like it in size, the nearest"
    what = joined(differences) or "the bodies are too large to say where they differ"
    return f"inspector: this request is in no recording. {nearest} is {name}: {what}. {_REMEDY}"


def played_already(name: str) -> str:
    """Say that this request was recorded, and that its recording has been played."""
    return (
        f"inspector: this request was recorded in {name}, which was already played. "
        "Pass loop=True (--loop), or record the request as often as it is sent."
    )


def refused(function: str, name: str, differences: Sequence[object]) -> str:
    """Say that the user's own function takes no recording for this request."""
    what = joined(differences) or "its body is the same, apart from metadata and what recordings mask"
    return f"inspector: {function} takes no unused recording for this request. The nearest is {name}: {what}."


def failed_function(function: str, error: Exception) -> str:
    """Say that the user's own function raised an exception."""
    return f"inspector: match={function} raised {type(error).__name__}: {error}"


def no_such_name(wanted: str, names: Sequence[str], header: str) -> str:
    """Say that no recording has the name that the request gives, if it gives one."""
    known = list(dict.fromkeys(without_ending(re.split(r"[/\\]", split_turn(name)[0])[-1]) for name in names))
    what = f"no recording is called {wanted!r}" if wanted else "this request names no recording"
    return f"inspector: {what}. Known are {listing(known)}. Name one in the header {header}, or as the model."


def unknown_path(method: str, path: str, known: Collection[str]) -> str:
    """Say that no recording is for such a path."""
    remedy = "Give the client a base URL without a path."
    if path.startswith("/v1/"):
        remedy = "Record this request."
    if f"/v1{path}" in known:  # the Vercel AI SDK, given the base URL of the others
        remedy = "This client puts no /v1 before its paths: end its base URL with /v1."
    listed = listing(sorted(known))
    return f"inspector: no recording is for {method} {path}. Recorded paths are {listed}. {remedy}"


def made_up_refused(method: str, path: str, what: str) -> str:
    """Say that an answer would have to be made up, and `strict` forbids that."""
    return (
        f"inspector: no recording answers {method} {path}, and strict forbids making up the {what}. "
        "Record this request, or leave strict out."
    )


def stream_refused(name: str) -> str:
    """Say that a stream would have to be made up of a whole message, and `strict` forbids that."""
    return (
        f"inspector: {name} was recorded without streaming, and strict forbids making up the events of a "
        "stream. Record this request with streaming, or leave strict out."
    )


def unplayable(error: Exception) -> str:
    """Say that a recording's file is broken, or gone: the error names it."""
    return f"inspector: a recording cannot be played: {error}"


def joined(differences: Sequence[object]) -> str:
    """Join the first differences, and explain the marks of changed words if there are any."""
    shown = "; ".join(str(each) for each in differences[:_LISTED])
    return f"{shown} ([-recorded-], {{+received+}})" if "-]" in shown or "+}" in shown else shown


def listing(names: Sequence[str]) -> str:
    """List names, a few of many."""
    return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
