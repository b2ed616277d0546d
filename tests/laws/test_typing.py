"""The package is typed: checkers accept a program of a user's, and find every mistake in a wrong one."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import LIBRARIES, ROOT

import inspector
import inspector.types
from inspector import pytest_plugin

CHECKERS = {
    "mypy": ["--strict", "--cache-dir", str(ROOT / ".mypy_cache")],
    "pyright": ["--pythonpath", sys.executable, "--project", "pyrightconfig.json"],
}
PROGRAMS = ("typed", "typed_results", "typed_tests", "mistyped")
ERROR = re.compile(r"(\w+)\.py:(\d+):(?:\d+)?.*?error")


def text_of(program):
    return (ROOT / "tests" / "laws" / f"{program}_program.py").read_text()


def test_the_package_says_that_it_is_typed():
    assert (Path(inspector.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_right_program_passes_and_every_mistake_is_found(checker, tmp_path):
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    expected = set()
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    for kind in PROGRAMS:
        text = text_of(kind)
        for library in LIBRARIES:  # the same for clients of both HTTP libraries
            name = f"{kind}_{library.__name__}"
            text_for = text.replace("import httpx\n", f"import {library.__name__} as httpx\n")
            (tmp_path / f"{name}.py").write_text(text_for)
            lines = enumerate(text_for.splitlines(), 1)
            expected |= {(name, number) for number, line in lines if line.endswith("# wrong")}
    files = map(str, sorted(tmp_path.glob("*.py"))) if checker == "mypy" else ()
    command = [sys.executable, "-m", checker, *CHECKERS[checker], *files]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    if checker == "pyright" and not re.search(r"\d+ errors?", done.stdout):
        pytest.skip(f"pyright cannot start here: {done.stderr or done.stdout}")  # it fetches itself from npm
    assert {(name, int(line)) for name, line in ERROR.findall(done.stdout)} == expected, done.stdout


def test_every_public_name_is_in_a_program_that_is_checked():
    used = set(re.findall(r"\w+", text_of("typed") + text_of("typed_results") + text_of("typed_tests")))
    assert {*inspector.__all__, *inspector.types.__all__} - used == set()


def test_every_fixture_of_the_plugin_is_in_a_test_that_is_checked():
    tests = ast.parse(text_of("typed_tests"))
    functions = [node for node in ast.walk(tests) if isinstance(node, ast.FunctionDef)]
    used = {name for node in functions for name in (node.name, *(each.arg for each in node.args.args))}
    assert set(pytest_plugin.__all__) - used == set()
