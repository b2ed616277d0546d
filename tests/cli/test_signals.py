"""A signal ends a command wherever its main thread is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from inspector.cli._signals import Terminated, ending_on_signals, interrupted_by_signals, signals_waiting

ANOTHER_THREAD_GETS_IT = """
import signal, socket, threading
from inspector.cli._signals import ending_on_signals

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored
silent, other = socket.socketpair()
with ending_on_signals():
    send = lambda: signal.pthread_kill(threading.get_ident(), signal.{name})
    threading.Timer({after}, send).start()
    silent.recv(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts no system call")
@pytest.mark.parametrize("after", [0.0, 0.05], ids=["at once", "in the system call"])
@pytest.mark.parametrize("name, status", [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", -signal.SIGINT)])
def test_a_signal_that_wakes_no_system_call_ends_the_command(name, status, after):
    program = ANOTHER_THREAD_GETS_IT.format(name=name, after=after)
    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, b"KeyboardInterrupt" in done.stderr) == (status, name == "SIGINT")


def test_everything_is_as_before_after_the_block():
    before = signal.getsignal(signal.SIGURG), signal.set_wakeup_fd(-1)
    with interrupted_by_signals():
        assert signal.getsignal(signal.SIGURG) != before[0]
    assert (signal.getsignal(signal.SIGURG), signal.set_wakeup_fd(before[1])) == before


def test_a_child_that_goes_on_does_not_hold_the_command_up():
    with ending_on_signals():
        child = os.fork()
        if child == 0:
            signal.pause()
            os._exit(0)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[0] == child


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_what_must_be_whole(number):
    done = []
    with pytest.raises(KeyboardInterrupt) as raised, interrupted_by_signals(waking=False):
        with signals_waiting():
            os.kill(os.getpid(), number)
            done.append(1)
        done.append(2)
    assert done == [1]
    assert isinstance(raised.value, Terminated) == (number == signal.SIGTERM)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with interrupted_by_signals(waking=False), signals_waiting():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
