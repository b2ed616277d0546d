"""`python -m tests.interop.verdicts`: what other people's clients do under faults, as a table of the manual.

Each client runs as a process, with its own defaults, against a real server; under faults of waiting with a
timeout of one second. Its answer says what it handed out or raised. `checks` writes the manual's list of
checks instead.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # as pytest does for the tests

import installed  # noqa: E402
import packages  # noqa: E402
import pytest  # noqa: E402
import verdict_manual  # noqa: E402
from conftest import ROOT  # noqa: E402

from inspector import DIRTY_DOZEN  # noqa: E402
from inspector.play.faulted import with_faults  # noqa: E402
from inspector.resilience import ClientLimits, Conclusion, Program  # noqa: E402
from inspector.serve.limits import ServerLimits  # noqa: E402
from inspector.serve.server import Server  # noqa: E402

PINGS = "stall-ping=0.25,for=4"
FAULTS = [
    "http-error=529,on=1",
    "http-error=429,retry_after=3,on=1",
    "http-error=400",
    *(PINGS if fault == "stall-ping" else fault for fault in DIRTY_DOZEN),
    "stall=3s",
    "hang-after-stop",
    "http-200-wrong-body",
]
AGENTS = {"vercel-ai", "pydantic-ai"}
"""Clients that run tools by themselves: with a tool they do, so that the next request shows what ran."""

LIMITS = ClientLimits(wait=2.0, after_stop=2.0)
TIMEOUT = 1.0  # seconds, of the clients
PATIENCE = 6.0  # seconds, of the server


def verdict_of(name, worker, fault):
    """Run a client once under a fault, and return the verdict."""
    client = installed.CLIENTS[name]
    tool, slow = fault.startswith("tool-json"), fault.startswith(("stall", "hang"))
    hello, tool_use = (ROOT / "recordings" / f"{name}.jsonl" for name in ("hello", "tool_use"))
    played, loop = with_faults([tool_use if tool else hello], fault)
    recordings = [*played, hello] if tool else played
    how = "agent" if tool and name in AGENTS else client.how
    speed = 1.0 if fault.startswith("stall") else None
    limits = ServerLimits(stall=PATIENCE)
    with Server(*recordings, loop=loop and not tool, match="any", speed=speed, limits=limits) as server:
        job = {"url": server.url, "how": how, "thinking": False, "tools": tool, "defaults": True}
        answer = worker.ask({**job, "timeout": TIMEOUT if slow else 10})
        return server.verdict_on(program_of(answer), LIMITS)


def program_of(answer):
    if answer["error"]:
        name = answer.get("class") or answer["error"].partition(":")[0]
        return Program(
            Conclusion.RAISED,
            f"it raised {name}",
            answer["text"],
            exception=name,
            is_api_error=bool(answer.get("api")),
        )
    tools = tuple((tool["name"], tool["input"]) for tool in answer["tools"])
    return Program(Conclusion.RETURNED, "it returned as after a success", answer["text"], tools)


def cell(verdict):
    """What the table says of a verdict: its faults in bold, or its warnings, or what is not known."""
    parts = [f"retries {verdict.retries}"] if verdict.retries else []
    for findings, shape in ((verdict.faults, "**{}**"), (verdict.warnings, "{}"), (verdict.unknown, "{}?")):
        if findings:
            parts += dict.fromkeys(shape.format(each.check) for each in findings)
            break
    parts += [f"raises `{verdict.program.exception}`"] if verdict.program.exception else []
    return "<br>".join(parts or ["returns"])


def versions():
    """The versions of the packages that were used."""
    listed = []
    for script, listed_packages in installed.VENVS.items():
        python = packages.PLACE / script.removesuffix(".py").rstrip("_") / "bin" / "python"
        names = [package.partition("~")[0].partition("[")[0] for package in listed_packages[:1]]
        code = f"import importlib.metadata as m; print(*(f'{{n}} {{m.version(n)}}' for n in {names!r}))"
        done = subprocess.run([python, "-c", code], capture_output=True, text=True)
        listed += [done.stdout.strip()] if done.stdout else []
    for name in json.loads((HERE / "package.json").read_text())["dependencies"]:
        manifest = installed.NODE / "node_modules" / name / "package.json"
        if manifest.exists():
            listed.append(f"{name} {json.loads(manifest.read_text())['version']}")
    return ", ".join(listed)


def table():
    """Run every client under every fault; return the table as Markdown."""
    columns = {}
    for name, client in installed.CLIENTS.items():
        try:
            columns[name] = list(column(client))
        except pytest.skip.Exception as error:
            print(f"{name}: left out, {error}", file=sys.stderr)
    rows = [["fault", *columns], ["---"] * (len(columns) + 1)]
    rows += [[f"`{fault}`", *(cells[at] for cells in columns.values())] for at, fault in enumerate(FAULTS)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return f"{versions()}.\n\n" + "\n".join(lines)


def column(client):
    """Yield the cells of a client. One that hangs is ended, and begun again."""
    worker = installed.Worker(client)
    for fault in FAULTS:
        if not worker.alive:
            worker = installed.Worker(client)
        try:
            made = verdict_of(client.name, worker, fault)
            print(f"== {client.name}, {fault}\n{made}", file=sys.stderr)
            yield cell(made)
        except (AssertionError, pytest.skip.Exception):
            worker.close()
            yield "**hangs**"
    worker.close()


def main():
    match sys.argv[1:]:
        case ["checks"]:
            verdict_manual.replace_part("checks", verdict_manual.checks_text())
        case []:
            verdict_manual.replace_part("clients", table())
        case _:
            sys.exit("usage: python -m tests.interop.verdicts [checks]")


if __name__ == "__main__":
    main()
