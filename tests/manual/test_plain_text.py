"""Plain text of registries, helps and docstrings shows in the manual as it was meant."""

from __future__ import annotations

import pytest
from _extension.docstrings import as_rst
from _extension.markdown import code, fence, plain, table


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("A body ends.", "A body ends."),
        ("2 * 3_4 <b> [x](y) | #1", r"2 \* 3\_4 \<b\> \[x\](y) \| \#1"),
        ("the `type`, or `a|b`", r"the `type`, or `a\|b`"),
        ("sent after message_stop", "sent after `message_stop`"),
        ("messages.stream() raises anthropic.APIError", "`messages.stream()` raises `anthropic.APIError`"),
        ("-o writes, --fail-on decides, well-known", "`-o` writes, `--fail-on` decides, well-known"),
        ("ANTHROPIC_BASE_URL is set", "`ANTHROPIC_BASE_URL` is set"),
        ("https://github.com/a/b_c/issues/12", r"[a/b\_c\#12](https://github.com/a/b_c/issues/12)"),
        ("see https://example.com/x_y.", r"see [example.com/x\_y](https://example.com/x_y)."),
    ],
)
def test_markdown_shows_plain_text(text, markdown):
    assert plain(text) == markdown


def test_code_may_hold_backticks_and_bars():
    assert code("a|b") == r"`a\|b`"
    assert code("`x`") == "`` `x` ``"
    assert fence("```\nx\n```").startswith("````text\n")


def test_a_table_has_a_line_for_each_row():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


@pytest.mark.parametrize(
    ("docstring", "rst"),
    [
        ("Return `x`.", ["Return ``x``.", ""]),
        ("Raise `UsageError`s.", [r"Raise :py:obj:`UsageError <inspector.UsageError>`\ s.", ""]),
        ("What `inspector check` says.", ["What :doc:`inspector check </commands/check>` says.", ""]),
        ("See `docs/stats.md`.", ["See :doc:`/stats`.", ""]),
        ("*args, name_, a@b", [r"\*args, name\_, a\@b", ""]),
        (
            "A:\n\n    x = 1\n    y = 2",
            ["A:", "", ".. code-block:: python", "", "    x = 1", "    y = 2", ""],
        ),
    ],
)
def test_a_docstring_is_plain_text(docstring, rst):
    assert list(as_rst(docstring)) == rst


def test_a_parameter_is_no_link_to_a_function_of_its_name():
    assert list(as_rst("`tap` notes.", ["tap"])) == ["``tap`` notes.", ""]
