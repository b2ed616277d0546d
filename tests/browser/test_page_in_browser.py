"""The page in a real browser, as a person uses it."""

from __future__ import annotations

from driving import ROOT

HELLO = ROOT / "recordings/hello.jsonl"
TOOL = ROOT / "recordings/tools_parallel.jsonl"


def test_it_opens_from_disk_and_says_what_happened(opened):
    page = opened(HELLO)
    page.wait(code="document.querySelectorAll('#list [role=row]').length > 3")
    assert page.text("#verdict").startswith("Complete")
    assert "hello.jsonl" in page.eval(code="document.title")
