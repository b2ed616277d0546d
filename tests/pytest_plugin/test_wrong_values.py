"""Arguments and fixtures with values that have no meaning fail the test, with one line and no traceback."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester", "inner_runs"]

TEST = """
@pytest.mark.recording({marker})
def test_it(): ask(anthropic.Anthropic())
"""
FIXTURE = """
@pytest.fixture
def {name}(): return {value}
"""


def check(result, message):
    """The test has failed with this line. No file of the plugin is named."""
    assert result.parseoutcomes() in ({"errors": 1}, {"failed": 1})
    result.stdout.fnmatch_lines([f"inspector: {message}*"])
    result.stdout.no_fnmatch_line("*inspector/pytest_plugin*")


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (
            '["hello", "tool_use"]',
            "@pytest.mark.recording takes names of recordings, one after another, and not",
        ),
        ("123", "@pytest.mark.recording takes names of recordings, one after another, and not 123"),
        ('"hello", fault=[]', "the list of faults is empty"),
        ('"hello", fault=3', "a fault is a text such as 'cut-clean', and not 3"),
        ('"hello", fault=[3]', "a fault is a text such as 'cut-clean', and not 3"),
        ('"hello", ignore=3', "ignore is a list of names, and not 3"),
        ('"hello", match=3', "match=3 is not known"),
        ('"hello", speed="fast"', "speed"),
    ],
)
def test_of_the_marker(inner, marker, message):
    check(inner(TEST.format(marker=marker)), message)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("inspector_config", {"ignore": 3}, "inspector_config: ignore is a list of names, and not 3"),
        (
            "inspector_config",
            {"before_record": 3},
            "inspector_config: before_record is a function, and not 3",
        ),
        ("recordings_dir", None, "the fixture recordings_dir returns the path of a folder, and not None"),
    ],
)
def test_of_a_fixture(inner, name, value, message):
    check(inner(FIXTURE.format(name=name, value=value) + TEST.format(marker='"hello"')), message)


def test_a_folder_may_be_a_text(inner):
    source = FIXTURE.format(name="recordings_dir", value="'some/folder'") + TEST.format(marker='"hello"')
    inner(source).assert_outcomes(passed=1)
