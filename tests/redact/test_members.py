"""Numbers and arrays with secret names are masked, too, and JSON stays JSON."""

from __future__ import annotations

import json

import pytest

from inspector.redact import Mask, scan

DEPTHS = {"plain": 0, "in a string": 1, "in a string in a string": 2}


def nested(value, depth):
    text = json.dumps(value)
    return nested({"t": text}, depth - 1) if depth else text


def inner(text, depth):
    value = json.loads(text)
    for _ in range(depth):
        value = json.loads(value["t"])
    return value


@pytest.mark.parametrize("depth", DEPTHS.values(), ids=DEPTHS)
@pytest.mark.parametrize(
    ("secret", "masked"),
    [
        ({"password": 12345678, "n": 7}, {"password": 11111111, "n": 7}),
        ({"pwd": -4711.25, "max_tokens": 1024}, {"pwd": -1111.11, "max_tokens": 1024}),
        ({"api_key": ["hush-0123", "hush-0124"], "n": ["a"]}, {"api_key": ["*" * 9] * 2, "n": ["a"]}),
        ({"api_keys": ["hush-0123"], "password": 7}, {"api_keys": ["hush-0123"], "password": 7}),
        ({"access_token": 123456}, {"access_token": 123456}),
        ({"password": [{"a": "b"}, "hush-0123"]}, {"password": [{"a": "b"}, "hush-0123"]}),
    ],
    ids=["number", "fraction", "array", "other names", "a count", "objects"],
)
def test_a_member_with_a_secret_name(secret, masked, depth):
    text = nested(secret, depth)
    once = Mask().text(text)
    assert inner(once, depth) == masked
    assert len(once) == len(text)
    assert Mask().text(once) == once
    assert not list(scan(once.encode()))
