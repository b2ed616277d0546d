"""What both generations of the SDK do with the example of each rule, and with each fault of the table.

`python tests/observed_examples.py PYTHON` writes `inspector/cli/observed.json`, which the pages of rules
and faults show. One of this interpreter and PYTHON has anthropic 2.x or later, the other 0.x.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from check_examples import EXAMPLES
from faults.fault_rows import ROWS

import inspector
from inspector import faults
from inspector.play.observation import Observation
from inspector.play.sdk_process import SdkProcess
from inspector.recording import Recording
from inspector.recording.bundled import bundled_recording

FILE = Path(__file__).parents[1] / "inspector/cli/observed.json"

Observe = Callable[[Recording], Observation]


def sentence(observation: Observation) -> str:
    """Say what was observed, without the SDK's version, and with one name for both HTTP libraries."""
    first, *more = observation.lines()
    calls = first.partition(": ")[2].replace("httpx.", "httpx2.")
    return "; ".join([calls, *more])


def rule_examples() -> Iterator[tuple[str, Recording]]:
    """Yield the example of each rule, by the rule's id."""
    for rule, example in EXAMPLES.items():
        yield rule, example.recording


def fault_examples() -> Iterator[tuple[str, Recording]]:
    """Yield each fault of the table on its recording, by both names."""
    for row in ROWS:
        recording = inspector.load(bundled_recording(row.recording))
        yield f"{row.recording} {row.fault}", faults.apply(recording, row.fault)


def table(examples: Iterator[tuple[str, Recording]], new: Observe, old: Observe) -> dict[str, list[str]]:
    """Return one sentence for each example, or two if the generations differ: of 2.x, and of 0.x."""
    return {
        name: list(dict.fromkeys([sentence(new(recording)), sentence(old(recording))]))
        for name, recording in examples
    }


def main(other: str) -> None:
    """Write the file."""
    with SdkProcess(sys.executable) as here, SdkProcess(other) as there:
        new, old = sorted((here, there), key=lambda each: each.version.startswith("0."))
        value = {
            "versions": [new.version, old.version],
            "rules": table(rule_examples(), new.observe, old.observe),
            "faults": table(fault_examples(), new.observe, old.observe),
        }
    FILE.write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
