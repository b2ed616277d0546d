"""Files of any format come in by one door, `inspector.formats`."""

from __future__ import annotations

import ast

import pytest
from package_modules import MODULES, dotted, parsed, room, short

INNER = {"load", "load_all", "opened", "recordings", "recording_paths", "holds_several"}
ABOVE = [path for path in MODULES if room(dotted(path)) not in ("recording", "formats")]


@pytest.mark.parametrize("path", ABOVE, ids=short)
def test_nobody_reads_files_by_another_door(path):
    """The functions of `inspector.recording` read native forms only."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inspector.recording"):
            taken = {alias.name for alias in node.names} & INNER
            assert not taken, f"import {taken} from inspector.formats"
