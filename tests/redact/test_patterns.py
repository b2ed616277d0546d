"""A user's own patterns: what they match is hidden in every form that JSON has for it."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.redact import PatternMask


def mask(counts=None, **patterns):
    return PatternMask(patterns, Counter() if counts is None else counts)


@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("name", ["Jörg", 'a"b\\c', "x\ny", "日本", "🙂🙃"])
def test_a_match_is_hidden_however_json_writes_it(name, is_ascii):
    text = json.dumps({"a": f"it is {name}!", "n": 1}, ensure_ascii=is_ascii).encode()
    masked = mask(name=name.replace("\\", "\\\\")).json(text)
    value = json.loads(masked)
    assert len(masked) == len(text)
    assert value["a"].startswith("it is *") and value["a"].endswith("*!") and name not in value["a"]


def test_matches_are_counted_by_name():
    counts = Counter()
    text = mask(counts, ticket=r"T-\d+", card=r"\d{16}").json(b'{"a":"T-1 and T-23","b":4111111111111112}')
    assert json.loads(text) == {"a": "*** and ****", "b": 1111111111111111}
    assert counts == {"ticket": 2, "card": 1}


def test_a_match_ends_with_its_string():
    assert mask(all=r"a.*z").json(b'{"x":"a","y":"z"}') == b'{"x":"a","y":"z"}'


def test_a_text_that_is_no_json_keeps_its_lines():
    assert mask(all=r"(?s)secret.*end").text(b"<p>secret\r\nto the end</p>") == b"<p>******\r\n**********</p>"


@given(st.text(), st.booleans())
def test_json_stays_json_for_any_text(text, is_ascii):
    data = json.dumps([text], ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    masked = mask(some='[a-z0-9\\\\"]+', other="[^ -~]").json(data)
    assert len(masked) == len(data)
    assert not [char for char in json.loads(masked)[0] if char.islower() and char.isascii()]
