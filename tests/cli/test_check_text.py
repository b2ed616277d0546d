"""Findings as text: escaped, wrapped on a terminal, and the exit status of `stream --check`."""

from __future__ import annotations

from check_runs import CUT, run
from streams import GOOD, recording

from inspector.checker import Severity, report
from inspector.cli import _check_text
from inspector.cli._check_text import echo_report, print_findings, worst


def test_text_from_the_stream_is_harmless_on_a_terminal(tmp_path):
    evil = GOOD.replace(b'"type": "text"', b'"type": "\\u001b[2J\\u202e"')
    (tmp_path / "evil.sse").write_bytes(evil)
    out = run("-v", tmp_path / "evil.sse", color=True).stdout
    assert "\x1b[2J" not in out and "\u202e" not in out


def test_stream_can_end_with_the_findings(capsys):
    assert print_findings(CUT) == 1
    assert "message-stop-missing" in capsys.readouterr().out
    assert print_findings(recording(GOOD)) == 0


def test_the_worst_severity_is_that_of_the_worst_finding():
    assert worst([report(CUT), report(recording(GOOD))]) is Severity.ERROR
    assert worst([]) is None


def test_on_a_terminal_a_finding_is_wrapped_below_itself(capsys, monkeypatch):
    monkeypatch.setattr(_check_text, "screen_width", lambda **_: 60)
    echo_report(report(CUT))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 60
    message = [line for line in lines if line.startswith("          ")]
    assert len(message) > 2


def test_in_a_pipe_a_finding_stands_on_one_line(capsys):
    echo_report(report(CUT))
    assert max(map(len, capsys.readouterr().out.splitlines())) > 100
