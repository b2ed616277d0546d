"""Servers that answer by themselves: aimock, llmock, and `inspector serve` with the bundled recordings.

Each is a context manager: it takes a folder for its files and yields a `Running`.
"""

from __future__ import annotations

import contextlib
import json
import sys

from conftest import ROOT
from gateways.running import Running, free_port, running
from installed import modules
from packages import program, small_servers

WEATHER = [{"name": "get_weather", "arguments": {"city": city}} for city in ("Paris", "Oslo")]
ANSWERS = [
    ({"hasToolResult": True}, {"content": "It is sunny in Paris."}),
    ({"toolName": "get_time"}, {"toolCalls": [{"name": "get_time", "arguments": {}}]}),
    ({"toolName": "get_weather", "userMessage": "twice"}, {"toolCalls": WEATHER}),
    ({"toolName": "get_weather", "userMessage": "First"}, {"content": "Look.", "toolCalls": WEATHER[:1]}),
    ({"toolName": "get_weather"}, {"toolCalls": WEATHER[:1]}),
    ({}, {"content": "One, two, three, four, five, six, seven, eight, nine, ten."}),
]
"""What aimock answers, as a model would: it calls the tools that probes offer. The first match wins."""


@contextlib.contextmanager
def aimock(folder, fixtures=None):
    """aimock with a file of fixtures; by default those above."""
    port = free_port()
    if fixtures is None:
        listed = [{"match": match, "response": response} for match, response in ANSWERS]
        fixtures = json.dumps({"fixtures": listed}).encode()
    (folder / "fixtures").mkdir()
    (folder / "fixtures" / "fixtures.json").write_bytes(fixtures)
    script = modules() / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
    with running([program("node"), script, "-p", port, "-f", folder / "fixtures"], port, folder) as url:
        yield Running(url)


@contextlib.contextmanager
def llmock(folder):
    port, script = free_port(), small_servers() / "bin" / "llmock"
    with running([script, "serve", "-p", port], port, folder) as url:
        yield Running(f"{url}/anthropic")


@contextlib.contextmanager
def inspector_serve(folder):
    """`inspector serve` with every bundled recording, at full speed: the model names the one that answers."""
    port = free_port()
    command = [sys.executable, "-m", "inspector", "serve", ROOT / "recordings", "--match", "name", "--loop"]
    command += ["--speed", "max"]
    with running([*command, "--port", port], port, folder, PYTHONPATH=str(ROOT)) as url:
        yield Running(url)
