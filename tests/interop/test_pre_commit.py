"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit in a repository that commits recordings.

pre-commit clones a copy of this checkout, uncommitted changes included, and installs it as it does for users.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess

import pytest
import yaml
from conftest import ROOT
from packages import NO_REGISTRY, environment, virtual_environment
from zstd_library import zstd

KEY = "sk-ant-" + "api03-" + "q7Wm2xKd9LrTz4Vb" * 4
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.fixture(scope="module")
def pre_commit():
    """The program pre-commit, in an environment of its own."""
    return str(virtual_environment("pre-commit", ["pre-commit>=4"]) / "bin" / "pre-commit")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A repository of what this checkout has: the committed files, with changes."""
    folder = tmp_path_factory.mktemp("source") / "sse-inspector"
    git("clone", "-q", ROOT, folder, cwd=ROOT)
    changed = git("ls-files", "--modified", "--others", "--exclude-standard", "-z", cwd=ROOT).split("\0")
    for name in filter(None, changed):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)
        else:
            (folder / name).unlink()
    if changed != [""]:
        commit(folder)
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Where pre-commit keeps what it has installed for these tests."""
    return tmp_path_factory.mktemp("installed")


@pytest.fixture
def user(tmp_path, source, pre_commit, installed):
    """A user's repository: a function that stages all files and returns a hook's exit status and output."""
    git("init", "-q", cwd=tmp_path)
    revision = git("rev-parse", "HEAD", cwd=source).strip()

    def run(hook, **settings):
        hooks = [{"id": hook, **settings}]
        configuration = {"repos": [{"repo": str(source), "rev": revision, "hooks": hooks}]}
        (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
        git("add", "-A", cwd=tmp_path)
        done = subprocess.run(
            [pre_commit, "run", hook, "--color=never"],
            cwd=tmp_path,
            env=environment(PRE_COMMIT_HOME=str(installed)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=600,
        )
        if NO_REGISTRY in done.stdout:
            pytest.skip("pre-commit cannot install this package: the registry has not what it needs")
        return done.returncode, done.stdout

    return run


def git(*arguments, cwd):
    done = subprocess.run(
        ["git", *map(str, arguments)], cwd=cwd, env=environment(), check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(folder):
    git("add", "-A", cwd=folder)
    git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "changes", cwd=folder)


def put(folder, name, source):
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source if isinstance(source, bytes) else (ROOT / "recordings" / source).read_bytes())


def test_a_clean_recording_passes(user, tmp_path):
    put(tmp_path, "tests/recordings/test_agent/test_ask.jsonl", "hello.jsonl")
    hello = (ROOT / "recordings" / "hello.jsonl").read_bytes()
    put(tmp_path, "recordings/hello.jsonl.zst", zstd.compress(hello))
    status, shown = user("inspector-check")
    assert status == 0, shown
    assert "Passed" in shown


def test_a_broken_recording_fails_with_its_finding(user, tmp_path):
    put(tmp_path, "recordings/hello.jsonl", "hello.jsonl")
    put(tmp_path, "recordings/cut.jsonl", "broken/cut_tool.jsonl")
    status, shown = user("inspector-check")
    assert status == 1
    assert "exit code: 1" in shown
    assert "message-stop-missing" in shown
    assert "hello.jsonl" not in shown


def test_only_recordings_that_the_commit_touches_are_checked(user, tmp_path):
    put(tmp_path, "recordings/cut.jsonl", "broken/cut_tool.jsonl")
    git("add", "-A", cwd=tmp_path)
    commit(tmp_path)
    put(tmp_path, "recordings/hello.jsonl", "hello.jsonl")
    put(tmp_path, "data/no_recording.jsonl", b"{}\n")
    status, shown = user("inspector-check")
    assert (status, "Passed" in shown) == (0, True), shown


def test_a_pattern_and_options_of_the_users_own(user, tmp_path):
    put(tmp_path, "captures/--help.sse", "broken/cut_tool.jsonl")
    settings = {"files": "^captures/", "args": ["--ignore=message-stop-missing", "--"]}
    assert user("inspector-check", **settings)[0] == 0
    assert user("inspector-check", files="^captures/")[0] == 1


def test_a_name_like_an_option_is_a_file(user, tmp_path):
    put(tmp_path, "--help", f"the key is {KEY}\n".encode())
    status, shown = user("inspector-redact-scan")
    assert status == 1, shown
    assert "--help:1: key" in shown


@pytest.mark.parametrize(
    "name, packed", [("r/leaks.jsonl", bytes), ("r/x.gz", gzip.compress), ("x.zst", zstd.compress)]
)
def test_a_secret_is_found_and_not_printed(user, tmp_path, name, packed):
    put(tmp_path, name, packed(f'# a comment\nkey = "{KEY}"\n'.encode()))
    status, shown = user("inspector-redact-scan")
    assert status == 1
    assert f"{name}:2: key" in shown
    assert KEY not in shown


def test_a_commit_without_a_secret_passes(user, tmp_path):
    put(tmp_path, "recordings/hello.jsonl", "hello.jsonl")
    put(tmp_path, "logo.png", b"\x89PNG\r\n\x1a\n\x00\x00")
    status, shown = user("inspector-redact-scan")
    assert status == 0, shown


def test_the_manual_names_these_hooks():
    pages = "".join((ROOT / "docs" / name).read_text() for name in ("ci.md", "redaction.md"))
    for hook in HOOKS:
        assert f"- id: {hook}\n" in pages
