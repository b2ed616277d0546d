"""What a person sees of the page: what fits is not cut, no room is wasted, only trouble looks like it."""

from __future__ import annotations

import pytest
from driving import ROOT
from streams import END, PING, delta, opens, recording, start, stops

RECORDINGS = ROOT / "recordings"
HELLO, PINGS, SEARCH = (RECORDINGS / f"{name}.jsonl" for name in ("hello", "pings", "web_search"))
SPLICED = RECORDINGS / "broken/spliced.jsonl"
SCREENS = {
    "laptop": {"width": 1280, "height": 800},
    "small": {"width": 1024, "height": 768},
    "large": {"width": 1920, "height": 1080},
    "phone": {"width": 390, "height": 844, "phone": True},
}
ROW = "document.querySelector('#list [role=row]:not([hidden])')"
WIDTH = (
    "(text, style) => { const c = document.createElement('canvas').getContext('2d');"
    " c.font = `${style.fontSize} ${style.fontFamily}`; return c.measureText(text).width }"
)
DRAWN = """(() => {
  window.drawn = [];
  const fill = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
    window.drawn.push(text);
    return fill.call(this, text, ...at);
  };
})()"""
SAVED = """(() => {
  window.saved = null;
  HTMLAnchorElement.prototype.click = function () { window.saved = [this.download, this.href] };
  [...document.querySelectorAll("#tools button")].find((each) => each.textContent === "Save picture").click();
})()"""
MEASURED = """new Promise((done) => {
  const image = new Image();
  image.onload = () => done([image.naturalWidth, image.naturalHeight]);
  image.src = window.saved[1];
})"""


def silent_for(seconds):
    return recording(start() + opens(0) + delta(0, "a"), (seconds + 0.51, delta(0, "b") + stops(0) + END))


def ready(page):
    page.wait(code=f"{ROW}?.innerText.trim()")
    page.wait(code="!document.querySelector('#panel').innerText.includes('Reading …')")
    return page


@pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS)
def test_no_tab_and_no_placeholder_is_cut(opened, screen):
    page = ready(opened(SPLICED, **screen))
    bar = "document.querySelector('[role=tablist]')"
    assert page.eval(code=f"{bar}.scrollWidth <= {bar}.clientWidth")
    assert "Findings 2" in page.text("[role=tablist]")
    field = "document.querySelector('#filter input')"
    needed = page.eval(code=f"({WIDTH})({field}.placeholder, getComputedStyle({field}))")
    assert (
        page.eval(code=f"{field}.clientWidth - 2 * parseFloat(getComputedStyle({field}).paddingLeft)")
        >= needed
    )


@pytest.mark.parametrize(("screen", "least"), [("laptop", 38), ("small", 24), ("large", 60), ("phone", 20)])
def test_the_content_of_events_has_the_most_room(opened, screen, least):
    page = ready(opened(HELLO, **SCREENS[screen]))
    cell = f"{ROW}.lastElementChild"
    character = page.eval(code=f"({WIDTH})('0', getComputedStyle({cell}))")
    widths = page.eval(code=f"[...{ROW}.children].map((each) => each.clientWidth)")
    assert widths[-1] / character >= least
    assert widths[-1] == max(widths)


def test_a_short_recording_has_a_low_waterfall_and_a_long_list(opened):
    height = "document.querySelector('#waterfall').clientHeight"
    low = ready(opened(HELLO)).eval(code=height)
    high = ready(opened(SEARCH)).eval(code=height)
    assert low < 180 < 300 < high
    page = ready(opened(HELLO))
    assert page.eval(code="document.querySelector('#list').clientHeight") > 400


@pytest.mark.parametrize(
    ("seconds", "alarm"), [(4, []), (9.9, []), (10.5, ["warning"]), (25, ["warning"]), (70, ["error"])]
)
def test_a_silence_is_alarming_only_if_the_house_says_so(opened, seconds, alarm):
    page = ready(opened(silent_for(seconds)))
    classes = page.eval(code="[...document.querySelector('#shares .silent').classList]")
    assert [name for name in classes if name in ("warning", "error")] == alarm
    rows = "[...document.querySelectorAll('#list [role=row] .warning, #list [role=row] .error')]"
    assert page.eval(code=f"{rows}.length > 0") == bool(alarm)


def test_the_first_event_comes_after_the_request_and_not_after_another(opened):
    page = ready(opened(HELLO))
    first, second = (
        page.eval(code=f"document.querySelectorAll('#list [role=row]')[{row}].children[2].textContent")
        for row in (0, 1)
    )
    assert (first, second[:1]) == ("", "+")
    assert "s after the request" in page.text("#panel")
    page.key(key="j")
    page.wait(code="document.querySelector('#panel').innerText.includes('after the line before')")


def test_one_of_a_thing_is_singular(opened):
    page = ready(opened(HELLO))
    page.eval(code=DRAWN)
    page.key(key="t")
    drawn = page.wait(code="window.drawn.length && window.drawn")
    assert "1 token" in drawn
    assert "1 block" in page.text("#summary")


