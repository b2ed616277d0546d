"""`inspector faults`: the list, and a page for each fault."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from inspector import faults
from inspector.cli import cli
from inspector.manual import fault_page


def run(*arguments):
    return CliRunner().invoke(cli, ["faults", *arguments])


def test_the_list_has_every_group_fault_position_and_preset_on_80_columns():
    lines = run().stdout.splitlines()
    for title in faults.GROUPS.values():
        assert f"{title}:" in lines
    for name in (*faults.FAULTS, *faults.POSITIONS, *faults.PRESETS):
        assert any(line.startswith(f"  {name} ") for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_a_page_explains_the_fault_and_shows_an_example_that_can_be_parsed(kind):
    lines = run(kind.name).stdout.splitlines()
    text = " ".join(" ".join(lines).split())
    assert lines[0] == kind.usage
    for part in (kind.sentence, f"a correct client should: {kind.client}"):
        assert part in text
    assert f"seen in: {kind.incident}" in text or not kind.incident
    for parameter in kind.parameters:
        assert f" {parameter.name}: {parameter.help}" in text
        for word, meaning in parameter.options.items():
            assert f" {word} {meaning}" in text
    *lines, example, page = lines
    assert max(map(len, lines)) <= 80
    assert page.strip() == fault_page(kind.name)
    assert faults.parse(example.split("--fault ")[1].split(" |")[0]).kind is kind


def test_a_preset_has_a_line_for_each_of_its_faults():
    shown = run("dirty-dozen").stdout
    for text in faults.DIRTY_DOZEN:
        assert f"  {text} " in shown


def test_a_fault_with_its_position_has_the_page_of_its_name():
    assert run("cut-fin@ev:7").stdout == run("cut-fin").stdout


@pytest.mark.parametrize(
    ("name", "message"), [("cut-fn", "did you mean cut-fin"), ("fail-then-ok", "on=1..2")]
)
def test_a_name_that_is_no_fault_is_a_usage_error(name, message):
    result = run(name)
    assert result.exit_code == 2
    assert message in result.stderr
