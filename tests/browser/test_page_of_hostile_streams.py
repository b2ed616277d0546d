"""Streams that were written to harm the page, and broken recordings: nothing runs, everything shows."""

from __future__ import annotations

import json

import pytest
from driving import ROOT
from streams import END, PING, STOP, TEXT, delta, event, frame, message_delta, opens, recording, start, stops

from inspector.page import building
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock

BROKEN = sorted((ROOT / "recordings/broken").glob("*.jsonl"))
OTHERS = [
    ROOT / f"recordings/{name}.jsonl"
    for name in ("error_401", "error_429", "error_529", "unicode", "unknown")
]
MARKUP = "</script><script>alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)><!--"
TEXTS = {
    "markup": MARKUP,
    "a template": "${alert(1)}{{constructor.constructor('alert(1)')()}}",
    "a link": '<a href="javascript:alert(1)">x</a> [x](javascript:alert(1))',
    "right to left": "\u202eevil\u2066\u2069 \u200b\u00ad",
    "controls": "\x00\x1b]0;owned\x07\x7f\x9b31m\r\n",
    "separators": "\u2028\u2029\u0085",
    "combining": "e" + "\u0301" * 500,
}


def everywhere(text):
    """A recording that has a text wherever a stream, a request or a file may have one."""
    body = json.dumps({"model": text, "system": text, "messages": [{"role": "user", "content": text}]})
    payload = json.dumps({"type": text, "index": 0, text: text}).encode()
    raw = text.encode("utf-8", "replace")
    pieces = [
        start(text, model=text, **{text: text}),
        opens(0, "tool_use", name=text, id=text),
        delta(0, json.dumps({text: text}), "input_json_delta"),
        stops(0),
        opens(1, text),
        delta(1, text),
        delta(1, text, "thinking_delta"),
        stops(1),
        event("error", error={"type": text, "message": text}),
        frame("content_block_delta", payload),
        b": " + raw.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n\n",
        message_delta(text),
        STOP,
    ]
    whole = recording(*pieces)
    head = Head(
        "2026-01-01T00:00:00Z",
        Request("POST", f"https://example.com/{text}", {"x-header": text}, body.encode("utf-8", "replace")),
        Response(0.1, 200, {"content-type": "text/event-stream", "request-id": text}),
    )
    return Recording(head, whole.blocks, End(9.0, Ending.CUT, text), source=text)


