"""`inspector report` and its page: `python -m tests.benchmarks.reporting [ROUNDS]`.

The command, from its start to its end: CPU and wall time at two sizes, and the size of the page. In Chromium,
driven as in `tests/browser`: the first contentful paint, the time until rows are there, the frames a second
while the list scrolls from its beginning to its end, and while the waterfall zooms. Medians of several
rounds. Load of other processes halves frames: repeat a bad run.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response, save
from tests.benchmarks import _streams

ROOT = Path(__file__).parents[2]
SIZES = (10_000, 100_000)

_FRAMES = """
new Promise((done) => {
  const step = %s;
  let frames = 0, begun = 0;
  const frame = (now) => {
    begun ||= now;
    const part = (now - begun) / 2000;
    if (part >= 1) return done(frames / ((now - begun) / 1000));
    frames++;
    step(part);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""
_SCROLL = """((list) => (part) => {
  list.scrollTop = part * (list.scrollHeight - list.clientHeight);
})(document.querySelector("#list"))"""
_ZOOM = """((marks) => (part) => marks.dispatchEvent(new WheelEvent("wheel", {
  deltaY: part < 0.5 ? -40 : 40, clientX: 600, clientY: 300, bubbles: true, cancelable: true,
})))(document.querySelector("#marks"))"""
_USABLE = "document.querySelectorAll('#list [role=row]').length > 3 && performance.now()"
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass(frozen=True, slots=True)
class Round:
    """One round: seconds of the command, megabytes, milliseconds and frames a second of the page."""

    cpu: float
    wall: float
    megabytes: float
    paint: float
    usable: float
    scroll: float
    zoom: float


def main() -> None:
    """Measure, and print a line for each size."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]
    from driving import Browser

    browser = Browser()
    print(
        f"{browser.version}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {rounds} rounds"
    )
    names = ("events", "CPU", "wall", "page", "paint", "usable", "scroll", "zoom")
    print(" ".join(f"{name:>8}" for name in names))
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"{size}.jsonl"
            save(_recording(size), path)
            measured = [_round(path, browser) for _ in range(rounds)]
            values = [median(getattr(each, name) for each in measured) for name in Round.__slots__]
            units = ("s", "s", "MB", "ms", "ms", "/s", "/s")
            texts = (
                f"{value:.{2 if value < 10 else 0}f} {unit}"
                for value, unit in zip(values, units, strict=True)
            )
            print(f"{size:>8,} " + " ".join(f"{text:>8}" for text in texts), flush=True)
    print("goals at 100,000: wall 5 s, page 30 MB, paint 2,000 ms, scroll 50 frames/s")
    browser.close()


def _round(path: Path, browser: object) -> Round:
    page = path.with_suffix(".html")
    begun, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "inspector", "report", str(path), "-o", str(page), "--overwrite"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, cwd=ROOT)
    wall, after = time.perf_counter() - begun, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Round(cpu, wall, page.stat().st_size / 1e6, *_in_browser(page, browser))


def _in_browser(page: Path, browser: object) -> Iterator[float]:
    ask = browser._ask  # type: ignore[attr-defined]
    ask("open", url=page.as_uri(), wait="domcontentloaded")
    usable = ask("wait", code=_USABLE, seconds=30)
    yield ask("wait", code=_PAINT)
    yield usable
    time.sleep(1.5)  # the page reads on in idle time
    yield ask("eval", code=_FRAMES % _SCROLL)
    yield ask("eval", code=_FRAMES % _ZOOM)


def _recording(events: int) -> Recording:
    """A stream of about 140 events a second, with a silence now and then."""
    dice = random.Random(3)
    reads, t = [], 0.6
    for block in _streams.events(events):
        t += dice.uniform(1, 20) if dice.random() < 0.0002 else dice.expovariate(140)
        reads.append((round(t, 6), block))
    body = b'{"model":"claude-sonnet-4-5","stream":true,"messages":[{"role":"user","content":"Climb"}]}'
    request = Request(url="https://api.anthropic.com/v1/messages", body=body)
    head = Head(
        "2026-11-20T18:00:00.000000Z", request, Response(0.5, 200, {"content-type": "text/event-stream"})
    )
    return Recording(head, tuple(Recorder().feed(reads)), End(t, Ending.COMPLETE))


if __name__ == "__main__":
    main()
