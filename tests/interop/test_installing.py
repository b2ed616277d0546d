"""The built package, installed as users install it: by pip, uv and pipx, each into an empty environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT
from packages import environment, virtual_environment

TOOLS = ["build", "check-wheel-contents", "pipx", "twine", "uv"]
PYTHONS = [sys.executable] + [
    python
    for minor in range(11, 16)
    if minor != sys.version_info.minor and (python := shutil.which(f"python3.{minor}"))
]
OFFLINE = ["stream", "--offline", "--format", "text"]


@pytest.fixture(scope="session")
def tools():
    """The folder with the programs that build and install packages."""
    return virtual_environment("installers", TOOLS) / "bin"


@pytest.fixture(scope="session")
def built(tools, tmp_path_factory):
    """The wheel and the source distribution of this checkout."""
    folder = tmp_path_factory.mktemp("built")
    run(tools / "python", "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def run(*command, cwd, **more):
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_is_in_order(built, tools):
    run(tools / "twine", "check", "--strict", *built, cwd=ROOT)
    # W009: `sse_inspector.py` stands beside the package, so that nothing hides the entry points.
    run(tools / "check-wheel-contents", "--ignore", "W009", built[0], cwd=ROOT)


def test_the_wheel_has_what_it_needs_and_nothing_else(built):
    names = zipfile.ZipFile(built[0]).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {
        "inspector",
        "sse_inspector.py",
    }
    assert {"inspector/py.typed", "inspector/page/page.html", "inspector/recordings/hello.jsonl"} <= set(
        names
    )
    assert not [name for name in names if "node_modules" in name or name.endswith((".ts", ".pyc"))]


def test_the_source_distribution_makes_the_same_wheel(built, tools, tmp_path):
    run(tools / "python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, built[1], cwd=tmp_path)
    (again,) = tmp_path.glob("*.whl")

    def contents(wheel):
        with zipfile.ZipFile(wheel) as file:
            return {name: file.read(name) for name in file.namelist()}

    assert contents(again) == contents(built[0])


@pytest.mark.parametrize(
    "command",
    [
        ["uvx", "--from", "{wheel}", "sse-inspector"],
        ["uvx", "--from", "{wheel}", "inspector"],
        ["pipx", "run", "--spec", "{wheel}", "sse-inspector"],
    ],
    ids=lambda command: " ".join([command[0], command[-1]]),
)
def test_it_runs_without_an_installation(built, tools, tmp_path, command):
    program, *rest = (part.format(wheel=built[0]) for part in command)
    own = {
        "PIPX_HOME": str(tmp_path / "pipx"),
        "UV_CACHE_DIR": str(tmp_path / "cache"),
        "UV_PYTHON": sys.executable,
    }
    printed = run(tools / program, *rest, *OFFLINE, cwd=tmp_path, **own)
    assert printed.startswith("Hello! ")


def test_uv_installs_both_programs(built, tools, tmp_path):
    own = {
        "UV_TOOL_DIR": str(tmp_path / "tools"),
        "UV_TOOL_BIN_DIR": str(tmp_path / "bin"),
        "UV_PYTHON": sys.executable,
    }
    run(tools / "uv", "tool", "install", built[0], cwd=tmp_path, **own)
    for name in ("inspector", "sse-inspector"):
        assert run(tmp_path / "bin" / name, "--version", cwd=tmp_path).startswith("inspector ")


@pytest.mark.parametrize("interpreter", PYTHONS)
def test_an_environment_with_pytest_has_the_plugin(built, tools, tmp_path, interpreter):
    """On each Python of this machine that the package supports."""
    run(tools / "uv", "venv", "-p", interpreter, tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv/bin/python"
    run(tools / "uv", "pip", "install", "-q", "-p", python, built[0], "pytest", cwd=tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import anthropic, pytest\n\n"
        '@pytest.mark.recording("hello")\n'
        "def test_it():\n"
        "    made = anthropic.Anthropic(api_key='none').messages.create(\n"
        "        model='claude-haiku-5-5', max_tokens=9, messages=[{'role': 'user', 'content': 'Hi'}])\n"
        "    assert made.content[0].text.startswith('Hello!')\n"
    )
    printed = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py", cwd=tmp_path)
    assert "1 passed" in printed
