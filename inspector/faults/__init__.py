"""Faults: what goes wrong on the wire, as pure edits of a recording.

    faults.apply(recording, "cut-fin@ev:7")
    faults.apply(recording, ["rechunk=utf8", "stall=5s@block:1"], seed=3)

A fault is a small function from a recording to a recording, its end included. So playing a fault, writing
one to a file and checking one are the same thing, and whatever plays a recording only has to be faithful.

`spec` parses faults as users write them, `positions` finds where they apply, `contents` looks into a
recording, `edits` changes it, and `applying` puts all of it together. The faults themselves are in
`catalogue`; `registry` and `parameters` describe them.

A server that plays an edited recording must honour, besides its chunks and their times:

    no response, `timeout`      accept the request, and send nothing until the client leaves
    no response, `cut`, `reset` accept the request, and close or reset the connection
    `complete`                  end the body as HTTP requires
    `cut`, `reset`              close or reset after the last byte, without a last HTTP chunk
    `timeout`                   stay silent and open after the last byte, until the client leaves
    header `content-length`     send just this value, even if it is wrong, and the body without HTTP chunks
    `undecoded` in the response send the bytes and the header `content-encoding` as they are
    `content-encoding` else     encode the body, read by read, or omit the header
"""

from inspector.faults.applying import Faults, Load, apply, apply_in_turn, apply_plans
from inspector.faults.catalogue import FAULTS, GROUPS
from inspector.faults.positions import POSITIONS
from inspector.faults.registry import Kind
from inspector.faults.spec import DIRTY_DOZEN, PRESETS, Fault, parse, plans

__all__ = [
    "DIRTY_DOZEN",
    "FAULTS",
    "GROUPS",
    "POSITIONS",
    "PRESETS",
    "Fault",
    "Faults",
    "Kind",
    "Load",
    "apply",
    "apply_in_turn",
    "apply_plans",
    "parse",
    "plans",
]
