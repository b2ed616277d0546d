"""`inspector stats` of sets of tables: what it takes for sets, what it prints, and what it refuses."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import ROOT
from response_sets import cut, response, write_part, write_set
from trends_example import example_sets

from inspector.cli import _printing, _trends_text, cli

MANUAL = (ROOT / "docs" / "trends.md").read_text()


def run(*args, status=0):
    result = CliRunner().invoke(cli, ["stats", *map(str, args)])
    assert result.exit_code == status, result.output
    return result


@pytest.fixture
def sets(tmp_path, monkeypatch):
    """Two weeks of a gateway, in the folder that the test runs in."""
    monkeypatch.chdir(tmp_path)
    return example_sets(tmp_path)


def test_the_manual_shows_what_is_printed(sets):
    example = re.search(r"^\$ inspector stats (.*)\n((?:.*\n)*?)```", MANUAL, re.MULTILINE)
    assert run(*example[1].split()).stdout == example[2]
    rows = [
        re.split(r"\s{2,}", line)[0] for line in example[2].splitlines() if "%  " in line or "ms  " in line
    ]
    picture = ElementTree.parse(ROOT / "docs" / "trends.svg")
    drawn = {text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert set(rows) <= drawn, "python tests/trends_example.py draws the picture anew"


def test_the_python_in_the_manual_runs(sets, capsys):
    exec(re.search(r"```python\n(.*?)```", MANUAL, re.DOTALL)[1], {})
    assert "verdict partial" in capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("options", [(), ("--all",), ("--all", "--by", "model")])
def test_on_a_terminal_no_line_is_wider_than_it(sets, monkeypatch, width, options):
    for module in (_printing, _trends_text):
        monkeypatch.setattr(module, "screen_width", lambda **_: width)
    assert max(map(len, run(*sets, *options).stdout.splitlines())) <= width


def test_at_80_columns_counts_and_intervals_have_a_place(sets, monkeypatch):
    for module in (_printing, _trends_text):
        monkeypatch.setattr(module, "screen_width", lambda **_: 80)
    titles = next(line for line in run(*sets).stdout.splitlines() if line.startswith("what"))
    assert re.split(r"\s{2,}", titles) == ["what", "A", "B", "B - A within", "count A / B"]


def test_only_what_changed_is_shown_and_all_of_it_on_request(sets):
    short, long = run(*sets).stdout, run(*sets, "--all").stdout
    assert "longest gap p50" not in short
    hidden = int(re.search(r"--all shows the other ([\d,]+) numbers", short)[1])
    rows = [line for line in long.splitlines() if re.search(r"\d .*\d", line) and line[0] in "* "]
    marked = [line for line in rows if line.startswith("* ")]
    assert len(marked) == int(re.search(r"^(\d+) of", short, re.MULTILINE)[1])
    assert hidden == len([line for line in rows if re.match(r"   \w.* \d", line)]) - 2, "less the two sets"
    assert "--all" not in long


def test_if_nothing_changed_there_are_no_other_numbers(sets):
    text = run(sets[0], sets[0]).stdout
    count = re.search(r"None of ([\d,]+) numbers", text)[1]
    assert f"--all shows the {count} numbers." in text


def test_json_has_every_line_whether_it_changed_or_not(sets):
    document = json.loads(run(*sets, "--format", "json").stdout)
    assert {line["changed"] for line in document["lines"]} == {True, False}
    assert [each["name"] for each in document["sets"]] == list(sets)


def test_markdown_is_a_table(sets):
    text = run(*sets, "--format", "markdown", "--by", "model").stdout
    assert "| <code>model</code> | what | A | B | B - A | B - A within | count A | count B |" in text


@pytest.mark.parametrize("name", ["plot.svg", "plot.png"])
def test_a_plot_is_written_beside_the_table(sets, tmp_path, name):
    assert "changed beyond chance" in run(*sets, "--plot", name).stdout
    assert (tmp_path / name).stat().st_size > 10_000


def test_a_plot_that_cannot_be_written_is_said(sets):
    result = run(*sets, "--plot", "none/plot.svg", status=3)
    assert "none/plot.svg: No such file or directory" in result.stderr


def test_a_plot_of_an_unknown_kind_is_refused_before_anything_is_read(tmp_path):
    result = run(tmp_path / "a.parquet", tmp_path / "b.parquet", "--plot", "x.gif", status=2)
    assert "x.gif: a plot's name ends in .svg, .png, .pdf" in result.stderr


def test_tables_are_told_from_recordings_by_what_stands_there(sets, tmp_path):
    part = write_part(tmp_path / "one.parquet", [response()])
    assert "1 recording · 1 with times" in run(part, sets[0]).stdout
    assert "Complete" in run(ROOT / "recordings" / "hello.jsonl").stdout


def test_sets_and_recordings_do_not_mix(sets):
    hello = ROOT / "recordings" / "hello.jsonl"
    message = run(sets[0], hello, status=2).stderr
    assert f"{sets[0]} holds tables, and {hello} does not" in message
    assert "-o FOLDER` makes tables of those" in message


@pytest.mark.parametrize(
    "options", [("--by", "model"), ("--all",), ("--plot", "x.svg"), ("--format", "markdown")]
)
def test_options_of_sets_are_refused_for_recordings(options):
    message = run(ROOT / "recordings" / "hello.jsonl", *options, status=2).stderr
    assert f"{' '.join(options[:1])}" in message
    assert "is for sets of tables" in message


def test_options_of_recordings_are_refused_for_sets(sets):
    assert "--jobs is for recordings; these are tables already" in run(*sets, "-j", "2", status=2).stderr


def test_a_set_that_cannot_be_read_is_one_line(sets, tmp_path):
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no table")
    result = run(sets[0], "bad.parquet", status=3)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "bad.parquet: a table that cannot be read" in result.stderr


def test_one_set_is_described_and_three_stand_side_by_side(sets):
    assert "Give a second set to see what changed" in run(sets[0]).stdout
    text = run(*sets, sets[0]).stdout
    assert re.search(r"what +A +B +C +count A / B / C", text)
    assert "Give two of the sets" in text


def test_small_sets_say_so(tmp_path):
    paths = [write_set(tmp_path / name, [response()] * 12) for name in "ab"]
    text = run(*paths).stdout
    assert "None of " in text
    assert "has 12 recordings: only a large change can be seen" in text


def test_a_hostile_set_drives_no_terminal(tmp_path):
    hostile = "\x1b]0;owned\x07[bold red]\u202e<b>::error::"
    rows = [cut(rules=[hostile], model=hostile, host=hostile, inspector_version=hostile)] * 50
    paths = [write_set(tmp_path / f"{name}{hostile.replace('/', '')}", rows) for name in "ab"]
    for options in ((), ("--all", "--by", "model"), ("--format", "json"), ("--format", "markdown")):
        text = run(*paths, *options).stdout
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_defaults_of_one_kind_do_not_stand_in_the_way_of_the_other(sets):
    defaults = {"stats": {"by": "model", "everything": True, "jobs": 1}}
    for files in (sets, [str(ROOT / "recordings" / "hello.jsonl")]):
        result = CliRunner().invoke(cli, ["stats", *files], default_map=defaults)
        assert result.exit_code == 0, result.output


def test_a_name_that_is_not_there_is_said_so(sets):
    result = run(sets[0], "nowhere", status=3)
    assert result.stderr == "inspector: nowhere: there is no such file or folder\n"
    assert "hello does not" in run(sets[0], "hello", status=2).stderr  # a recording that comes with inspector


def test_a_plot_is_replaced_only_if_asked(sets, tmp_path):
    picture = tmp_path / "x.svg"
    picture.write_text("mine")
    result = run(*sets, "--plot", picture, status=3)
    assert result.stderr == f"inspector: {picture}: exists already; use --overwrite to replace it\n"
    assert (result.stdout, picture.read_text()) == ("", "mine")
    run(*sets, "--plot", picture, "--overwrite")
    assert picture.read_text().startswith("<?xml")
