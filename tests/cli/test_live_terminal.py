"""On a terminal, a live stream folds as it goes, and what is left there is what `inspector show` prints."""

from __future__ import annotations

import fcntl
import signal
import struct
import termios
import threading

import pytest
from conftest import ROOT
from loopback import STALL, Server, chunk, chunked, head
from stream_command import HELLO, KEY, OPEN, PING, START, frame
from terminal_emulator import Terminal, on_terminal

RECORDINGS = ROOT / "recordings"
FAST = ("--speed", "1000")


def seen_on(text, columns=80, rows=24):
    terminal = Terminal(columns, rows)
    terminal.feed(text)
    return terminal.text


@pytest.mark.parametrize(
    "name, columns, rows",
    [
        ("thinking", 80, 24),
        ("broken/cut_tool", 80, 24),
        ("error_529", 80, 24),
        ("unicode", 20, 6),
        ("tools_parallel", 200, 4),
    ],
)
def test_what_is_left_is_what_show_prints(name, columns, rows):
    file = str(RECORDINGS / f"{name}.jsonl")
    size = {"columns": columns, "rows": rows}
    status, live = on_terminal("replay", file, *FAST, **size)
    _, shown = on_terminal("show", file, **size)
    assert status == 0
    assert seen_on(live, **size) == seen_on(shown, **size)


def test_the_open_run_grows_in_its_place():
    _, live = on_terminal("replay", str(RECORDINGS / "hello.jsonl"), "--speed", "2")
    frames = live.split("\x1b[J")
    assert len(frames) > 4
    grown = [frame for frame in frames if "deltas" in frame]
    assert len(grown) > 2
    assert seen_on(live).count("deltas") == seen_on("".join(frames[-1:])).count("deltas") or "\x1b[" in live


@pytest.mark.parametrize(
    "env, options",
    [({"TERM": "dumb"}, ()), ({}, ("--unfold",))],
    ids=["a dumb terminal", "unfolded"],
)
def test_nothing_is_drawn_in_place_and_each_event_is_a_line(env, options):
    _, live = on_terminal("replay", str(RECORDINGS / "hello.jsonl"), *FAST, *options, env=env)
    assert "\x1b[J" not in live or options
    assert sum("0 text " in line for line in seen_on(live).splitlines()) > 30


def test_a_resized_terminal_is_used_as_it_is_then():
    resized = []

    def narrower(process, text, terminal):
        if "deltas" in text and not resized:
            resized.append(True)
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
            process.send_signal(signal.SIGWINCH)

    status, live = on_terminal("replay", str(RECORDINGS / "thinking.jsonl"), "--speed", "3", seen=narrower)
    assert (status, resized) == (0, [True])
    last = live[live.rindex("usage") :]
    assert "req_" in last


def test_hostile_text_drives_no_terminal():
    evil = "\x1b[2J\x1b[999A\x9b5A\u202e\x07\r[bold red]x[/]\x1b]0;t\x07" * 5
    delta = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": evil})
    script = [head(transfer_encoding="chunked"), *map(chunk, [START, OPEN, *[delta] * 20])]
    with Server(script) as server:
        _, live = on_terminal("stream", "hi", "--base-url", server.url, env={"ANTHROPIC_API_KEY": KEY})
    assert "[bold red]x[/]" in seen_on(live).replace("\n        ", "")


def interrupting(text, number=signal.SIGINT):
    """Send Ctrl-C once a text is on the terminal."""
    sent = []

    def seen(process, written, _):
        if text in written and not sent:
            sent.append(True)
            process.send_signal(number)

    return seen


@pytest.mark.parametrize(
    "script, text",
    [
        ([STALL], "waiting 1 s for the response's head"),
        ([head(transfer_encoding="chunked"), STALL], "waiting 1 s for the first event"),
        ([head(transfer_encoding="chunked"), chunk(START), chunk(OPEN), chunk(HELLO), STALL], "silent 2 s"),
    ],
    ids=["no head", "no event", "a silence"],
)
def test_what_is_waited_for_is_said_and_gone_at_the_end(script, text):
    with Server(script) as server:
        status, live = on_terminal(
            "stream",
            "hi",
            "--base-url",
            server.url,
            env={"ANTHROPIC_API_KEY": KEY},
            seen=interrupting(text),
        )
    assert status == 130
    assert text not in seen_on(live)
    assert "abandoned at" in seen_on(live)


def test_data_goes_to_a_terminal_after_the_wait_and_on_a_line_of_its_own():
    go_on = threading.Event()
    script = [go_on.wait, *chunked([START, OPEN, HELLO, PING])]

    def seen(_, written, __):
        if "waiting 1 s" in written:
            go_on.set()

    with Server(script) as server:
        options = ("stream", "hi", "--base-url", server.url, "--format", "text")
        _, live = on_terminal(*options, env={"ANTHROPIC_API_KEY": KEY}, seen=seen)
    assert seen_on(live).startswith("Hello\ninspector: ")
