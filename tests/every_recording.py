"""Every bundled recording, by name."""

from __future__ import annotations

import contextlib

import pytest
from conftest import ROOT

from inspector import RecordingWarning, load_all

FOLDER = ROOT / "recordings"


def _load_all(path):
    with pytest.warns(RecordingWarning) if path.name == "torn.jsonl" else contextlib.nullcontext():
        return load_all(path)


RECORDINGS = {
    f"{path.relative_to(FOLDER)}#{number}".removesuffix(".jsonl#1"): recording
    for path in sorted(FOLDER.rglob("*.jsonl"))
    for number, recording in enumerate(_load_all(path), 1)
}
