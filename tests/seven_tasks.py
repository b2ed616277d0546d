"""What a stranger does with the README alone, each in under two minutes.

A task is done with commands of the README and the files that it shows, in an empty folder, with no key and no
network. So a README that loses a command, or a line that it prints, fails the task.
`python tests/seven_tasks.py` says how long each takes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from console_blocks import Block, blocks
from page_session import ROOT, Session

__all__ = ["TASKS", "Task", "problems_of_task"]

README = ROOT / "README.md"


@dataclass(frozen=True)
class Task:
    """`commands` are the beginnings of commands of the README; `seen` is what shows that it is done."""

    name: str
    commands: tuple[str, ...]
    seen: str


TASKS = (
    Task("see a stream", ("uvx sse-inspector stream --offline",), "message_stop"),
    Task("record a program", ("inspector serve hello -- inspector proxy", "inspector ls"), "run/0001-"),
    Task("check a gateway", ("inspector serve broken/", "inspector probe"), "(frame-event-missing)"),
    Task("write a first test", ("pytest",), "1 passed"),
    Task("fail it with a fault", ("pytest",), "FAILED test_app.py::test_cut"),
    Task("replay to another language", ("inspector serve tool_use", "curl"), "event: message_start"),
    Task("find a rule's meaning", ("inspector rules",), "Every event has an `event:` line"),
)


def problems_of_task(task: Task, folder: Path) -> list[str]:
    """Do a task in a new folder below `folder`; return what is not as the README says."""
    parts = list(_blocks_of(task))  # whatever is missing, nothing is started then
    with Session(README, folder, checkout=False) as session:
        for block in parts:
            session.run(block)
    return session.problems


def _blocks_of(task: Task) -> Iterator[Block]:
    """Yield the files that the README shows, and the task's commands. Raises `LookupError` without one."""
    everything = blocks(README)
    yield from (block for block in everything if block.file)
    consoles = [block for block in everything if block.language == "console"]
    chosen: dict[int, tuple[Block, list[str]]] = {}
    for beginning in task.commands:
        matching = [
            (block, command)
            for block in consoles
            for command in block.commands()
            if command.text.startswith(beginning)
        ]
        if len(matching) != 1:
            raise LookupError(f"{len(matching)} commands of the README begin with {beginning!r}")
        block, command = matching[0]
        text = command.text.replace("uvx sse-inspector", "inspector")  # which fetches the package first
        chosen.setdefault(block.line, (block, []))[1].extend([f"$ {text}", *command.shown])
    for block, lines in chosen.values():  # commands of one block are pasted together
        yield replace(block, text="\n".join([*lines, ""]), reason=None)


def main() -> None:
    """Do all tasks, and print how long each takes."""
    for task in TASKS:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            problems = problems_of_task(task, Path(folder))
        print(f"{time.monotonic() - started:5.1f} s  {task.name}", *problems, sep="\n")


if __name__ == "__main__":
    main()
