"""Functions that run a command that listens, `inspector proxy` or `inspector serve`, as a process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

from conftest import ROOT

BOUND = 60.0  # seconds; nothing takes as long
BASE_URLS = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL", "ANTHROPIC_API_BASE", "ANTHROPIC_HOST")


def command(*arguments, env=None):
    """The arguments and the environment of a process."""
    inherited = {name: value for name, value in os.environ.items() if name not in BASE_URLS}
    environ = {**inherited, "PYTHONPATH": str(ROOT), **(env or {})}
    return [sys.executable, "-m", "inspector", *map(str, arguments)], environ


@contextlib.contextmanager
def listening(*arguments, env=None, **options):
    """The command as a process, which has printed its URL; it is stopped in the end."""
    line, environ = command(*arguments, env=env)
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, **options
    )
    with process:
        try:
            process.url = process.stdout.readline().strip()
            yield process
        finally:
            process.kill()


def proxying(upstream, *arguments, **options):
    """`inspector proxy` as a process, on a free port."""
    return listening("proxy", "--upstream", upstream, "--port", "0", *arguments, **options)


def ran(*arguments, env=None, **options):
    """The command as a process, to its end."""
    line, environ = command(*arguments, env=env)
    return subprocess.run(line, capture_output=True, text=True, env=environ, timeout=BOUND, **options)


def ended(process, by=signal.SIGINT):
    """Stop it: (status, the rest of stdout, stderr)."""
    process.send_signal(by)
    out, err = process.communicate(timeout=BOUND)
    return process.returncode, out, err


def fetched(url, path="/v1/messages", body=b'{"model":"claude-sonnet-5","stream":true}'):
    """Send a request, with a body by POST, and read the answer."""
    try:
        with urllib.request.urlopen(f"{url}{path}", body, timeout=BOUND) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        error.close()  # it is the response, too
        raise
