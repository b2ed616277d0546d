"""Escaped text drives no terminal, moves and hides nothing, and real text stays as it is."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.escaping import defused, escape

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))
DANGEROUS = ("Cc", "Cf", "Cs", "Zl", "Zp")
VISIBLE_MARKS = {
    *("0600", "0601", "0602", "0603", "0604", "0605", "06dd", "070f", "0890", "0891", "08e2"),
    *("110bd", "110cd"),
}
"""Format characters that are drawn, before or over the digits of Arabic, Syriac and Kaithi."""


def test_every_character_of_a_dangerous_category_is_escaped_wherever_it_stands():
    kept = {
        f"{ord(char):04x}"
        for char in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(char) in DANGEROUS and escape(f"a{char}b") == f"a{char}b"
    }
    assert kept == VISIBLE_MARKS


@pytest.mark.parametrize(
    "char", ["\u034f", "\u115f", "\u180b", "\u2065", "\u3164", "\uffa0", "\U000e0fff"], ids=ascii
)
def test_characters_that_unicode_calls_ignorable_are_escaped(char):
    assert escape(f"ä{char}") == "ä" + ascii(char)[1:-1]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("plain text: 100 %", id="ascii"),
        pytest.param("Ünïcode “quotes” a\u00a0b", id="latin"),
        pytest.param("日本語、한국어", id="east asian"),
        pytest.param("می\u200cشود", id="persian, with a non-joiner"),
        pytest.param("क\u094d\u200dष", id="hindi, with a joiner"),
        pytest.param("٣\u0600", id="arabic number sign"),
        pytest.param("👋 👩\u200d👩\u200d👧 ❤\ufe0f\u200d🔥", id="emoji that are joined"),
        pytest.param("#\ufe0f\u20e3 ☺\ufe0e", id="emoji that are selected"),
        pytest.param("葛\U000e0100城", id="a variant of an ideograph"),
    ],
)
def test_real_text_stays_as_it_is(text):
    assert escape(text) == text


@pytest.mark.parametrize(
    "text, escaped",
    [
        ("a\nb", "a\\nb"),
        ("\x1b]52;c;aGk=\x07", "\\e]52;c;aGk=\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("\u2028", "\\u2028"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("\ud83d", "\\ud83d"),
        ("🏴\U000e0067", "🏴\\U000e0067"),
        ("pass\u200dword", "pass\\u200dword"),
        ("👩\u200d\u200d", "👩\u200d\\u200d"),
        ("😀\ufe01\ufe02", "😀\ufe01\\ufe02"),
    ],
    ids=ascii,
)
def test_escapes_can_be_read(text, escaped):
    assert escape(text) == escaped


@given(ANY_TEXT)
def test_an_escaped_text_is_one_line_that_can_be_encoded_and_escaping_it_again_changes_nothing(text):
    escaped = escape(text)
    escaped.encode()
    assert len(escaped.splitlines()) <= 1
    assert escape(escaped) == escaped


@pytest.mark.parametrize(
    "line, harmless",
    [
        ("::error file=a::b", "\\x3a:error file=a::b"),
        ("  ::set-env name=A::b", "  \\x3a:set-env name=A::b"),
        ("text ##[add-path]/tmp", "text \\x23#[add-path]/tmp"),
        ("##vso[task.setvariable]", "\\x23#vso[task.setvariable]"),
        ("##teamcity[message]", "\\x23#teamcity[message]"),
    ],
)
def test_no_line_is_a_command_of_a_build_service(line, harmless):
    assert defused(line) == harmless
    assert defused(harmless) == harmless


@pytest.mark.parametrize("line", ["a::b", "## [a]", "# a", ": comment", "http://[::1]/", "##"])
def test_lines_that_are_no_commands_stay(line):
    assert defused(line) == line
