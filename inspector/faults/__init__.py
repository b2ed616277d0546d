"""Faults: what goes wrong on the wire, as pure edits of a recording.

    faults.apply(recording, "cut-fin@ev:7")
    faults.apply(recording, ["rechunk=utf8", "stall=5s@block:1"], seed=3)

A fault is a small function from a recording to a recording, its end included. So replaying a fault, writing
one to a file and checking one are the same thing, and the wire only has to be faithful. `parsing` has the
grammar, `positions` where a fault strikes, `tape` how a recording is edited; the faults themselves are in
`transport`, `silence`, `timing`, `framing`, `corruption`, `sequence`, `blocks`, `message` and `content`.

What a server that plays an edited recording must honour, beyond its chunks and their times:

    no response, `timeout`      take the request, and say nothing until the client goes
    no response, `cut`, `reset` take the request, and close or reset the connection
    `complete`                  end the body as HTTP says
    `cut`, `reset`              close or reset after the last byte, without a last HTTP chunk
    `timeout`                   stay silent and open after the last byte, until the client goes
    header `content-length`     say just that, also where it is wrong, and send the body without HTTP chunks
    `undecoded` in the response send the bytes and the header `content-encoding` as they stand
    `content-encoding` else     encode the body, read by read, or leave the header away
"""

from inspector.faults.applying import Faults, Load, apply, edited, struck
from inspector.faults.catalogue import FAULTS
from inspector.faults.positions import POSITIONS
from inspector.faults.registry import Kind
from inspector.faults.spec import DIRTY_DOZEN, PRESETS, Fault, parse, plans

__all__ = [
    "DIRTY_DOZEN",
    "FAULTS",
    "POSITIONS",
    "PRESETS",
    "Fault",
    "Faults",
    "Kind",
    "Load",
    "apply",
    "edited",
    "parse",
    "plans",
    "struck",
]
