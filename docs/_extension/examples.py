"""What `check` finds in the bundled recordings, and in those that have a fault: links between the pages."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping

import inspector
from inspector import faults
from inspector.checker import RULES
from inspector.cli._explained import fault_text
from inspector.faults import FAULTS
from inspector.recording.bundled import bundled_names, bundled_recording

__all__ = ["broken_rules", "findings_of_faults"]

_TRIED = ("hello", "tool_use", "tools_parallel", "thinking", "tool_session")
"""The recordings that a fault is tried on: the first that it applies to is its example."""


@functools.cache
def broken_rules() -> Mapping[str, list[str]]:
    """Return for each rule the names of the bundled recordings that break it."""
    found: dict[str, list[str]] = {rule: [] for rule in RULES}
    for name in bundled_names():
        with warnings.catch_warnings(category=inspector.RecordingWarning, action="ignore"):  # one is torn
            recordings = inspector.load_all(bundled_recording(name))
        for rule in {finding.rule for each in recordings for finding in inspector.check(each)}:
            found[rule].append(name)
    return found


@functools.cache
def findings_of_faults() -> Mapping[str, tuple[str, list[str]]]:
    """Return for each fault the name of a recording, and the rules that it breaks with the fault."""
    return {name: _tried(fault_text(kind).example) for name, kind in FAULTS.items()}


def _tried(fault: str) -> tuple[str, list[str]]:
    for name in _TRIED:
        recording = inspector.load(bundled_recording(name))
        before = {finding.rule for finding in inspector.check(recording)}
        try:
            edited = faults.apply(recording, fault)
        except inspector.InapplicableFaultError:
            continue
        after = dict.fromkeys(finding.rule for finding in inspector.check(edited))
        return name, [rule for rule in after if rule not in before]
    raise AssertionError(f"{fault} applies to none of {', '.join(_TRIED)}")