def look_everywhere(page):
    """Open every tab, and let the page draw."""
    page.wait(code="document.querySelector('#verdict').innerText.length > 3")
    for name in ("JSON", "Bytes", "So-far", "Message", "Request", "Usage", "Findings"):
        page.click(selector=f"#tab-{name}")
        page.eval(code="new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def assert_harmless(page):
    inside = "document.querySelectorAll('body > script, head > script').length"
    assert page.eval(code=f"document.scripts.length === {inside}")
    strange = "iframe, object, embed, img[src=x], a[href^=javascript], svg"
    assert page.eval(code=f"document.querySelectorAll('{strange}').length") == 0
    names = page.eval(code="[...document.querySelectorAll('*')].flatMap((each) => each.getAttributeNames())")
    assert [name for name in names if name.startswith("on")] == []


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_of_a_stream_does_nothing(opened, text):
    page = opened(everywhere(text))
    look_everywhere(page)
    assert_harmless(page)


def test_half_a_character_does_no_harm(opened):
    half = frame(
        "content_block_delta",
        rb'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ud83d"}}',
    )
    whole = recording(start(), opens(0), half, stops(0), END)
    page = opened(Recording(whole.head, whole.blocks, whole.end, source="a\ud83d.jsonl"))
    look_everywhere(page)
    assert "\\ud83d" in page.eval(code="document.title")


def test_markup_is_shown_as_it_is(opened):
    page = opened(everywhere(MARKUP))
    look_everywhere(page)
    page.click(selector="#tab-Request")
    assert "<img src=x onerror=alert(2)>" in page.text("#panel")


@pytest.mark.parametrize("text", ["\u202e", "\x1b", "\x00", "\u200b"], ids=["rtl", "escape", "nul", "zero"])
def test_characters_that_hide_or_move_text_are_visible_or_gone(opened, text):
    page = opened(everywhere(f"a{text}b"))
    look_everywhere(page)
    for place in ("header", "#list", "#detail"):
        assert text not in page.text(place)


@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")
@pytest.mark.parametrize("path", [*BROKEN, *OTHERS], ids=lambda path: path.stem)
def test_a_broken_recording_is_shown_as_what_it_is(opened, path):
    page = opened(path)
    look_everywhere(page)
    assert page.text("#verdict") not in ("", "…")


EMPTY = {
    "a head alone": Recording(Head("", Request())),
    "no body": Recording(Head("", Request(), Response(0.1)), (), End(0.2, Ending.COMPLETE)),
    "one byte": Recording(Head("", Request(), Response(0.1)), (TimedBlock(0.1, None, None, b"x"),)),
    "binary": Recording(
        Head("", Request(), Response(0.1)),
        (TimedBlock(0.1, None, None, bytes(range(256)) * 40),),
        End(1.0, Ending.CUT),
    ),
    "pings alone": recording(PING * 3),
    "no times": Recording(
        Head("", Request(), Response(0.0), extra={"absent": ["times", "reads"]}),
        recording(start(), TEXT, END).blocks,
    ),
    "times that go back": Recording(
        Head("", Request(), Response(5.0)),
        tuple(block._replace(t=9.0 - n) for n, block in enumerate(recording(start(), TEXT, END).blocks)),
        End(1.0, Ending.COMPLETE),
    ),
    "days": Recording(
        Head("", Request(), Response(1.0)),
        tuple(block._replace(t=n * 90_000.0) for n, block in enumerate(recording(start(), TEXT, END).blocks)),
        End(1e6, Ending.COMPLETE),
    ),
}


@pytest.mark.parametrize("whole", EMPTY.values(), ids=EMPTY)
def test_little_or_nothing_is_shown_too(opened, whole):
    page = opened(whole)
    look_everywhere(page)
    assert page.text("#verdict") not in ("", "…")


def test_a_line_of_five_megabytes_is_shown_in_part(opened):
    page = opened(recording(start(), opens(0), delta(0, "<b>" * 1_700_000), stops(0), END))
    look_everywhere(page)
    assert page.eval(code="document.body.innerText.length") < 1_000_000


@pytest.mark.parametrize("text", ["a" * 9_000_000, "\n" * 4_500_000], ids=["letters", "escapes"])
def test_an_event_of_nine_megabytes_is_cut_and_says_how_long_it_is(opened, text):
    page = opened(recording(start(), opens(0), delta(0, text), stops(0), END))
    look_everywhere(page)
    page.click(selector="#tab-JSON")
    page.eval(code="document.querySelector('#list').focus()")
    for key in ("Home", "j", "j"):
        page.key(key=key)
    for tab in ("JSON", "Bytes", "So-far", "Message"):
        page.click(selector=f"#tab-{tab}")
        shown = page.wait(code="/Show all [0-9,]+/.exec(document.querySelector('#panel').innerText)?.[0]")
        assert int(shown.split()[2].replace(",", "")) >= len(text)
        assert page.eval(code="document.querySelector('#panel').innerText.length") < 100_000


def test_more_events_than_a_browser_can_make_an_element_high_can_all_be_reached(opened, monkeypatch):
    monkeypatch.setattr(building, "redacted", lambda whole, _: whole)  # which takes most of the time
    ping = TimedBlock(0.0, "ping", b'{"type": "ping"}')
    blocks = tuple(ping._replace(t=number / 1000) for number in range(600_000))
    page = opened(Recording(Head("", Request(), Response(0.0)), blocks, End(600.0, Ending.COMPLETE)))
    page.wait(code="document.querySelector('#counted').textContent.includes('600,000')", seconds=30)
    page.eval(code="document.querySelector('#list').focus()")
    page.key(key="End")
    page.wait(code="/600,?000/.test(document.querySelector('#list').innerText)")
    assert page.eval(code="document.querySelectorAll('#list *').length") < 2000
