"""The table of the manual has every subject and every probe, and nothing of the machine that made it."""

from __future__ import annotations

from conftest import ROOT
from gateways.subjects import SUBJECTS
from scoreboard import PAGE, findings_of, mark, plain

from inspector.conformance.probes import PROBES
from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, State


def test_the_manual_has_every_subject_and_every_probe():
    page = PAGE.read_text()
    assert [name for name in (*SUBJECTS, *PROBES) if f"`{name}`" not in page] == []


def test_the_manual_shows_nothing_of_the_machine_that_made_it():
    path = str(ROOT)
    assert path not in PAGE.read_text()
    assert plain(f"at {path}/x on 127.0.0.1:4711 | *a*\n") == r"at …/x on 127.0.0.1:PORT \| \*a\*\\n"


def test_a_mark_never_hides_a_failure_or_a_warning():
    late = Deviation("late", "pace-1", warns=True)
    lost = [Deviation(f"loses {n}", f"cut-{n}", n, 10 * n) for n in range(1, 4)]
    assert mark(ProbeResult("pace", State.PASS, warnings=(late,))) == "pass !"
    failed = ProbeResult("cut", State.FAIL, failures=tuple(lost), warnings=(late,))
    assert mark(failed) == "**fail** !"
    warned = set()
    assert list(findings_of(failed, warned)) == [
        "**fails**: loses 1 (`cut-1` ev 1 @10)",
        "**fails**: loses 2 (`cut-2` ev 2 @20)",
        "**fails**: and 1 more of this kind",
        "warns: late (`pace-1`)",
    ]
    assert list(findings_of(ProbeResult("big", State.PASS, warnings=(late,)), warned)) == []
