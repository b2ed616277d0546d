"""A test's report without secrets: pytest prints what an assertion compared, and what was captured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["hide_secrets"]


def hide_secrets(report: pytest.TestReport, mask: Callable[[str], str]) -> None:
    """Mask every text of a report, in place."""
    report.longrepr = _masked(report.longrepr, mask)
    report.sections = [(name, mask(text)) for name, text in report.sections]


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """Mask the texts of pytest's own values, which are dataclasses, lists and tuples of texts."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple):
        return type(value)(_masked(each, mask) for each in value)
    if dataclasses.is_dataclass(value) or hasattr(value, "reprcrash"):
        for name, member in list(vars(value).items()):
            object.__setattr__(value, name, _masked(member, mask))
    return value
