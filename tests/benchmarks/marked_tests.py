"""`python -m tests.benchmarks.marked_tests [--quick]`: what a marked test costs, and the plugin without one.

Each row is the CPU time of whole pytest runs. The cost of one test is the difference between a run with many
tests and a run with one.
"""

from __future__ import annotations

import os
import resource
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
    rounds, many = (3, 100) if quick else (7, 300)
    taken: dict[str, list[float]] = {name: [] for name in _TESTS}
    for _ in range(rounds):
        for name, test in _TESTS.items():
            taken[name].append((_run(test, many) - _run(test, 1)) / (many - 1) * 1e3)
    bare = median(taken["SDK"])
    for name, goal in _GOALS.items():
        ours = median(one - other for one, other in zip(taken[name], taken["SDK"], strict=True))
        yield Row(
            f"a marked test {name}: CPU, ms",
            f"{ours:.2f}",
            f"SDK and pytest alone, {bare:.2f} ms",
            ours,
            goal,
        )
    without, unused = [], []
    for _ in range(rounds * 2):
        without.append(_run("def test_it(n): pass", 1, "-p", "no:inspector", prelude="import pytest"))
        unused.append(_run("def test_it(n): pass", 1, prelude="import pytest"))
    cost = median(one - other for one, other in zip(unused, without, strict=True)) * 1e3
    yield Row(
        "the plugin, unused: CPU, ms",
        f"{cost:.1f}",
        f"pytest alone, {median(without) * 1e3:.0f} ms",
        cost,
        15,
    )


def _run(test: str, count: int, *options: str, prelude: str = _PRELUDE) -> float:
    """Return the CPU seconds of a pytest run of so many tests."""
    source = prelude.format(recording=str(_ROOT / "recordings/hello.jsonl"))
    with tempfile.TemporaryDirectory() as folder:
        parametrised = f"@pytest.mark.parametrize('n', range({count}))\n{test}\n"
        Path(folder, "test_marked.py").write_text(f"{source}\n{parametrised}")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, folder)
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if f"{count} passed" not in done.stdout:
        sys.exit(done.stdout[-2000:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for line in table(rows(quick="--quick" in sys.argv)):
        print(line, flush=True)
