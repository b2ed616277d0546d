"""A stranger does each of the seven tasks with the README alone."""

from __future__ import annotations

import shutil

import pytest
import seven_tasks
from pictures import PICTURES, svg_text
from seven_tasks import README, TASKS, problems_of_task

SHOWN = README.read_text() + "\n".join(svg_text((PICTURES / "stream.svg").read_text()))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_stranger_does_it(task, tmp_path):
    if "curl" in task.commands and not shutil.which("curl"):
        pytest.skip("curl is not installed")
    assert task.seen in SHOWN
    assert problems_of_task(task, tmp_path) == []


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_readme_that_loses_a_command_fails(task, tmp_path, monkeypatch):
    lost = f"$ {task.commands[-1]}"
    lines = ["$ true" if line.startswith(lost) else line for line in README.read_text().splitlines()]
    page = tmp_path / "README.md"
    page.write_text("\n".join(lines))
    monkeypatch.setattr(seven_tasks, "README", page)
    with pytest.raises(LookupError):
        problems_of_task(task, tmp_path)
