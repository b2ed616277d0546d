"""One message of the API in pieces, and functions that run `inspector stream`."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys

from click.testing import CliRunner
from loopback import Server

from inspector.cli import cli

KEY = "sk-ant-api03-" + "k" * 40


def frame(name, **data):
    return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [],
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
START = frame("message_start", message=MESSAGE)
OPEN = frame("content_block_start", index=0, content_block={"type": "text", "text": ""})
PING = b'event: ping\ndata: {"type": "ping"}\n\n'
HELLO = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello"})
CLOSE = frame("content_block_stop", index=0)
STOP = frame(
    "message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 2}
)
LAST = frame("message_stop")
WHOLE = [START, OPEN, PING, HELLO, CLOSE, STOP, LAST]


def stream(*options, script=None, env=None, **more):
    """Run the command in this process, against a server that plays `script` if there is one."""
    runner = CliRunner(env={"ANTHROPIC_API_KEY": KEY, **(env or {})})
    if script is None:
        return runner.invoke(cli, ["stream", *options], **more)
    with Server(script) as server:
        return runner.invoke(cli, ["stream", "hi", "--base-url", server.url, *options], **more)


def start(*options, **more):
    """Start the command as a process of its own."""
    env = {**os.environ, "ANTHROPIC_API_KEY": KEY}
    return subprocess.Popen(
        [sys.executable, "-m", "inspector", "stream", *options], stdout=subprocess.PIPE, env=env, **more
    )


def take_signals():
    """Undo what the process that runs the tests may ignore: under `nohup`, SIGHUP."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def interrupt(process):
    """Press Ctrl-C, up to three times: Python loses one that comes while it runs a destructor."""
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return
    process.kill()
