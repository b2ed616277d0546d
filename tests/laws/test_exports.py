"""What the package offers by name is what its `__all__` says."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import inspector

NAMES = [
    module.name
    for module in pkgutil.walk_packages(inspector.__path__, "inspector.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", ["inspector", *NAMES])
def test_all_is_the_truth(name):
    module = importlib.import_module(name)
    offered = getattr(module, "__all__", [])
    assert sorted(offered) == sorted(set(offered))
    for each in offered:
        assert hasattr(module, each), f"{name}.{each}"


def test_importing_the_package_does_not_import_the_sdk_or_its_http_library():
    code = (
        "import inspector, sys; print(sorted({'anthropic', 'httpx', 'httpx2', 'anyio'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["show", "recordings/hello.jsonl"]])
def test_commands_that_do_not_call_do_not_import_the_sdk(arguments):
    code = (
        "import sys; from inspector.cli import cli; cli.main(sys.argv[1:], standalone_mode=False);"
        "assert not {'anthropic', 'httpx', 'httpx2'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True)
