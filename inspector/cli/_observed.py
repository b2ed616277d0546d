"""What the pages of rules and faults say of the SDK: what it did with an example, in both generations.

`tests/observed_examples.py` writes the table: it plays the examples to anthropic 2.x and 0.x. A test observes
them again. So a page imports no SDK, and nothing on it is a prediction.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from inspector import _json

__all__ = ["fault_observations", "rule_observations", "versions"]


def rule_observations(rule: str) -> list[str]:
    """Return what the SDKs did with an example of a rule: nothing for an unknown rule."""
    sentences = _table()["rules"].get(rule, ())
    return [f"{sdk}: {sentence}" for sdk, sentence in zip(_names(sentences), sentences, strict=True)]


def fault_observations(fault: str) -> Iterator[tuple[str, str]]:
    """Yield each example of a fault, as it is written, with what the SDKs did with it."""
    for example, sentences in _table()["faults"].items():
        recording, text = example.split(" ", 1)
        if text.partition("=")[0].partition("@")[0].partition(",")[0] == fault:
            title = text if recording == "hello" else f"{text} in {recording}"
            for sdk, sentence in zip(_names(sentences), sentences, strict=True):
                yield (title if len(sentences) == 1 else f"{title}, {sdk}"), sentence


def versions() -> str:
    """Name the versions of the SDK that were observed."""
    return " and ".join(_table()["versions"])


def _names(sentences: Sequence[str]) -> list[str]:
    """Name the SDK of each sentence: one sentence is about both generations."""
    return [
        f"anthropic {version}" for version in ([versions()] if len(sentences) == 1 else _table()["versions"])
    ]


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = _json.loads(Path(__file__).with_name("observed.json").read_bytes())
    return table
