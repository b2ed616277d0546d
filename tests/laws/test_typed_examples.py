"""Type checkers accept every Python example of the README and the manual.

They are strict, but for functions without annotations: these stand for the reader's own program, as it is,
and are not checked. Libraries that are not installed here have any type.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from console_blocks import blocks

PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/guides").glob("*.md")),
]
UNANNOTATED = ["untyped-defs", "incomplete-defs", "untyped-calls"]
MYPY = [
    *(
        "--strict",
        "--no-check-untyped-defs",
        "--ignore-missing-imports",
        "--cache-dir",
        str(ROOT / ".mypy_cache"),
    ),
    *(f"--allow-{each}" for each in UNANNOTATED),
]
PYRIGHT = {
    "typeCheckingMode": "strict",
    "analyzeUnannotatedFunctions": False,
    **dict.fromkeys(
        [
            *("reportMissingImports", "reportMissingModuleSource", "reportMissingTypeStubs"),
            *("reportMissingParameterType", "reportUnknownParameterType", "reportUnknownVariableType"),
            *("reportUnknownMemberType", "reportUnknownArgumentType"),
            *("reportUnusedImport", "reportIncompatibleMethodOverride"),  # of functions that are not checked
        ],
        False,
    ),
}


def programs(page):
    """Yield each program of a page as a module whose name no other page has, and its text.

    The line numbers are those of the page.
    """
    found = [block for block in blocks(page) if block.language == "python"]
    files = {Path(block.file).stem for block in found if block.file}
    for block in found:
        text = block.text
        for stem in files:
            text = re.sub(
                rf"^import {stem}$", f"import {page.stem}_{stem} as {stem}", text, flags=re.MULTILINE
            )
            text = re.sub(rf"^from {stem} ", f"from {page.stem}_{stem} ", text, flags=re.MULTILINE)
        yield f"{page.stem}_{Path(block.file).stem if block.file else block.line}", "\n" * block.line + text


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    (folder / "pyrightconfig.json").write_text(json.dumps(PYRIGHT))
    made = [program for page in PAGES for program in programs(page)]
    assert len({name for name, _ in made}) == len(made) > 20
    for name, text in made:
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def checked(checker, *arguments, cwd):
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    command = [sys.executable, "-m", checker, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd)


def test_mypy_accepts_every_example(folder):
    done = checked("mypy", *MYPY, *(path.name for path in sorted(folder.glob("*.py"))), cwd=folder)
    assert done.returncode == 0, done.stdout


def test_pyright_accepts_every_example(folder):
    done = checked("pyright", "--pythonpath", sys.executable, "--project", "pyrightconfig.json", cwd=folder)
    if not re.search(r"\d+ errors?", done.stdout):
        pytest.skip(f"pyright cannot start here: {done.stderr or done.stdout}")  # it fetches itself from npm
    assert done.returncode == 0, done.stdout
