"""What differs between two requests: exact for what people send, bounded for what nobody should."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector import Request
from inspector.play.differences import Difference, body_differences, endpoint, readable, target_differences

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text("ab*\ud800", max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=12,
)


def nested(depth, innermost):
    for _ in range(depth):
        innermost = {"a": [innermost]}
    return innermost


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value):
    assert list(body_differences(value, json.loads(json.dumps(value)))) == []


def canonical(value):
    return json.dumps(value, sort_keys=True).replace("-0.0", "0.0")


@given(VALUES, VALUES)
def test_values_differ_exactly_if_their_canonical_json_does(one, other):
    if "********" not in canonical(one):
        assert (canonical(one) == canonical(other)) is (list(body_differences(one, other)) == [])


@given(VALUES, VALUES)
def test_each_difference_has_a_short_phrase(one, other):
    for each in body_differences(one, other):
        assert str(each).encode()
        assert len(str(each)) < 300


@pytest.mark.parametrize("depth", [100, 400, 3000])
def test_bodies_may_be_nested_deeply(depth):
    (only,) = body_differences(nested(depth, 1), nested(depth, 2))
    assert only.where == "body" + ".a[0]" * depth
    assert (only.recorded, only.received) == (1, 2)
    (other,) = body_differences(1, nested(depth, 2))
    assert str(other) == "body is " + ('{"a":[' * 10)[:59] + "…, recorded was 1"


def test_of_large_bodies_only_as_many_values_are_compared_as_one_says():
    one, other = list(range(1000)), [*range(998), 0, 0]
    assert list(body_differences(one, other, 100)) == [None]
    assert len(list(body_differences(one, other))) == 2
    assert list(body_differences(one, other, 1000)) == [Difference("body[998]", 998, 0), None]


def test_objects_of_many_members_are_not_sorted_and_compared_all_the_same():
    one = {str(number): number for number in range(20_000)}
    assert list(body_differences(one, {**one, "7": 0})) == [Difference("body.7", 7, 0)]
    assert len(list(body_differences(one, {}))) == 20_000


def test_a_long_value_is_cut_after_its_secrets_are_masked():
    key = "sk-ant-api03-" + "k" * 95
    (only,) = body_differences("x", "y" * 40 + " " + key + "z" * 1_000_000)
    assert "kk" not in str(only)
    assert len(str(only)) < 100


@pytest.mark.parametrize(
    "received, same",
    [
        ("my 0123456789 .", True),
        ("my 0123456789 ,", False),
        ("my 0123456789", False),
        ("mx 0123456789 .", False),
    ],
)
def test_a_masked_text_equals_any_of_its_length_that_is_the_same_around_the_mask(received, same):
    assert (list(body_differences("my ********** .", received)) == []) is same


@pytest.mark.parametrize(
    "received", ["tabs\tand\nlines", 'a "quote"', "Jörg Jörg", "日本 🙂", "half: \ud800"]
)
@pytest.mark.parametrize("is_ascii", [True, False])
def test_a_text_that_is_masked_as_a_whole_equals_any_that_json_writes_as_long(received, is_ascii):
    written = json.dumps(received, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    assert list(body_differences("*" * (len(written) - 2), received)) == []
    assert len(list(body_differences("*" * (len(written) + 9), received))) == 1


def test_a_body_that_is_not_json_reads_as_text():
    assert readable(b"\xff{", None) == "\ufffd{"
    assert readable(b"", None) is None
    assert readable(b"[]", []) == []


def test_method_and_path_are_compared_from_v1_on():
    recorded = Request("POST", "https://gateway.test/team/v1/messages?beta=true")
    assert list(target_differences(Request("POST", "/v1/messages"), recorded)) == []
    texts = [str(each) for each in target_differences(Request("GET", "/v1/models"), recorded)]
    assert texts == ["method is GET, recorded was POST", "path is /v1/models, recorded was /v1/messages"]
    assert endpoint("/messages") == ""
