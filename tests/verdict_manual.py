"""The parts of `docs/verdict.md` that are made by programs: between two marks, never by hand."""

from __future__ import annotations

import re

from conftest import ROOT

from inspector.resilience import CLIENT_CHECKS

PAGE = ROOT / "docs" / "verdict.md"


def checks_text():
    """Every check as the manual has it."""
    return "\n\n".join(
        f"### `{check.id}`\n\n"
        f"*{check.standing}.* **{check.sentence}**\n\n"
        f"Observed: {check.observed} Why: {check.why}\n\n"
        f"What to do: {check.remedy} ([source]({check.source}))"
        for check in CLIENT_CHECKS.values()
    )


def part(name):
    """The part of the page between the marks of this name."""
    return re.search(_pattern(name), PAGE.read_text(), re.DOTALL)[2]


def replace_part(name, text, page=PAGE):
    """Replace what is between the marks of this name."""
    made = re.sub(
        _pattern(name), lambda match: f"{match[1]}{text}{match[3]}", page.read_text(), flags=re.DOTALL
    )
    page.write_text(made)


def _pattern(name):
    return rf"(<!-- {name}: made by [^\n]*-->\n\n)(.*?)(\n\n<!-- end of {name} -->)"