def test_what_moves_covers_no_ping(opened):
    page = ready(opened(recording(start() + opens(0) + PING, (0.9, delta(0, "a") + stops(0) + PING + END))))
    painted = """(() => {
      const { width, height } = document.querySelector("#marks");
      const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      copy.drawImage(document.querySelector("#marks"), 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      for (let i = 3; i < data.length; i += 4) if (data[i]) return Math.floor(i / 4 / width);
      return -1;
    })()"""
    pins = page.eval(code="document.querySelector('#pins').childElementCount")
    for _ in range(8):
        assert page.wait(code=f"{painted} >= {42 if pins else 20}")  # the pings stand above
        page.key(key="j")


def test_events_stay_in_sight_beside_a_comparison_and_keys_zoom_it(opened):
    page = ready(opened(HELLO, SEARCH, PINGS))
    modes = "document.querySelectorAll('#source select')[1]"
    page.eval(code=f"{modes}.value = 'stacked'; {modes}.dispatchEvent(new Event('change'))")
    page.wait(code="document.querySelector('#compare canvas').clientHeight > 100")
    assert page.eval(code="document.querySelector('#list').clientHeight") > 100
    picture = "document.querySelector('#compare canvas').toDataURL()"
    before = page.eval(code=picture)
    page.key(key="+")
    page.wait(code=f"{picture} !== {before!r}")


def compared(page, mode):
    modes = "document.querySelectorAll('#source select')[1]"
    page.eval(code=f"{modes}.value = '{mode}'; {modes}.dispatchEvent(new Event('change'))")
    page.wait(code="document.querySelector('#compare canvas').clientHeight > 100")


def test_lanes_laid_over_each_other_name_the_blocks_of_every_recording(opened):
    tool = recording(start() + opens(0, "tool_use", name="get_weather", id="toolu_1") + stops(0) + END)
    text = recording(start() + opens(0) + stops(0) + opens(1, "thinking") + stops(1) + END)
    page = ready(opened(tool, text))
    page.eval(code=DRAWN)
    compared(page, "overlaid")
    page.wait(code="window.drawn.includes('0 get_weather | 0 text') && window.drawn.includes('1 thinking')")


@pytest.mark.parametrize("screen", ["phone", "small"])
def test_no_number_of_a_comparison_is_cut(opened, screen):
    page = ready(opened(HELLO, SEARCH, **SCREENS[screen]))
    compared(page, "stacked")
    table = "document.querySelector('#compare .scroll')"
    assert page.eval(code=f"{table}.scrollWidth <= {table}.clientWidth")


def test_a_body_that_is_no_stream_has_no_controls_of_one(opened):
    page = ready(opened(RECORDINGS / "broken/html.jsonl"))
    assert page.eval(code="document.querySelector('#controls').offsetHeight") == 0
    assert "(body)" in page.text("#panel")
    assert page.text("#panel").index("body-not-sse") < page.text("#panel").index("request-id-missing")


@pytest.mark.parametrize("mode", ["one", "stacked", "overlaid"])
def test_the_saved_picture_is_what_is_shown(opened, mode):
    page = ready(opened(HELLO, SEARCH, PINGS))
    modes = "document.querySelectorAll('#source select')[1]"
    page.eval(code=f"{modes}.value = '{mode}'; {modes}.dispatchEvent(new Event('change'))")
    shown = "#waterfall" if mode == "one" else "#compare"
    page.wait(code=f"document.querySelector('{shown}').clientHeight > 100")
    page.eval(code=SAVED)
    width, height = page.eval(code=MEASURED)
    assert page.eval(code="window.saved[0]") == "hello.png"
    assert width > 2 * 1200
    assert height > 2 * (
        500 if mode == "stacked" else 120
    )  # below each other: all, also what is scrolled away


def test_findings_are_printed_once(opened):
    page = ready(opened(SPLICED))
    page.eval(code="dispatchEvent(new Event('beforeprint'))")
    page.media(type="print")
    assert (
        page.eval(code="document.body.innerText.split('message-start-spliced').length - 1") == 2
    )  # and on top
    page.eval(code="dispatchEvent(new Event('afterprint'))")


def test_a_comparison_is_printed_as_a_picture_too(opened, tmp_path):
    page = ready(opened(HELLO, SEARCH))
    modes = "document.querySelectorAll('#source select')[1]"
    page.eval(code=f"{modes}.value = 'stacked'; {modes}.dispatchEvent(new Event('change'))")
    page.wait(code="document.querySelector('#compare').clientHeight > 100")
    page.eval(code="dispatchEvent(new Event('beforeprint'))")
    page.media(type="print")
    assert page.wait(code="document.querySelector('main > img').clientHeight > 100")
    page.eval(code="dispatchEvent(new Event('afterprint'))")
    assert page.eval(code="document.querySelector('main > img')") is None
