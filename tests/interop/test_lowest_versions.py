"""The lowest versions that `pyproject.toml` allows work: a telling part of the tests runs with them."""

from __future__ import annotations

import subprocess
import sys
import tomllib

from conftest import ROOT
from packages import PLACE, environment, once, run, virtual_environment

TELLING = [
    "tests/test_http_library.py",
    "tests/cli/test_check.py",
    "tests/cli/test_show.py",
    "tests/play/test_transport.py",
    "tests/record/test_tap.py",
    "tests/redact/test_searching.py",
    "tests/serve/test_requests.py",
]
"""What uses the SDK, its HTTP library, Click, rich, re2, orjson and httptools."""


def lowest_environment():
    """The Python of an environment with the lowest versions of what is needed, and what they are."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    folder, uv = PLACE / "lowest", virtual_environment("uv", ["uv"]) / "bin" / "uv"
    python = folder / "bin" / "python"

    def install():
        run([uv, "venv", "-q", "--clear", "-p", sys.executable, folder])
        run([uv, "pip", "install", "-q", "-p", python, "--resolution", "lowest-direct", *needed])
        run([uv, "pip", "install", "-q", "-p", python, "pytest", "pytest-xdist", "hypothesis", "jsonschema"])
        run([uv, "pip", "install", "-q", "-p", python, "brotli", "zstandard", "backports.zstd"])

    once(folder, " ".join([*needed, sys.version]), install)
    return python, needed


def test_a_telling_part_of_the_tests_passes_with_the_lowest_versions():
    python, needed = lowest_environment()
    names = [each.partition(">=") for each in needed]
    code = "from importlib.metadata import version as v; import sys; print(*map(v, sys.argv[1:]))"
    shown = subprocess.run(
        [python, "-c", code, *(name for name, _, _ in names)], capture_output=True, text=True, check=True
    ).stdout.split()
    for (name, _, bound), version in zip(names, shown, strict=True):
        assert f"{version}.0.0".startswith(bound), f"{name} {version} is not the lowest"
    command = [python, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *TELLING]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
