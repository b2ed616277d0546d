"""What is run on the older SDK: all that can differ, and little else."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import ROOT
from sdk_dependents import LOWER, TESTS, collected_files, dependent, reaches_sdk, support_files

REACHES = {
    "an import": "import anthropic",
    "a part of it": "from anthropic.types import Message",
    "an import in a function": "def test_it():\n    import httpx2",
    "an import that may be missing": 'anthropic = pytest.importorskip("anthropic")',
    "a support module": "from sdk import observe",
    "a support module of support modules": "import sdk_results",
    "a fixture": "def test_it(library):\n    pass",
    "a fixture by its name": '@pytest.mark.usefixtures("caller")\ndef test_it():\n    pass',
    "the HTTP library": "from inspector.http_library import sdk_library",
    "a higher room": "import inspector.play.transport",
    "a name of the front": "from inspector import replay",
    "a part of the front": "import inspector\ninspector.tap(x)",
    "the front as a whole": "import inspector\ngetattr(inspector, name)",
    "a program": 'import subprocess\nsubprocess.run([python, "-m", "inspector"])',
    "a program in a text": 'import subprocess\nsubprocess.run([python, "-c", "import anthropic"])',
    "a support module as a program": 'run([python, "client_programs.py"])\nimport sdk',
    "a run of pytest": 'pytest_plugins = ["pytester"]',
    "a plugin of tests": 'pytest_plugins = ["inner_runs"]',
}

REACHES_NOT = {
    "nothing": "",
    "a lower room": "from inspector.checker import check",
    "names of the front from lower rooms": "import inspector\ninspector.check(inspector.load(path))",
    "another program": 'import subprocess\nsubprocess.run(["git", "init"])',
    "a header": 'HEADERS = {"anthropic-version": "2023-06-01"}',
    "a docstring": '"""What anthropic and httpx say."""',
    "a store": "from object_servers import nanio",
}


@pytest.fixture
def written(tmp_path):
    def written(text):
        path = tmp_path / "test_it.py"
        path.write_text(text)
        return path

    return written


@pytest.mark.parametrize("text", REACHES.values(), ids=list(REACHES))
def test_a_file_reaches_the_sdk_by(text, written):
    assert reaches_sdk(written(text))


@pytest.mark.parametrize("text", REACHES_NOT.values(), ids=list(REACHES_NOT))
def test_a_file_does_not_reach_the_sdk_by(text, written):
    assert not reaches_sdk(written(text))


def test_the_tests_of_higher_rooms_and_all_laws_are_among_them():
    for path in collected_files():
        folder = path.relative_to(TESTS).parts[0]
        assert dependent(path) or folder in LOWER


def test_no_other_file_has_an_import_of_the_sdk_in_its_text():
    """By another way: what is left out, and what it can import from `tests/`, is searched as text."""
    importing = re.compile(
        r"^\s*(import|from) (anthropic|httpx2?|inspector\.(http_library|cli|play))\b", re.MULTILINE
    )
    left = [path for path in collected_files() if not dependent(path)]
    assert len(left) > 100
    for path in left:
        text = path.read_text()
        beside = {name for name in support_files() if re.search(rf"^\s*(import|from) {name}\b", text, re.M)}
        for each in (path, *(support_files()[name] for name in beside)):
            assert not importing.search(each.read_text()), f"{path} reaches {each}"


def test_what_conftest_imports_for_all_tests_is_no_higher():
    assert not reaches_sdk(support_files()["object_servers"])


def test_as_a_program_it_prints_them():
    program = [sys.executable, TESTS / "laws" / "sdk_dependents.py"]
    printed = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [ROOT / name for name in printed.split()] == [
        path for path in collected_files() if dependent(path)
    ]
