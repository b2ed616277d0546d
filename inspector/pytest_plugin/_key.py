"""Where a test's case is kept: a module of its own, so that looking there costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from inspector.pytest_plugin._case import Case

__all__ = ["CASE"]

CASE: pytest.StashKey[Case] = pytest.StashKey()
"""The key in a test item's stash."""
