"""`python -m tests.benchmarks.marked_tests [--quick]`: what a marked test costs, and the plugin without one.

The cost of a test is a median of CPU times in one run. What the unused plugin costs is the median difference
of runs with it and without, one after the other. Each is timed from inside its process, after pytest was
imported and without other plugins, because their imports take many times as long and vary by more.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks._measure import Row, table

__all__ = ["rows"]

_ROOT = Path(__file__).parents[2]

_PRELUDE = """
import anthropic, inspector, pytest
from inspector.http_library import sdk_library
library = sdk_library()
BODY = inspector.load({recording!r}).body
HEADERS = {{"content-type": "text/event-stream"}}
ASK = dict(model="claude-haiku-4-5", max_tokens=256, messages=[{{"role": "user", "content": "Hello!"}}])

def answer(request):
    return library.Response(200, headers=HEADERS, content=BODY)

CLIENT = anthropic.Anthropic(api_key="none")
MOCK = anthropic.DefaultHttpxClient(transport=library.MockTransport(answer))
MOCKED = anthropic.Anthropic(api_key="none", http_client=MOCK)

def ask(client):
    with client.messages.stream(**ASK) as stream:
        assert stream.get_final_text()
"""

_TESTS = {
    "SDK": "def test_it(n): ask(MOCKED)",
    "in process": '@pytest.mark.recording("hello")\ndef test_it(n): ask(CLIENT)',
    "with the server": '@pytest.mark.recording("hello")\n'
    "def test_it(n, replay_server): ask(CLIENT.with_options(base_url=replay_server.url))",
}
_GOALS = {"in process": 3.0, "with the server": 10.0}


def rows(*, quick: bool) -> Iterator[Row]:
    """Measure the cost of a marked test over the SDK's own time, and that of the unused plugin, in ms."""
    count = 100 if quick else 500
    taken = _medians(count)
    bare = taken["test_0"]
    for at, (name, goal) in enumerate(_GOALS.items(), 1):
        ours = taken[f"test_{at}"] - bare
        versus = f"SDK and pytest alone, {bare:.2f} ms"
        yield Row(f"a marked test {name}: CPU, ms", f"{ours:.2f}", versus, ours, goal)
    pairs = [_unused(reverse=bool(round_ % 2)) for round_ in range(10 if quick else 40)]
    alone = median(without for without, _ in pairs)
    cost = median(unused - without for without, unused in pairs)
    yield Row("the plugin, unused: CPU, ms", f"{cost:.1f}", f"pytest alone, {alone:.0f} ms", cost, 15)


_TIMED = """
import statistics, time
import pytest

TAKEN = {}

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    began = time.process_time()
    result = yield
    TAKEN.setdefault(item.originalname, []).append(time.process_time() - began)
    return result

def pytest_terminal_summary(terminalreporter):
    for name, seconds in TAKEN.items():
        terminalreporter.write_line(f"took {name} {statistics.median(seconds) * 1e3}")
"""


def _medians(count: int) -> dict[str, float]:
    """Return the median CPU milliseconds of each test in one run, without what only its first one does."""
    tests = [test.replace("test_it", f"test_{at}") for at, test in enumerate(_TESTS.values())]
    numbered = [f"@pytest.mark.parametrize('n', range({count}))\n{test}" for test in tests]
    source = _PRELUDE.format(recording=str(_ROOT / "recordings/hello.jsonl")) + "\n".join(numbered)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(_TIMED)
        Path(folder, "test_marked.py").write_text(source)
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder)
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if f"{count * len(tests)} passed" not in done.stdout:
        sys.exit(done.stdout[-2000:])
    taken = [line.split() for line in done.stdout.splitlines() if line.startswith("took ")]
    return {name: float(milliseconds) for _, name, milliseconds in taken}


_TIMED_RUN = """
import sys, time, pytest
began = time.process_time()
status = pytest.main(sys.argv[1:])
print("took", (time.process_time() - began) * 1e3)
sys.exit(status)
"""


def _unused(*, reverse: bool) -> tuple[float, float]:
    """Return the CPU milliseconds of a run whose test needs nothing: without the plugin, and with it."""
    options: list[tuple[str, ...]] = [(), ("-p", "inspector.pytest_plugin")]
    taken = [_run(*each) for each in (reversed(options) if reverse else options)]
    without, unused = reversed(taken) if reverse else taken
    return without, unused


def _run(*options: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test_it(): pass")
        command = (sys.executable, "-c", _TIMED_RUN, "-q", "-p", "no:cacheprovider", *options, folder)
        environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    for line in table(rows(quick="--quick" in sys.argv)):
        print(line, flush=True)
