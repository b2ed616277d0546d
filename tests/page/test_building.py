"""The page as bytes: what it holds, and what it does not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from streams import ANTHROPIC, END, TEXT, recording, start

import inspector
from inspector.page import building
from inspector.page.building import Page, live_page, report
from inspector.recording import End, Ending, Head, Other, Recording, Request, Response, TimedBlock, dump, save
from inspector.redact import Redaction

BLOCK = re.compile(rb'<script id="([\w-]+)" type="([\w/-]+)">(.*?)</script>', re.DOTALL)
SHIPPED = sorted((ROOT / "recordings").glob("*.jsonl"))
KEPT = Redaction("no-ids")


def data_of(page):
    """The facts and the unpacked blocks of a page."""
    blocks = {name.decode(): content for name, _, content in BLOCK.findall(page)}
    facts = json.loads(blocks.pop("facts"))
    return facts, {name: gzip.decompress(base64.b64decode(content)) for name, content in blocks.items()}


def lines_in(page, number=0):
    return data_of(page)[1][f"lines-{number}"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_lines_of_a_recording_are_in_the_page_byte_for_byte(path):
    facts, blocks = data_of(report(path, redaction=KEPT))
    whole = b"".join(blocks[f"lines-{number}"] for number in range(len(facts["recordings"])))
    assert whole == path.read_bytes()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_lengths_in_the_columns_find_every_line(path):
    facts, blocks = data_of(report(path))
    for number, each in enumerate(facts["recordings"]):
        lines, columns, count = blocks[f"lines-{number}"], blocks[f"columns-{number}"], each["count"]
        lengths = memoryview(columns)[4 * count : 8 * count].cast("I")
        at = each["first"]
        assert json.loads(lines[:at])["recording"] == 1
        for length in lengths:
            json.loads(lines[at : at + length])
            at += length
        assert at == len(lines)


def test_lines_of_other_kinds_keep_their_places():
    block = TimedBlock(0.5, None, None, b": a\n\n")
    others = ((0, b'{"a":1}\n'), (1, b'{"b":1}\n'), (1, b'{"c":1}\n'), (2, b'{"d":1}\n'))
    whole = Recording(Head("", Request()), (block, block), End(1.0, Ending.COMPLETE), others=others)
    assert lines_in(report(whole)) == b"".join(dump(whole))
    assert isinstance(Other(b""), Other)


def test_a_page_has_what_redact_writes(tmp_path):
    secret = "sk-ant-api03-" + "A1b2C3d4" * 10
    whole = recording(start(), TEXT.replace(b"Hello", secret.encode()), END)
    whole = replace(whole, head=replace(whole.head, request=Request(url=f"{ANTHROPIC}?api_key={secret}")))
    page = report(whole)
    assert lines_in(page) == b"".join(dump(inspector.redacted(whole)))
    assert secret.encode() not in page + lines_in(page)
    assert data_of(page)[0]["recordings"][0]["masked"] == ["key"]


def test_content_is_hidden_on_request():
    page = report(ROOT / "recordings/hello.jsonl", redaction=Redaction("prompts,outputs"))
    assert b"Hello!" not in lines_in(page)


def test_the_page_carries_no_markup_of_a_recording():
    hostile = "</script><img src=x onerror=alert(1)><!--"
    head = Head("2026-01-01T00:00:00Z", Request("POST", hostile, {}, b'{"model":"</script>"}'), Response(0.1))
    whole = Recording(head, (TimedBlock(0.2, hostile, b'{"type":"</script>"}'),), source=hostile)
    page = report(whole)
    before, after = building._template()
    data = page.removeprefix(before).removesuffix(after)
    assert BLOCK.sub(b"", data).strip() == b""
    assert b"<img" not in data


@pytest.mark.parametrize("text", ["\u202eevil", "\x00", "\ud800", "\u200b", "\x1b[31m"])
def test_names_show_what_hides_or_drives(text):
    page = report(Recording(Head("", Request(url=text)), source=f"a{text}"))
    (facts,) = data_of(page)[0]["recordings"]
    assert facts["name"].isprintable()
    assert facts["url"].isprintable()
    assert "\\" in facts["name"]


def test_a_page_is_the_same_every_time():
    pages = [report(ROOT / "recordings/tool_session.jsonl", redaction=KEPT) for _ in range(2)]
    assert pages[0] == pages[1]


def named(*sources):
    page = Page()
    for source in sources:
        page.add(Recording(Head("", Request()), source=source))
    return [each["name"] for each in data_of(b"".join(page.pieces()))[0]["recordings"]]


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (["/home/me/run/hello.jsonl"], ["hello.jsonl"]),
        (["run/a.jsonl", "run/b.jsonl"], ["a.jsonl", "b.jsonl"]),
        (["run/direct/a.jsonl", "run/gateway/a.jsonl"], ["direct/a.jsonl", "gateway/a.jsonl"]),
        (["s.jsonl", "s.jsonl"], ["s.jsonl #1", "s.jsonl #2"]),
        (["-"], ["standard input"]),
        (["", "x/a.jsonl"], ["recording", "a.jsonl"]),
    ],
)
def test_a_recording_is_named_by_as_much_of_its_path_as_is_needed(sources, names):
    assert named(*sources) == names


def test_a_full_page_counts_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr(building, "MOST_RECORDINGS", 2)
    page = Page()
    for _ in range(5):
        page.add(recording(start(), TEXT, END))
    facts, _ = data_of(b"".join(page.pieces()))
    assert (len(facts["recordings"]), facts["omitted"], page.full) == (2, 3, True)


def test_a_page_is_full_of_bytes_too_but_takes_one_recording_of_any_size(monkeypatch):
    monkeypatch.setattr(building, "MOST_BYTES", 2000)
    page = Page()
    page.add(recording(start(), TEXT * 40, END))
    page.add(recording(start(), END))
    assert (page.count, page.omitted) == (1, 1)


def test_a_recording_that_does_not_fit_ends_the_page(monkeypatch):
    monkeypatch.setattr(building, "MOST_BYTES", 4000)
    page = Page()
    for pieces in (1, 40, 1):
        page.add(recording(start(), TEXT * pieces, END))
    assert (page.count, page.omitted) == (1, 2)


def test_the_python_function_takes_paths_and_recordings(tmp_path):
    whole = recording(start(), TEXT, END)
    save([whole, whole], tmp_path / "session.jsonl")
    facts, _ = data_of(inspector.report(tmp_path / "session.jsonl", whole))
    assert len(facts["recordings"]) == 3


def test_an_sdk_is_observed_for_errors_and_warnings_only():
    page, observed = Page(), []
    for whole in (inspector.load(ROOT / "recordings/hello.jsonl"), recording(start(), TEXT)):
        page.add(whole, lambda each: observed.append(each) or ["it raises"])
    assert len(observed) == 1
    facts, _ = data_of(b"".join(page.pieces()))
    assert [each["sdk"] for each in facts["recordings"]] == [[], ["it raises"]]


def test_only_a_live_page_may_connect_and_only_to_its_server():
    assert b"connect-src" not in report(recording(start(), TEXT, END))
    live = live_page()
    assert b"default-src 'none'; connect-src 'self'; " in live
    assert data_of(live)[0]["live"] is True


def test_the_policy_admits_the_one_program_and_the_one_style():
    page = (Path(building.__file__).with_name("page.html")).read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    for source in ("default-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"):
        assert source in policy
    assert "unsafe" not in policy
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert not re.search(r"\son\w+=|\sstyle=|https?://", page.partition("<style>")[0])


def test_a_page_of_nothing_is_refused():
    with pytest.raises(inspector.UsageError, match="name a recording"):
        report()
