"""A scan says where secrets are and of which kind, and nothing of the secrets themselves."""

from __future__ import annotations

import base64

import pytest

from inspector.redact import Mask, scan
from inspector.redact.searching import KINDS

TEXTS = {
    "credential": ('{"password": "', 'correct-horse"}'),
    "url_user": ("https://", "ann:word@h/"),
    "url_parameter": ("https://h/?a=1&sig=", "abcdef"),
    "key": ("# the key: sk-ant-", "api03-" + "aB3" * 9),
    "web_token": ("eyJhbGciOiJI.eyJ", "zdWIiOiIxMjM0.abcd"),
    "bearer": ("authorization:\n- Bearer ", "a1b2c3d4e5f6g7h8"),
    "private_key": ("-----BEGIN PRIVATE KEY-----", "abcd1234" * 4),
    "assignment": ("export DB_PASSWORD=", "correct-horse-47"),
}


def test_every_kind_is_tried():
    assert set(TEXTS) == set(KINDS)


@pytest.mark.parametrize(("kind", "before", "secret"), [(kind, *text) for kind, text in TEXTS.items()])
def test_a_secret_has_an_offset_and_a_kind(kind, before, secret):
    text = f"first line\n{before}{secret}\n".encode()
    assert list(scan(text)) == [(len("first line\n" + before), kind)]


def test_what_is_masked_is_no_secret():
    text = "\n".join(before + secret for before, secret in TEXTS.values()).encode()
    assert len(list(scan(text))) == len(TEXTS)
    assert list(scan(Mask()(text))) == []


def test_the_offset_is_that_of_the_text_with_its_escapes():
    text = rb'{"a":"\u0041 \u0042 sk\u002dant\u002dapi03\u002dq7W2e9R4"}'
    ((at, kind),) = scan(text)
    assert (text[at:], kind) == (rb'api03\u002dq7W2e9R4"}', "key")


@pytest.mark.parametrize("comment", ["# gitleaks:allow", "# pragma: allowlist secret"])
def test_a_line_that_somebody_has_looked_at_is_passed_over(comment):
    line = 'KEY = "sk-ant-api03-q7W2e9R4t1Y6"'
    assert list(scan(f"{line}  {comment}\n".encode())) == []
    assert [at for at, _ in scan(f"{line}  {comment}\n{line}\n".encode())] == [len(line) + len(comment) + 17]


def test_what_a_recording_has_in_base64_is_looked_at():
    encoded = base64.b64encode(b"\xff sk-ant-api03-q7W2e9R4t1Y6").decode()
    line = f'{{"t":1,"raw":{{"base64":"{encoded}"}}}}'
    assert list(scan(line.encode())) == [(line.index(encoded), "key")]
