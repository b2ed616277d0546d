"""`inspector._json` reads what the SDK's `json` reads, and writes what everybody can read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector import _json

INTEGERS = st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text()
ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))  # lone surrogates too


def values(text):
    leaves = st.none() | st.booleans() | INTEGERS | FLOATS | text
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=10)


@given(values(ANY_TEXT), st.booleans())
def test_every_json_text_is_read_as_the_standard_library_reads_it(value, indent):
    text = json.dumps(value, indent=2 if indent else None)
    assert _json.loads(text.encode()) == json.loads(text)


@given(values(ANY_TEXT))
def test_what_is_written_is_read_back_as_it_was(value):
    assert _json.loads(_json.dumps(value)) == value
    assert json.loads(_json.dumps_text(value)) == value
    assert json.loads(_json.dumps_text(value, indent=2)) == value


@given(values(TEXT))
def test_what_is_written_stands_on_one_line(value):
    assert b"\n" not in _json.dumps(value)


@pytest.mark.parametrize(
    "text, value",
    [
        pytest.param(rb'"\ud83d"', "\ud83d", id="lone surrogate"),
        pytest.param(rb'"\ud83d\ude00"', "\U0001f600", id="surrogate pair"),
        pytest.param(b"1e400", float("inf"), id="a number beyond a double"),
        pytest.param(b'{"a":1,"a":2}', {"a": 2}, id="the last of duplicate keys wins"),
        pytest.param(b' {"a" : 1 }\r\n\t', {"a": 1}, id="blanks around"),
        pytest.param('"\u2028"'.encode(), "\u2028", id="line separator in text"),
        pytest.param(b"18446744073709551615", 2**64 - 1, id="the largest 64-bit integer keeps its digits"),
        pytest.param(b"18446744073709551616", 2.0**64, id="beyond 64 bits is a float"),
    ],
)
def test_loads(text, value):
    assert _json.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"  ", id="blanks"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b"[Infinity]", id="Infinity"),
        pytest.param(b'{"a":-Infinity}', id="-Infinity"),
        pytest.param(rb'["\ud83d", NaN]', id="NaN where orjson has given up already"),
        pytest.param(b"1 2", id="two values"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b"[1,]", id="trailing comma"),
        pytest.param(b'"a\nb"', id="control character in text"),
        pytest.param(b'"\xff"', id="invalid UTF-8"),
        pytest.param(b"\xef\xbb\xbf1", id="byte order mark"),
        pytest.param(b"01", id="leading zero"),
        pytest.param(b'{"a":1', id="cut off"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested too deeply"),
    ],
)
def test_what_is_not_json_is_a_value_error(text):
    with pytest.raises(ValueError):
        _json.loads(text)


def test_ordinary_text_is_written_literally():
    assert _json.dumps({"é": "\u2028😀"}) == '{"é":"\u2028😀"}'.encode()


def test_a_lone_surrogate_is_written_as_an_escape_so_that_the_text_can_be_encoded():
    assert _json.dumps(["é\ud83d"]) == b'["\\u00e9\\ud83d"]'
    assert _json.dumps_text(["é\ud83d"]).isascii()


def test_an_integer_beyond_64_bits_is_written_with_all_its_digits():
    assert _json.dumps(2**70) == str(2**70).encode()


def test_text_for_people_is_indented():
    assert _json.dumps_text({"a": [1]}, indent=2) == '{\n  "a": [\n    1\n  ]\n}'


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "{}", [{"a": 1}]], ids=repr)
def test_what_is_no_object_has_no_members(value):
    assert _json.as_object(value) == {}
    assert _json.as_object({"a": value}) == {"a": value}


DEEP = b"[" * _json.DEPTH_LIMIT + b"]" * _json.DEPTH_LIMIT


@pytest.mark.parametrize("value", [DEEP, rb'{"\ud83d":[[["{"]]]}'], ids=["deep", "half a character"])
def test_what_is_read_can_be_copied_and_written(value):
    read = _json.loads(value)
    for text in (_json.dumps(_json.copied(read)), _json.dumps_text(read, indent=2).encode()):
        assert b"".join(text.split()) == value


def nested(depth):
    return {"a": [nested(depth - 1), "é\n", {}, [], None, -2.5], "b\u2028": []} if depth else "\u2028"


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("leaf", ["é", "\ud83d"])
def test_a_deep_value_is_written_as_a_shallow_one_is(indent, leaf, monkeypatch):
    value = [nested(5), leaf]
    written = _json.dumps_text(value, indent=indent)
    dumps = json.dumps

    def fail_on_containers(value, **options):
        if isinstance(value, dict | list):
            raise RecursionError
        return dumps(value, **options)

    monkeypatch.setattr(json, "dumps", fail_on_containers)
    assert _json.dumps_text(value, indent=indent) == written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"[" + DEEP + b"]", id="one level more"),
        pytest.param(b"[" + DEEP[:-1], id="not closed"),
        pytest.param(b'[["]]]]",' + DEEP + b"]]", id="brackets inside text"),
        pytest.param(rb'["\ud83d",' + b"[" * 50_000 + b"]" * 50_001, id="with half a character"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="objects"),
    ],
)
def test_deeper_json_is_an_error_of_its_own(text):
    with pytest.raises(_json.TooDeepError, match="nested deeper than 1024 levels"):
        _json.loads(text)


def test_a_copy_shares_nothing_with_the_original():
    value = {"a": [{"b": [1]}], "c": "d"}
    copy = _json.copied(value)
    copy["a"][0]["b"].append(2)
    assert value == {"a": [{"b": [1]}], "c": "d"}


@pytest.mark.parametrize("value", [[1e400], {"a": [-1e400, "Infinity", {}, []]}, "Infinity"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_number_without_bound_is_written_as_json_that_others_read(value, indent):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    text = _json.dumps_text(value, indent=indent)
    assert json.loads(text, parse_constant=refuse) == _json.loads(text.encode()) == value


def test_a_number_with_more_digits_than_python_converts_is_said_in_plain_terms():
    with pytest.raises(ValueError, match=r"^a number has too many digits to read$"):
        _json.loads(b"9" * 5000)
