"""The manual of verdicts says of each check what the program says."""

from __future__ import annotations

import sys

from click.testing import CliRunner
from verdict_manual import PAGE, checks_text, part

from inspector.cli import cli


def test_the_manual_has_every_check_as_it_is():
    assert part("checks") == checks_text(), "run `python -m tests.interop.verdicts checks`"


def test_what_the_manual_shows_is_what_is_printed():
    text = PAGE.read_text()
    program = "import client_programs as p; p.hopeful()"
    command = [
        "serve",
        "hello",
        "--fault",
        "cut-clean",
        "--speed",
        "max",
        "--verdict",
        "-q",
        "--port",
        "0",
        "--",
    ]
    environment = {"PYTHONPATH": str(PAGE.parents[1] / "tests")}
    arguments = [*command, sys.executable, "-c", program]
    printed = CliRunner().invoke(cli, arguments, env=environment).output.splitlines()
    shown = text[text.index("the client: 1 request") : text.index("```\n\nA verdict reads")].splitlines()
    assert [line for line in printed if line in shown] == shown
