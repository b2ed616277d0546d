"""The sentence that a page begins with."""

from __future__ import annotations

import pytest

from inspector.checker import report
from inspector.formats import load
from inspector.page.headline import headline
from inspector.recording.bundled import bundled_recording
from inspector.views.summary import summary


def sentence(name, silence=None):
    recording = load(bundled_recording(name))
    made = headline(recording, report(recording), summary(recording), silence)
    return made["level"], "".join(
        f"**{part['text']}**" if part.get("strong") else part["text"] for part in made["parts"]
    )


@pytest.mark.parametrize(
    ("name", "level", "text"),
    [
        ("hello", "ok", "Complete: **end_turn in 2.1 s**"),
        ("max_tokens", "warning", "Complete, but **the answer was cut off at max_tokens**"),
        ("broken/cut_text", "error", "Partial: **the connection was closed before the end**"),
        ("broken/no_response", "error", "Failed: **no response came**"),
        ("broken/no_end", "error", "Partial: **the recording stops without an end**"),
        ("error_529", "error", "Failed: **HTTP 529: overloaded_error: Overloaded**"),
        ("error_mid_stream", "error", "Failed: **the stream holds an error: overloaded_error: Overloaded**"),
    ],
)
def test_it_is_a_sentence_with_what_matters_in_bold(name, level, text):
    assert sentence(name) == (level, text)


def test_a_complete_message_with_findings_names_the_first_of_the_worst():
    level, text = sentence("broken/index_gap")
    assert (level, text) == ("error", "Complete, but **the block has index 2, expected 1**")


def test_a_web_page_is_no_event_stream():
    level, text = sentence("broken/html")
    assert level == "error"
    assert text.startswith("No event stream: **the body is not an event stream (text/html")


def test_a_long_silence_comes_before_all_else_in_a_complete_message():
    assert sentence("hello", (63.42, "thinking")) == (
        "warning",
        "Complete, but silent for **63.4 s** inside thinking",
    )


def test_a_long_message_is_cut():
    assert len(sentence("broken/spliced")[1]) < 230
