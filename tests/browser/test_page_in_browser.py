"""The page in a real browser, as a person uses it: it opens from disk, and everything can be reached."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from driving import ROOT

import inspector
from inspector.manual import rule_page

RECORDINGS = ROOT / "recordings"
HELLO, TOOLS, PINGS = (RECORDINGS / f"{name}.jsonl" for name in ("hello", "tools_parallel", "pings"))
SPLICED = RECORDINGS / "broken/spliced.jsonl"
ROWS = (
    "[...document.querySelectorAll('#list [role=row]')]"
    ".filter((row) => row.offsetParent && row.innerText.trim())"
)
SELECTED = "document.querySelector('#list [aria-selected=true]')?.innerText ?? ''"
PICTURE = "document.querySelector('#picture').toDataURL()"
VIEWS = {
    "light": {},
    "dark": {"dark": True},
    "phone": {"width": 390, "height": 844, "phone": True},
    "phone-dark": {"width": 390, "height": 844, "phone": True, "dark": True},
}


def tab(page, name):
    page.click(selector=f"#tab-{name}")
    return page.wait(code="document.querySelector('#panel').innerText")


def settled(page):
    """Wait until two pictures in a row are the same."""
    page.eval(code="window.before = ''")
    page.wait(code=f"[window.before, window.before = {PICTURE}].every((each, _, all) => each === all[0])")
    return page.eval(code=PICTURE)


def test_it_opens_from_disk_and_says_what_happened(opened):
    page = opened(HELLO)
    page.wait(code=f"{ROWS}.length > 3")
    assert page.text("#verdict") == "Complete in 2.1 s"
    assert "hello.jsonl" in page.eval(code="document.title")
    assert "first event" in page.text("#numbers")


def test_the_worst_finding_is_selected_and_says_what_to_do(opened):
    page = opened(SPLICED)
    page.wait(code=f"{SELECTED}.includes('message_start')")
    assert "message-start-spliced" in page.text("#panel")
    assert "1 error" in page.text("#summary")
    page.click(selector="#pins button.error")
    assert "message-start-spliced" in tab(page, "Findings")


def test_a_finding_links_to_the_page_of_its_rule(opened):
    page = opened(SPLICED)
    page.wait(code="document.querySelector('#panel .finding a')")
    for shown in ("JSON", "Findings"):
        tab(page, shown)
        links = page.eval(code="[...document.querySelectorAll('#panel a')].map((a) => [a.href, a.rel])")
        assert [rule_page("message-start-spliced"), "noopener"] in links
        assert len(links) == {"JSON": 1, "Findings": len(inspector.check(inspector.load(SPLICED)))}[shown]


def test_a_click_shows_an_event_as_json_as_bytes_and_the_message_so_far(opened):
    page = opened(TOOLS)
    deltas = [each for each in inspector.load(TOOLS).events() if each.type == "content_block_delta"]
    text = [each.data["delta"]["text"] for each in deltas[:1]]
    page.wait(code=f"{ROWS}.some((row) => /0 text\\n/.test(row.innerText))")
    page.eval(code=f"{ROWS}.filter((row) => /0 text\\n/.test(row.innerText))[0].click()")
    page.wait(code="document.querySelector('#panel').innerText.includes('content_block_delta')")
    assert '"text_delta"' in tab(page, "JSON")
    assert deltas[0].block.data.decode().strip() in tab(page, "Bytes")
    assert "event: content_block_delta" in tab(page, "Bytes")
    so_far = " ".join(tab(page, "So-far").split())
    assert " ".join("".join(text).split()) in so_far
    assert "get_weather" not in so_far
    assert "max_tokens" in tab(page, "Request")
    assert tab(page, "Message")


def test_the_filter_finds_text_that_is_split_over_deltas(opened):
    page = opened(HELLO)
    whole = inspector.load(HELLO).message()["content"][0]["text"]
    page.wait(code=f"{ROWS}.length > 3")
    count = page.text("#counted")
    page.type(selector="#filter input", text=whole[:20])
    page.wait(code="/^\\d+ of /.test(document.querySelector('#counted').textContent)")
    shown = page.eval(code=f"{ROWS}.map((row) => row.innerText)")
    assert 0 < len(shown) < 12
    assert all("0 text\n" in row for row in shown)
    page.key(key="Escape")
    page.wait(code=f"document.querySelector('#counted').textContent === {json.dumps(count)}")


def test_chips_choose_types_of_events(opened):
    page = opened(PINGS)
    page.wait(code=f"{ROWS}.length > 3")
    page.eval(
        code="[...document.querySelectorAll('#chips button')].find((b) => b.textContent === 'pings').click()"
    )
    page.wait(code="/^\\d+ of /.test(document.querySelector('#counted').textContent)")
    # The rows are drawn in the next frame.
    page.wait(code=f"{ROWS}.length && {ROWS}.every((row) => row.innerText.includes('ping'))")


def test_the_player_goes_through_the_events_at_their_pace(opened):
    page = opened(HELLO)
    page.wait(code=f"{ROWS}.length > 3")
    before = page.eval(code="location.hash")
    page.key(key=" ")
    page.wait(code="document.querySelector('#player button').textContent.includes('Pause')")
    page.wait(code="document.querySelector('#player button').textContent.includes('Play')", seconds=20)
    assert page.wait(code=f"{SELECTED}").split()
    assert page.wait(code=f"location.hash !== {json.dumps(before)}")
    text = inspector.load(HELLO).message()["content"][0]["text"]
    page.wait(code=f"document.querySelector('#panel').innerText.includes({json.dumps(text[-20:])})")


@pytest.mark.parametrize("how", ["keys", "wheel", "drag"])
def test_the_waterfall_zooms_and_shows_all_again(opened, how):
    page = opened(TOOLS)
    page.wait(code=f"{ROWS}.length > 3")
    whole = settled(page)
    page.eval(code="document.querySelector('#marks').focus()")
    if how == "keys":
        page.key(key="+")
    elif how == "wheel":
        page.wheel(selector="#marks", dy=-300)
    else:
        page.drag(selector="#marks", **{"from": 0.5, "to": 0.7})
    page.wait(code=f"{PICTURE} !== {json.dumps(whole)}")
    page.eval(code="document.querySelector('#marks').focus()")
    page.key(key="0")
    page.wait(code=f"{PICTURE} === {json.dumps(whole)}")


def test_keys_walk_through_the_events_and_the_findings(opened):
    page = opened(SPLICED)
    page.wait(code=f"{SELECTED}.includes('message_start')")
    page.key(key="j")
    page.wait(code=f"{SELECTED}.includes('0 text start')")
    page.key(key="k")
    page.wait(code=f"{SELECTED}.includes('message_start')")
    page.key(key="?")
    page.wait(code="document.querySelector('dialog[open]')?.innerText.includes('play, pause')")


def test_several_recordings_are_chosen_and_compared(opened):
    page = opened(HELLO, TOOLS, RECORDINGS / "tool_session.jsonl")
    page.wait(code=f"{ROWS}.length > 3")
    names = page.eval(
        code="[...document.querySelectorAll('#source select option')].map((o) => o.textContent)"
    )
    assert [name for name in names if "jsonl" in name] == [
        "1/4 hello.jsonl",
        "2/4 tools_parallel.jsonl",
        "3/4 tool_session.jsonl #1",
        "4/4 tool_session.jsonl #2",
    ]
    page.key(key="]")
    page.wait(code="document.title.includes('tools_parallel')")
    for mode in ("stacked", "overlaid"):
        page.eval(
            code="(() => { const modes = document.querySelectorAll('#source select')[1];"
            f"modes.value = '{mode}'; modes.dispatchEvent(new Event('change')) }})()"
        )
        page.wait(
            code="!document.querySelector('#compare').hidden && document.querySelector('#compare').innerText"
        )


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("name", ["hello", "broken/spliced", "error_529"])
def test_it_has_no_barriers(opened, view, name):
    page = opened(RECORDINGS / f"{name}.jsonl", **view)
    page.wait(code="document.querySelector('#verdict').innerText.length > 3")
    page.wait(code="document.querySelector('#panel').innerText")
    assert page.axe() == []


def test_nothing_is_wider_than_a_phone(opened):
    page = opened(SPLICED, HELLO, **VIEWS["phone"])
    page.wait(code=f"{ROWS}.length > 1")
    assert page.eval(code="document.documentElement.scrollWidth <= innerWidth")


def test_it_prints_with_its_waterfall(opened, tmp_path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed")
    page = opened(TOOLS, dark=True)
    settled(page)
    page.pdf(path=str(tmp_path / "page.pdf"))
    subprocess.run(
        ["pdftoppm", "-r", "50", "-f", "1", "-l", "1", tmp_path / "page.pdf", tmp_path / "sheet"], check=True
    )
    (sheet,) = tmp_path.glob("sheet*.ppm")
    width, height, pixels = read_ppm(sheet.read_bytes())
    coloured = [
        row
        for row in range(height)
        if sum(max(p) - min(p) > 40 for p in pixels_of(pixels, width, row)) > width // 50
    ]
    assert coloured, "no row of the sheet has the colour of content blocks"
    corner = pixels_of(pixels, width, 0)[0]
    assert min(corner) > 240, "the sheet is dark"


def read_ppm(data):
    """Width, height and bytes of a binary PPM."""
    kind, width, height, *_ = data.split(maxsplit=4)
    assert kind == b"P6"
    return int(width), int(height), data[-int(width) * int(height) * 3 :]


def pixels_of(pixels, width, row):
    line = pixels[row * width * 3 : (row + 1) * width * 3]
    return list(zip(line[::3], line[1::3], line[2::3], strict=True))
