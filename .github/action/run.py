"""What `action.yml` runs: `inspector check` or `inspector probe`, with a summary and outputs for GitHub.

Inputs arrive in environment variables, `INPUT_…`, and go to inspector as arguments. No shell reads them. The
exit status is inspector's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ROWS = 100
"""Findings in the summary, which GitHub limits to 1 MiB. The SARIF file has all of them."""

WRONG_USE = 2
MARKS = {"error": "❌ error", "warning": "⚠️ warning"}


class WrongInputError(Exception):
    """An input that is wrong; the message says what to do."""


def main() -> int:
    commands = {"check": check, "probe": probe}
    try:
        command = commands.get(given("command"))
        if command is None:
            raise WrongInputError(f"command: {given('command')!r} is neither check nor probe")
        options = lines("options")
        if any(option.partition("=")[0] == "--format" for option in options):
            raise WrongInputError("options: leave --format out, the action needs its own")
        status = command(options)
    except WrongInputError as error:
        annotate("error", str(error))
        status = WRONG_USE
    set_output("status", status)
    return status


def check(options: list[str]) -> int:
    """Check recordings: SARIF to a file, annotations to the log, a table to the summary."""
    path = Path(given("sarif"))
    try:
        with path.open("wb") as file:
            status = run(["check", "--format=sarif", *options, "--", *lines("files")], file)
    except OSError as error:
        raise WrongInputError(f"sarif: {str(path)!r} cannot be written: {error.strerror}") from error
    try:
        sarif = json.loads(path.read_bytes())["runs"][0]
    except ValueError:  # wrong use, which inspector explains on stderr
        path.unlink()
        return status
    findings = [result for level in MARKS for result in sarif["results"] if result["level"] == level]
    unreadable = sarif["invocations"][0]["toolExecutionNotifications"]
    for each in (*findings, *unreadable):
        file, line = place(each)
        annotate(each["level"], each["message"]["text"], file=file, line=line, title=each.get("ruleId", ""))
    levels = Counter(result["level"] for result in findings)
    counts = {
        "recordings": sarif["properties"]["recordings"],
        "errors": levels["error"],
        "warnings": levels["warning"],
        "unreadable": len(unreadable),
    }
    for name, value in {"sarif": path, **counts}.items():
        set_output(name, value)
    append("GITHUB_STEP_SUMMARY", check_summary(counts, [*unreadable, *findings]))
    return status


def check_summary(counts: dict[str, int], findings: list[dict[str, Any]]) -> str:
    """Return the counts and a table of findings, as Markdown."""
    text = [f"### inspector check: {', '.join(f'{name}: {number}' for name, number in counts.items())}", ""]
    if findings:
        text += ["| | rule | where | what |", "| --- | --- | --- | --- |"]
    for each in findings[:ROWS]:
        file, line = place(each)
        where = f"{file}:{line}" if line else file
        cells = (each.get("ruleId", "unreadable"), where, each["message"]["text"])
        text.append(f"| {MARKS[each['level']]} | {' | '.join(map(code, cells))} |")
    if len(findings) > ROWS:
        text += ["", f"{len(findings) - ROWS} more are in the SARIF file."]
    return "\n".join([*text, "", ""])


def probe(options: list[str]) -> int:
    """Probe an endpoint: the scorecard to the log and to the summary, its score to the outputs."""
    named = {name: given(name) for name in ("base-url", "model", "expect")}
    # `options` come last: they may end in `-- COMMAND`, which starts a gateway.
    with tempfile.TemporaryDirectory(dir=os.environ["RUNNER_TEMP"]) as folder:
        card, badge = Path(folder, "card.md"), Path(folder, "badge.json")
        arguments = [f"--{name}={value}" for name, value in named.items() if value]
        with card.open("wb") as file:
            status = run(["probe", *arguments, "--format=markdown", f"--badge={badge}", *options], file)
        text = card.read_text("utf-8")
        if badge.exists():
            set_output("score", json.loads(badge.read_bytes())["message"])
    print(text, end="", flush=True)
    append("GITHUB_STEP_SUMMARY", text)
    return status


def run(arguments: list[str], stdout: Any) -> int:
    """Run inspector, and return its exit status as a shell would."""
    done = subprocess.run(
        [os.environ["PROGRAM"], *arguments], stdin=subprocess.DEVNULL, stdout=stdout, check=False
    )
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def given(name: str) -> str:
    return os.environ[f"INPUT_{name.upper().replace('-', '_')}"].strip()


def lines(name: str) -> list[str]:
    return [line.strip() for line in given(name).split("\n") if line.strip()]


def place(result: dict[str, Any]) -> tuple[str, int | None]:
    """Return the file, escaped as SARIF's messages are, and the line of a SARIF result."""
    physical = result["locations"][0]["physicalLocation"]
    file = unquote(physical["artifactLocation"]["uri"].removeprefix("file://"))
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in file)
    return shown, physical.get("region", {}).get("startLine")


def annotate(level: str, message: str, **properties: Any) -> None:
    """Print a workflow command, escaped as GitHub's own `@actions/core` does."""
    named = ",".join(
        f"{name}={escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
        if value
    )
    print(f"::{level}{' ' if named else ''}{named}::{escaped(message)}", flush=True)


def escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def code(text: str) -> str:
    """Return text as Markdown in which nothing is markup: each character that could be is an entity."""
    return f"<code>{''.join(c if c.isalnum() or c == ' ' else f'&#{ord(c)};' for c in text)}</code>"


def set_output(name: str, value: Any) -> None:
    """Set an output of the step. The end mark is random: no value can set another output."""
    end = uuid.uuid4()
    append("GITHUB_OUTPUT", f"{name}<<{end}\n{value}\n{end}\n")


def append(variable: str, text: str) -> None:
    with Path(os.environ[variable]).open("a", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())
