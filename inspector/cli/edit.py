"""`inspector edit`: a recording with faults in it."""

from __future__ import annotations

import sys

import click

from inspector import faults
from inspector.recording import dump, load, load_all, save

__all__ = ["command"]


@click.command("edit")
@click.argument("file")
@click.option(
    "--fault",
    "texts",
    multiple=True,
    required=True,
    metavar="FAULT",
    help="NAME[=VALUE][@POSITION][,key=value…], as `inspector faults` lists them. Repeatable: in this order.",
)
@click.option("--seed", type=int, default=0, help="For faults that choose at random.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write; stdout unless said.")
@click.option("--overwrite", is_flag=True, help="Replace the output file if it exists.")
def command(file: str, texts: tuple[str, ...], seed: int, output: str, overwrite: bool) -> None:
    """Put faults into a recording, and write it.

    Faults strike together, in the order given. A preset such as `dirty-dozen` gives a session: the recording
    with each of its faults. So does a fault that will be over (`on=1..2`): the failures, then the answer.
    The head of what is written says what was done.
    """
    found, _ = faults.struck(load_all(file), texts, seed=seed, load=load)
    if output != "-":
        save(found, output, overwrite=overwrite)
        return
    for recording in found:
        for line in dump(recording):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
