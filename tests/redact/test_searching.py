"""The search finds what a search with `re` finds, in every kind of key, and nothing in real streams."""

from __future__ import annotations

import re

import pytest
from conftest import CORPUS, ROOT

from inspector.redact.prefilter import may_hold_secret
from inspector.redact.searching import _CANDIDATE, find_secrets
from inspector.redact.secret_shapes import SHAPES

FILL = {
    "A-Za-z0-9_-": "q7W2e9R4t1Y6u3I8o5P0",
    "A-Z0-9": "Q7W2E9R4T1Y6U3I8",
    "a-f0-9": "0a1b2c3d4e5f",
    "A-Fa-f0-9": "0a1B2c3D4e5F",
}


def key_of(shape):
    return (FILL.get(shape.run, FILL["A-Z0-9"]) * 9)[: shape.most or max(shape.least, 24)]


KEYS = [pytest.param(prefix, key_of(shape), id=prefix) for shape in SHAPES for prefix in shape.prefixes]


@pytest.mark.parametrize("prefix, key", KEYS)
def test_a_key_of_every_kind_is_found(prefix, key):
    text = f"see {prefix}{key}, and {prefix} or {prefix.rstrip('-_.')}word".encode()
    start = 4 + len(prefix)
    assert list(find_secrets(text)) == [(start, start + len(key), "key")]
    assert may_hold_secret(text)


@pytest.mark.parametrize("prefix, key", KEYS)
def test_no_key_is_found_in_a_word(prefix, key):
    assert prefix == "sk-ant-" or list(find_secrets(f"see x{prefix}{key}".encode())) == []


NAMES = """
    authorization_token api_key apiKey API-KEY x-api-key password passwd pwd client_secret secret accessToken
    refresh_token private_key token auth_token jwt aws_secret_access_key db_password connection_string
"""
DEPTHS = [
    '{"%s": "hush-0123"}',
    r"{\"%s\":\"hush-0123\"}",
    r"\\\"%s\\\" : \\\"hush-0123\\\"",
    "{'%s': 'hush-0123'}",
]


@pytest.mark.parametrize("name", NAMES.split())
@pytest.mark.parametrize("text", DEPTHS)
def test_a_string_with_a_secret_name_is_found_at_every_depth(text, name):
    text = (text % name).encode()
    ((start, end, _),) = find_secrets(text)
    assert text[start:end] == b"hush-0123"
    assert may_hold_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"max_tokens": "1024", "input_tokens": 12, "token_count": "a0123456789"}',
        '{"cache_key": "a0123456789", "key": "a0123456789", "passwords": "a0123456789"}',
        '{"token": "authentication", "secret": "it is a secret that nobody knows", "password": ""}',
        '{"next_page_token": "a0123456789", "eos_token": "<|endoftext|>", "tokenizer": "cl100k_0123"}',
        '{"password": {"type": "string"}, "required": ["password", "api_key"], "api_key": null}',
        '{"sessionId": "a0123456789", "author": "a0123456789"}',
        "password: 'correct horse', token=abc, the api_key is needed",
    ],
)
def test_members_with_other_names_and_other_values_are_untouched(text):
    assert list(find_secrets(text.encode())) == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not at hand")
def test_no_stream_of_the_corpus_has_a_secret():
    found = {file.name: list(find_secrets(file.read_bytes())) for file in CORPUS.rglob("*") if file.is_file()}
    assert {name: spans for name, spans in found.items() if spans} == {}


def test_no_bundled_recording_has_a_secret():
    for file in (ROOT / "recordings").rglob("*.jsonl"):
        assert list(find_secrets(file.read_bytes())) == []


def test_candidates_are_those_of_another_engine():
    text = (
        "".join(f"x {prefix.values[0]}{prefix.values[1]} " for prefix in KEYS).encode()
        + b'"token": "a" ://a@b?sig=1'
    )
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    ours = [match.span() for match in re2.compile(_CANDIDATE, options).finditer(text)]
    assert ours == [match.span() for match in re.compile(_CANDIDATE).finditer(text)]


@pytest.mark.parametrize(
    "unit",
    [
        "sk-ant-",
        "-AIza",
        "eyJaaaaaaaa.",
        "tvly-",
        '"token":"',
        "://a",
        "?key=",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_the_cost_is_linear_in_the_text(unit):
    steps = [len(list(find_secrets(unit.encode() * count))) for count in (1000, 2000)]
    assert steps[1] <= 2 * steps[0] + 2
