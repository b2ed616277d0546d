"""`inspector diff`: what is printed, in which format, and the exit status."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from click.testing import CliRunner
from conftest import ROOT

from inspector import save
from inspector.cli import cli
from inspector.cli._coloured_diff import print_difference
from inspector.formats import load_all
from inspector.views.changes import Part
from inspector.views.diff_api import diff

FOLDER = ROOT / "recordings"
HELLO, UNICODE = str(FOLDER / "hello.jsonl"), str(FOLDER / "unicode.jsonl")


def run(*arguments, input=None, **options):  # noqa: A002 - as Click calls it
    return CliRunner().invoke(cli, ["diff", *map(str, arguments)], input=input, **options)


def changed(tmp_path, old, new, name="b.jsonl"):
    path = tmp_path / name
    text = (FOLDER / "tool_use.jsonl").read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


@pytest.fixture
def changed_usage(tmp_path):
    return changed(tmp_path, '"output_tokens":36', '"output_tokens":37')


def test_the_same_is_0_and_a_difference_is_1(changed_usage):
    tool = FOLDER / "tool_use.jsonl"
    same = run(tool, tool)
    assert (same.exit_code, same.output) == (0, f"{tool} → {tool}: the same in meaning\n")
    other = run(tool, changed_usage)
    assert other.exit_code == 1
    assert other.stdout.splitlines() == [
        f"{tool} → {changed_usage}: differs in usage",
        "  usage        usage.output_tokens: 36 → 37",
    ]
    assert run(tool, changed_usage, "--ignore", "usage").exit_code == 0
    assert run(tool, changed_usage, "--ignore", "usage.output_tokens").exit_code == 0
    quiet = run(tool, changed_usage, "-q")
    assert (quiet.exit_code, quiet.output) == (1, "")


def test_what_cannot_be_read_is_3_and_the_rest_is_compared(tmp_path):
    assert run(HELLO, tmp_path / "missing.jsonl").exit_code == 3
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        shutil.copy(HELLO, folder / "a.jsonl")
        (folder / "b.jsonl").write_text('{"recording":1}\n{nothing\n')
    shutil.copy(UNICODE, other / "a.jsonl")
    result = run(one, other)
    assert result.exit_code == 3
    assert "differs in request, text, usage" in result.stdout
    assert "b.jsonl" in result.stderr


@pytest.mark.parametrize(
    "arguments, says",
    [
        ([HELLO], "name two files"),
        ([HELLO, FOLDER], "a folder is compared with a folder"),
        (["-", "-"], "only once"),
        ([HELLO, HELLO, "--ignore", "a["], "no path"),
        ([HELLO, HELLO, "--timing", "0.5"], "0.5"),
        (["--git-driver", HELLO, HELLO], "seven or nine"),
    ],
)
def test_wrong_use_is_2(arguments, says):
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.output


@pytest.mark.parametrize("other", [HELLO, FOLDER, "nosuch2"], ids=["file", "folder", "missing"])
def test_what_is_missing_is_3_whatever_it_is_compared_with(other, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments in (["nosuch", other], [other, "nosuch"]):
        result = run(*arguments)
        assert result.exit_code == 3
        assert "nosuch: cannot be read: No such file or directory" in result.stderr


def test_a_page_is_no_comment():
    page = FOLDER / "broken" / "html.jsonl"
    assert "comments" not in run(page, HELLO).stdout
    assert "comments 0 → 4" in run(HELLO, FOLDER / "comments.jsonl").stdout


def test_standard_input_is_one_of_two():
    assert run(HELLO, "-", input=(FOLDER / "hello.jsonl").read_bytes()).exit_code == 0


@pytest.mark.parametrize("name", ["torn", "cut_fin", "cut_tool", "error_in_the_middle", "stall"])
def test_broken_recordings_are_compared(name):
    paths = [path for path in (FOLDER / "broken").glob("*.jsonl") if name in path.name]
    for path in paths:
        assert run(path, path).exit_code == 0
        assert run(path, HELLO).exit_code == 1
        assert run(HELLO, path).exit_code == 1


def test_folders_with_themselves_are_the_same():
    result = run(FOLDER, FOLDER)
    assert result.exit_code == 0
    assert re.search(r"all \d+ are the same in meaning", result.stdout)


def test_json_says_all_and_markdown_is_a_comment(changed_usage):
    tool = FOLDER / "tool_use.jsonl"
    value = json.loads(run(tool, changed_usage, "--format", "json").stdout)
    assert value["same"] is False
    assert value["changes"] == [{"part": "usage", "where": "usage.output_tokens", "before": 36, "after": 37}]
    markdown = run(tool, changed_usage, "--format", "markdown").stdout
    assert markdown.startswith(f"### `{tool}` → `{changed_usage}`: differs in usage\n")
    assert "```diff\n@@ usage.output_tokens @@\n- 36\n+ 37\n```" in markdown


def besides(lines):
    return next(line for line in lines if line.startswith("  besides"))


def test_lines_are_broken_at_words_and_fit(capsys):
    print_difference(diff(HELLO, UNICODE), width=80)
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(" " * 15) for line in lines[lines.index(besides(lines)) + 1 :])
    assert max(map(len, lines)) <= 110  # a word that is longer, such as a path, stays whole
    text = [line for line in lines if line.startswith(" " * 15)]
    assert all(len(line) <= 80 for line in text)
    words = " ".join("".join(text).split())
    assert "a few letters at a time" in re.sub(r"\s+", " ", " ".join(line.strip() for line in text))
    assert words


def test_the_manual_names_every_part():
    manual = (ROOT / "docs/diff.md").read_text()
    assert [
        part for part in Part if f"`{part}`" not in manual and part not in ("timing", "bytes", "reads")
    ] == []


def test_a_gateways_changes_are_said_and_how_it_cut_the_stream_is_only_a_note(tmp_path):
    (recording,) = load_all(HELLO)
    inside = tmp_path / "inside.jsonl"
    save(recording, inside)
    head, *lines = inside.read_text().splitlines()
    outside = tmp_path / "outside.jsonl"
    kept = [line for line in lines if '"event":"ping"' not in line]
    kept = [line.replace('"event":"message_stop"', '"event":"done"') for line in kept]
    kept = [line.replace('"output_tokens":65', '"output_tokens":0') for line in kept]
    outside.write_text("\n".join([head, *kept]) + "\n")
    result = run(inside, outside)
    assert result.exit_code == 1
    assert "- message_stop\n" in result.stdout
    assert "+ message_stop named done" in result.stdout
    assert "usage.output_tokens: 65 → 0" in result.stdout
    assert "pings 1 → 0" in result.stdout


def test_several_parts_and_paths_are_ignored_with_commas():
    each = [option for name in ("text", "usage", "message", "request") for option in ("--ignore", name)]
    together = ["--ignore", "text, usage,message", "--ignore", "request"]
    results = [run(HELLO, FOLDER / "comments.jsonl", *options) for options in (each, together)]
    assert [result.exit_code for result in results] == [0, 0]
    assert results[0].stdout == results[1].stdout
