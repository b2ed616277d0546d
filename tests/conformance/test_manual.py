"""The manual of `inspector probe` is true: it names every direct probe, in the order of the table."""

from __future__ import annotations

import re

from conftest import ROOT

import inspector.conformance.direct  # noqa: F401 - registers the direct probes
from inspector.conformance.probes import PROBES, Kind

MANUAL = (ROOT / "docs" / "probe.md").read_text()


def test_the_manual_has_a_row_for_each_direct_probe():
    table = MANUAL.partition("## The probes")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`([a-z-]+)`", row)]
    assert named == [probe.name for probe in PROBES.values() if probe.kind is Kind.DIRECT]
