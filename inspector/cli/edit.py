"""`inspector edit`: a recording with faults in it."""

from __future__ import annotations

import click

from inspector import faults
from inspector.cli._inputs import FILE
from inspector.cli._printing import Output
from inspector.cli._progress import Progress, quiet_option
from inspector.formats import load, load_all
from inspector.recording import dump, save

__all__ = ["command"]


@click.command("edit")
@click.argument("file", type=FILE)
@click.option(
    "--fault",
    "texts",
    multiple=True,
    required=True,
    metavar="FAULT",
    help="NAME[=VALUE][@POSITION][,key=value…]; `inspector faults` lists them. Repeatable, applied in order.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="For faults that choose at random.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to write. Default: stdout.")
@click.option("--overwrite", is_flag=True, help="Replace the output file if it exists.")
@quiet_option
def command(file: str, texts: tuple[str, ...], seed: int, output: str, overwrite: bool, quiet: bool) -> None:
    """Put faults into a recording, and write it.

    All faults apply together, in the order given. A preset such as `dirty-dozen` writes a session: the
    recording with each of its faults. A fault for a limited number of requests (`on=1..2`) writes a session
    too: the failures, then the answer. The head of each written recording lists its faults.
    """
    with Progress("editing", 1, quiet=quiet) as progress:
        edited, _ = faults.apply_plans(load_all(file), texts, seed=seed, load=load)
        progress.step()
    if output != "-":
        save(edited, output, overwrite=overwrite)
        return
    out = Output()
    for recording in edited:
        for line in dump(recording):
            out.data(line)
        out.flush()
