"""What people read of a difference: masked, escaped, short, and the places that count."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from recorded_pairs import with_events
from small_recordings import small

from inspector import diff, load
from inspector.views.diff_markdown import markdown
from inspector.views.diff_text import hunks
from inspector.views.difference_tree import diff_lines

HELLO = load(ROOT / "recordings/hello.jsonl")
KEY = "sk-ant-api03-" + "k" * 95
HOSTILE = "\x1b[2J\u202e[red]x[/red]\r\n::error::x\n````\n</details><script>@everyone"


def saying(text):
    """The recording HELLO with another text."""

    def change(name, payload):
        delta = payload.get("delta", {})
        if "text" not in delta:
            return payload
        made, said[0] = said[0], ""
        return {**payload, "delta": {**delta, "text": made}} if made else None

    said = [text]
    return with_events(HELLO, change)


def test_a_changed_word_is_marked_among_the_words_around_it():
    one = saying("One. " * 100 + "The capital of France is large. " + "Two. " * 100)
    other = saying("One. " * 100 + "The capital of Spain is large. " + "Two. " * 100)
    lines = str(diff(one, other)).splitlines()
    assert lines[0].endswith("differs in text")
    assert lines[1].split() == ["text", "content[0].text"]
    assert "The capital of [-France-]{+Spain+} is large. Two." in lines[2]
    assert len(lines[2]) < 220


@given(st.text("ab .\n", max_size=80), st.text("ab .\n", max_size=80))
def test_every_place_in_which_texts_differ_is_in_a_hunk(one, other):
    signs = {piece.sign for hunk in hunks(one, other) for piece in hunk}
    assert ("-" in signs or "+" in signs) is (one != other)
    assert all(
        "\n" not in piece.text or not piece.text.strip() for hunk in hunks(one, other) for piece in hunk
    )


def test_of_very_different_long_texts_only_a_part_is_shown():
    one, other = " ".join(map(str, range(100_000))), " ".join(f"w{n}" for n in range(100_000))
    assert len("".join(piece.text for hunk in hunks(one, other) for piece in hunk)) < 10_000


def test_of_many_changes_the_number_of_the_rest_is_said():
    same = (
        "the same words stand here again and again, and nothing in them is new, whoever reads them twice. "
        * 2
    )
    one = "".join(f"{same} {n}" for n in range(300))
    other = "".join(f"{same} {n * 2 + 1000}" for n in range(300))
    *_, last = hunks(one, other)
    assert last[0].text.startswith("… and ")


@pytest.mark.parametrize("shape", [str, markdown, lambda each: json.dumps(each.to_dict()), repr])
def test_secrets_are_masked_everywhere(shape):
    one, other = saying(f"My key is {KEY}."), saying(f"My key was {KEY}, and it is long.")
    assert "kkkk" not in shape(diff(one, other))


@pytest.mark.parametrize("text", [HOSTILE, HOSTILE * 100, HOSTILE[:20]])
def test_a_hostile_text_stays_text(text):
    difference = diff(HELLO, saying(text))
    for line in str(difference).splitlines():
        assert line.isprintable()
        assert not line.lstrip().startswith("::")
    fenced = markdown(difference)
    fence = fenced.split("diff\n")[0].rpartition("\n")[2]
    assert set(fence) == {"`"} and fenced.count(fence) == 2
    assert "<script>" not in fenced.replace(fenced.split(fence)[1], "")


def test_names_of_files_are_escaped():
    one, other = (replace(HELLO, source=f"\x1b{name}`") for name in "ab")
    assert "\x1b" not in str(diff(one, other)) + markdown(diff(one, other))


def test_a_name_says_which_side_it_is():
    assert str(diff(HELLO, HELLO)).startswith("one (")
    assert str(diff([HELLO, HELLO], [HELLO])).endswith("#2: only in the first")


def test_what_differs_besides_is_a_line():
    one, other = small(b"a", b"b"), small(b"ab")
    (line,) = [line.plain() for line in diff_lines(diff(one, other))][1:]
    assert line.split("besides")[1].strip() == "reads 2 → 1 · end 3.000 s → 2.000 s"
