"""Real git shows recordings by their meaning, and everything else as it always does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

FOLDER = ROOT / "recordings"
DRIVER = f"'{sys.executable}' -m inspector diff --git-driver"

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


class Repository:
    """A repository with one commit of a few files, of which some have changed since."""

    def __init__(self, folder):
        self.folder = folder
        self.git("init", "-q")
        for name, value in (("user.name", "n"), ("user.email", "n@example.org"), ("core.pager", "cat")):
            self.git("config", name, value)
        (folder / ".gitattributes").write_text("*.jsonl diff=inspector\n")

    def git(self, *arguments, check=True, **options):
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "COLUMNS": "100",
        }
        run = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment, capture_output=True, check=check, **options
        )
        return run.stdout.decode()

    def write(self, name, text):
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x")


def replaced(name, *pairs):
    text = (FOLDER / name).read_bytes()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


TOOL = (FOLDER / "tool_use.jsonl").read_bytes()
OTHER_USAGE = (b'"output_tokens":36', b'"output_tokens":37')
CHANGED = replaced("tool_use.jsonl", OTHER_USAGE, (b'n\\": \\"Tr', b'n\\": \\"Br'))
AGAIN = replaced("tool_use.jsonl", (b'"id":"msg_', b'"id":"msg_9'), (b"2026-11-20T18", b"2027-01-01T00"))


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path)
    made.write("tool.jsonl", TOOL)
    made.write("again.jsonl", TOOL)
    made.write("moved.jsonl", (FOLDER / "hello.jsonl").read_bytes())
    made.write("gone.jsonl", (FOLDER / "thinking.jsonl").read_bytes())
    made.write("data.jsonl", '{"x":1}\n')
    made.write("broken.jsonl", '{"recording":1}\n{nothing\n')
    made.write("notes.txt", "one\n")
    made.commit()
    made.write("tool.jsonl", CHANGED)
    made.write("again.jsonl", AGAIN)
    made.git("mv", "moved.jsonl", "renamed.jsonl")
    made.write("renamed.jsonl", replaced("hello.jsonl", (b'"max_tokens":256', b'"max_tokens":257')))
    (tmp_path / "gone.jsonl").unlink()
    made.write("new.jsonl", (FOLDER / "max_tokens.jsonl").read_bytes())
    made.write("data.jsonl", '{"x":2}\n')
    made.write("broken.jsonl", '{"recording":1}\n{less\n')
    made.write("notes.txt", "two\n")
    return made


def sections(text):
    """The output by file: what stands after each header of a file."""
    made, name = {}, None
    for line in text.splitlines():
        if line.startswith("diff --"):
            name = line.rpartition("/")[2]
            made[name] = []
        elif name:
            made[name].append(line)
    return made


def test_textconv_makes_diff_show_and_log_readable(repository):
    repository.git("config", "diff.inspector.textconv", DRIVER)
    before = sections(repository.git("diff"))
    repository.commit()
    for command in (["show", "-M"], ["log", "-p", "-1", "-M"]):
        shown = sections(repository.git(*command))
        changed = [line for line in shown["tool.jsonl"] if line[:1] in "+-" and line[1:2] == " "]
        assert changed == ['-    "location": "Tromsø, Norway",', '+    "location": "Bromsø, Norway",']
        assert "-usage.output_tokens: 36" in shown["tool.jsonl"]
        assert "again.jsonl" not in shown  # git leaves out what has the same text
        assert '+    "max_tokens": 257,' in shown["renamed.jsonl"]
        assert "-content" in "".join(shown["gone.jsonl"])
        assert '+{"x":2}' in shown["data.jsonl"]
        assert "+{less" in shown["broken.jsonl"]
        assert "+two" in shown["notes.txt"]
    assert before["tool.jsonl"][3:] == shown["tool.jsonl"][3:]


def test_the_manual_has_what_git_shows(repository):
    repository.git("config", "diff.inspector.textconv", DRIVER)
    repository.write("tool.jsonl", TOOL)
    repository.commit()
    repository.write("tool.jsonl", replaced("tool_use.jsonl", (b'n\\": \\"Tr', b'n\\": \\"Br')))
    manual = (ROOT / "docs/diff.md").read_text()
    assert manual.split("```diff\n")[1].split("```")[0] in repository.git("diff")


def test_a_command_shows_words_in_git_diff_and_log_with_ext_diff(repository):
    repository.git("config", "diff.inspector.command", DRIVER)
    repository.git("add", "-A")
    staged = repository.git("diff", "--cached", "-M")
    repository.commit()
    for text in (staged, repository.git("log", "-p", "-1", "-M", "--ext-diff")):
        shown = sections(text)
        title, *changes = shown["tool.jsonl"]
        assert title == "a/tool.jsonl → b/tool.jsonl: differs in tool_input, usage"
        assert '"Tromsø, Norway" → "Bromsø, Norway"' in changes[0]
        assert shown["again.jsonl"][0] == "a/again.jsonl → b/again.jsonl: the same in meaning"
        assert "  request      request.body.max_tokens: 256 → 257" in shown["renamed.jsonl"]
        assert shown["new.jsonl"][0] == "+POST /v1/messages"
        assert shown["gone.jsonl"][0] == "-POST /v1/messages"
        assert shown["data.jsonl"] == ["@@ -1 +1 @@", '-{"x":1}', '+{"x":2}']
        assert "+{less" in shown["broken.jsonl"]


def test_a_change_of_mode_is_said(repository):
    repository.git("config", "diff.inspector.command", DRIVER)
    repository.git("add", "-A")
    repository.commit()
    (repository.folder / "tool.jsonl").chmod(0o755)
    lines = repository.git("diff").splitlines()
    assert lines == [
        "diff --inspector a/tool.jsonl b/tool.jsonl",
        "old mode 100644",
        "new mode 100755",
        "a/tool.jsonl → b/tool.jsonl: the same in meaning",
    ]


def test_git_add_patch_and_patches_for_others_are_as_ever(repository):
    plain = repository.git("format-patch", "--stdout", "--root", "HEAD")
    for name in ("textconv", "command"):
        repository.git("config", f"diff.inspector.{name}", DRIVER)
    assert repository.git("format-patch", "--stdout", "--root", "HEAD") == plain
    repository.git("add", "-p", input=b"y\n" * 40)
    assert repository.git("show", ":tool.jsonl").encode() == CHANGED


def test_a_file_in_conflict_breaks_nothing(repository):
    repository.git("config", "diff.inspector.command", DRIVER)
    repository.commit()
    repository.git("checkout", "-q", "-b", "other", "HEAD~1")
    repository.write("tool.jsonl", CHANGED.replace(b'"output_tokens":37', b'"output_tokens":99'))
    repository.commit()
    repository.git("merge", "-", check=False)
    assert "UU tool.jsonl" in repository.git("status", "--short")
    repository.git("diff")


def test_ignored_parts_are_not_in_the_text(repository):
    repository.git("config", "diff.inspector.textconv", f"{DRIVER} --ignore usage")
    assert "usage." not in repository.git("diff")
