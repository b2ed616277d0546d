"""The package is typed: checkers accept a program of a user's, and find every mistake in a wrong one."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LIBRARIES, ROOT

import inspector

CHECKERS = {
    "mypy": ["--strict", "--cache-dir", str(ROOT / ".mypy_cache")],
    "pyright": ["--pythonpath", sys.executable],
}
ERROR = re.compile(r"(\w+)\.py:(\d+):(?:\d+)?.*?error")


def test_the_package_says_that_it_is_typed():
    assert (Path(inspector.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_right_program_passes_and_every_mistake_is_found(checker, tmp_path):
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    expected = set()
    for kind in ("typed", "mistyped"):
        text = (ROOT / "tests" / "laws" / f"{kind}_program.py").read_text()
        for library in LIBRARIES:  # the same for clients of both HTTP libraries
            name = f"{kind}_{library.__name__}"
            text_for = text.replace("import httpx\n", f"import {library.__name__} as httpx\n")
            (tmp_path / f"{name}.py").write_text(text_for)
            lines = enumerate(text_for.splitlines(), 1)
            expected |= {(name, number) for number, line in lines if line.endswith("# wrong")}
    command = [sys.executable, "-m", checker, *CHECKERS[checker], *map(str, sorted(tmp_path.glob("*.py")))]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    if checker == "pyright" and not re.search(r"\d+ errors?", done.stdout):
        pytest.skip(f"pyright cannot start here: {done.stderr or done.stdout}")  # it fetches itself from npm
    assert {(name, int(line)) for name, line in ERROR.findall(done.stdout)} == expected, done.stdout
