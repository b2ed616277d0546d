"""What must not reach a file does not, what is ordinary is untouched, and nothing changes its length."""

from __future__ import annotations

import base64
import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.redact import Mask, mask_text, mask_url

A20 = "A1b2C3d4E5f6G7h8I9j0"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g"

# What is shown of it, and what is hidden. None of these is or was anybody's.
SECRETS = [
    pytest.param("sk-ant-", f"api03-{A20}{A20}-AA", id="Anthropic key"),
    pytest.param("sk-ant-", f"oat01-{A20}", id="Anthropic token"),
    pytest.param("sk-proj-", A20, id="OpenAI project key"),
    pytest.param("sk-or-v1-", A20, id="OpenRouter key"),
    pytest.param("Bearer ", f"{A20}+/=", id="bearer token"),
    pytest.param("bearer ", A20, id="bearer in lower case"),
    pytest.param(JWT[:24], JWT[24:], id="JSON web token"),
    pytest.param("AKIA", "A1B2C3D4" * 2, id="AWS key"),
    pytest.param("ASIA", "A1B2C3D4" * 2, id="AWS temporary key"),
    pytest.param("AIza", (A20 * 2)[:35], id="Google key"),
    pytest.param("ghp_", A20 * 2, id="GitHub key"),
    pytest.param("gho_", A20 * 2, id="GitHub OAuth token"),
    pytest.param("ghs_", A20 * 2, id="GitHub app token"),
]

PLACES = {
    "alone": "{}",
    "in JSON": '{{"key":"{}","n":1}}',
    "after a line end in JSON": '{{"text":"keys:\\n{}\\n"}}',
    "after a tab in JSON": '{{"text":"a\\t{}\\tb"}}',
    "after a numbered escape in JSON": '{{"text":"a\\u000a{} b"}}',
    "in an assignment": "export TOKEN={}\n",
    "at the beginning of a line": "the key\n{}\n",
    "in quotes inside JSON": '{{"partial_json":"{{\\"key\\":\\"{}\\"}}"}}',
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("shown, hidden", SECRETS)
def test_a_key_is_masked_wherever_it_stands_with_its_length(shown, hidden, place):
    expected = place.format(shown + "*" * len(hidden))
    assert Mask()(place.format(shown + hidden).encode()) == expected.encode()


def test_every_secret_of_a_text_is_masked():
    text = b"sk-ant-aaaaaaaaaaaa and sk-ant-bbbbbbbbbbbb and ghp_" + b"a" * 36
    assert Mask()(text) == b"sk-ant-************ and sk-ant-************ and ghp_" + b"*" * 36


@pytest.mark.parametrize(
    "text",
    [
        "task-management-system-2",
        "risk-assessment-of-2026 disk-utilisation-report",
        "sk-learn sk-",
        "the bearer of this letter",
        "Bearer authentication-with-a-long-name",
        "MALAYSIA ASIA AKIA",
        "EURASIA1234567890123456",
        "eyJhbGciOiJIUzI1NiJ9 is half a token",
        "toolu_01A09q90qw90lq917835lq9 msg_013Zva2CMHLNnjNjJKqJ2EF req_011CSHoEeqs5C35K2UUqR7Fy",
        "https://en.wikipedia.org/wiki/Asia?x=AIza",
        "claude-opus-4-5-20260101",
        "ghp_short",
    ],
)
def test_ordinary_words_are_untouched(text):
    assert Mask()(text.encode()) == text.encode()


def test_a_signature_is_untouched():
    chance = random.Random(20261121)
    for _ in range(200):
        signature = base64.b64encode(chance.randbytes(1000))
        assert Mask()(signature) == signature


@given(st.binary())
def test_a_mask_never_changes_the_length_and_does_nothing_twice(text):
    mask = Mask([("authorization", "Bearer abcdefgh01234567")])
    for body in (text, text + b" sk-ant-" + text, b"Bearer " + text + b"abcdefgh01234567" + text):
        assert len(mask(body)) == len(body)
        assert mask(mask(body)) == mask(body)


@pytest.mark.parametrize("shown, hidden", SECRETS)
def test_masked_json_is_json_of_the_same_shape(shown, hidden):
    value = {"a": [f"x\n{shown}{hidden}\n", {"b": f'"{shown}{hidden}"'}], "n": 1.5}
    masked = json.loads(Mask()(json.dumps(value).encode()))
    assert (masked["n"], len(masked["a"][0])) == (1.5, len(value["a"][0]))


@pytest.mark.parametrize(
    "name, value, secret",
    [
        ("x-api-key", "opensesame", "opensesame"),
        ("X-API-Key", "opensesame", "opensesame"),
        ("api-key", "opensesame", "opensesame"),
        ("Authorization", "Bearer opensesame", "opensesame"),
        ("Authorization", "Basic b3BlbnNlc2FtZTo=", "b3BlbnNlc2FtZTo="),
        ("proxy-authorization", "Basic b3BlbnNlc2FtZTo=", "b3BlbnNlc2FtZTo="),
        ("Authorization", "opensesame", "opensesame"),
        ("Authorization", "Basic b3BlbnNlc2FtZTo=", "b3BlbnNlc2FtZTo"),
        ("Cookie", "a=1; session=opensesame; b=2", "opensesame"),
        ("Set-Cookie", "session=opensesame; Path=/", "opensesame"),
        ("x-goog-iam-authorization-token", "opensesame", "opensesame"),
        ("x-amz-security-token", "opensesame", "opensesame"),
        ("my-gateway-secret", "opensesame", "opensesame"),
    ],
)
def test_what_a_request_authenticates_with_is_masked_wherever_it_stands(name, value, secret):
    mask = Mask([("accept", "application/json"), (name, value)])
    echoed = f'{{"error":"invalid key {secret}","n":1}}'
    assert mask(echoed.encode()) == echoed.replace(secret, "*" * len(secret)).encode()


@pytest.mark.parametrize(
    "name, value",
    [
        pytest.param("accept", "application/json", id="a header that is no secret"),
        pytest.param("x-api-key", "none", id="a value too short to be one"),
        pytest.param("anthropic-ratelimit-tokens-reset", "2026-11-20T18:00:00Z", id="a limit of tokens"),
    ],
)
def test_other_values_are_not_masked(name, value):
    text = f"{value} application/json".encode()
    assert Mask([(name, value)])(text) == text


COOKIE = (
    "__cf_bm=opensesame; expires=Fri, 20 Nov 18:30:00; domain=.api.anthropic.com; HttpOnly; SameSite=None"
)
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=opensesame/us, SignedHeaders=host;x-amz-date, Signature=0123456789abcdef"
)


@pytest.mark.parametrize(
    "name, value, word",
    [
        ("set-cookie", COOKIE, "HttpOnly"),
        ("set-cookie", COOKIE, "SameSite"),
        ("set-cookie", COOKIE, "18:30:00"),
        ("set-cookie", COOKIE, ".api.anthropic.com"),
        ("cookie", "sessionid=opensesame", "sessionid"),
        ("authorization", SIGNED, "SignedHeaders"),
        ("authorization", SIGNED, "Signature"),
        ("authorization", SIGNED, "AWS4-HMAC-SHA256"),
        ("authorization", SIGNED, "x-amz-date"),
        ("authorization", "Negotiate opensesame", "Negotiate"),
    ],
)
def test_the_words_around_a_secret_are_not_masked_elsewhere(name, value, word):
    mask = Mask([(name, value)])
    assert mask(f"how does {word} work?".encode()) == f"how does {word} work?".encode()
    assert b"opensesame" not in mask(value.encode())


def test_of_two_secrets_that_overlap_the_longer_is_masked():
    assert (
        Mask([("x-api-key", "abcdefgh"), ("api-key", "abcdefgh-long")])(b"abcdefgh-long!") == b"*" * 13 + b"!"
    )


def test_a_value_that_is_not_utf8_can_be_masked():
    assert Mask([("x-api-key", "opensesame\udce9")])(b"opensesame\xe9") == b"*" * 11


@pytest.mark.parametrize(
    "url, masked",
    [
        ("https://api.anthropic.com/v1/messages", None),
        ("https://api.anthropic.com/v1/messages?beta=true", None),
        ("https://h/?a=1&b=2#top", None),
        ("https://h/mail@example.com?to=you@example.com", None),
        ("https://user:word@h/v1", "https://h/v1"),
        ("https://user@h:8080/v1", "https://h:8080/v1"),
        ("https://us@er:wo@rd@h/v1", "https://h/v1"),
        ("https://h/?api_key=abc&x=1", "https://h/?api_key=***&x=1"),
        ("https://h/?x=1&KEY=abc#top", "https://h/?x=1&KEY=***#top"),
        ("https://h/?access_token=abc=&x=1", "https://h/?access_token=****&x=1"),
        (
            "https://h/?X-Amz-Credential=a/b&X-Amz-Signature=cd",
            "https://h/?X-Amz-Credential=***&X-Amz-Signature=**",
        ),
        ("https://h/?password=", None),
    ],
)
def test_an_address_loses_its_user_and_the_values_that_look_secret(url, masked):
    assert mask_url(url) == (masked or url)


@pytest.mark.parametrize(
    "text, masked",
    [
        ("see http://ann:pass@h/x?token=abc&a=1, ok", "see http://***:****@h/x?token=***&a=1, ok"),
        ("https:\\/\\/ann@h\\/?sig=abc", "https:\\/\\/***@h\\/?sig=***"),
        ("https://h/?a=1\\u0026code=abc", "https://h/?a=1\\u0026code=***"),
        ("https://h/@user/mail@h?page=2&max_tokens=9", None),
    ],
)
def test_secrets_of_a_url_are_masked_in_any_text(text, masked):
    assert mask_text(text) == (masked or text)


def test_a_key_that_ends_in_a_line_end_is_masked_in_an_error():
    mask = Mask([("authorization", "Bearer hush hush\n"), ("x-api-key", " opensesame \n")])
    error = f"Illegal header value {b'Bearer hush hush'!r} or {b' opensesame '!r}"
    assert mask.text(error) == error.replace("hush hush", "*" * 9).replace("opensesame", "*" * 10)


@pytest.mark.parametrize("key", ["anthropic", "assistant", "not-a-key", "api.example.com", "python"])
def test_a_dummy_key_that_is_a_word_of_the_request_masks_nothing(key):
    headers = [
        ("host", "api.example.com"),
        ("user-agent", "not-a-key/1"),
        ("anthropic-version", "1"),
        ("x-api-key", key),
    ]
    text = f"https://api.anthropic.com {key} assistant"
    assert Mask([*headers, ("x-api-key", key)]).text(text) == text


def test_a_mask_learns_the_secrets_that_a_request_sends():
    mask = Mask()
    mask.learn(
        b'{"mcp_servers":[{"authorization_token":"hush-0123"}],"password":"documents","n":"hush-0124"}'
    )
    assert (
        mask(b"the token hush-0123 and hush-0124 in documents")
        == b"the token ********* and hush-0124 in documents"
    )


@pytest.mark.parametrize(
    "whole, shown",
    [
        ("your key: sk-ant-api03", "your key: sk-ant-api03"),
        ("your key: sk-ant-a", "your key: sk-ant-a"),
        ("your key: sk-ant-api0", "your key: sk-ant-****"),
        ("ghp_abcd", "ghp_****"),
        ("npm_config_regi", "npm_config_regi"),
        ("AKIAQ7W2E9R4T1Y6", "AKIA************"),
        ("own: hush-", "own: hush-"),
        ("own: hush-hu", "own: *******"),
        ('{"password": "hunt', '{"password": "****'),
    ],
)
def test_a_part_hides_the_beginning_of_a_key_at_its_end(whole, shown):
    mask = Mask([("x-api-key", "hush-hush-0123456789")])
    if whole == "your key: sk-ant-api03":
        shown = "your key: sk-ant-*****"
    assert mask.part(whole.encode()).decode() == shown
    assert mask(whole.encode()) == whole.encode() or "password" in whole


BITS = ['"', "'", "\\", "\n", "/", ":", "password", '"password":"x', "'token': 'abcdefgh1", '"api_key":', "-"]
BITS += [
    "sk-ant-api03-abcdefgh1234",
    "https://a:b@c/",
    "?sig=abc",
    "Bearer abcdefgh123456789",
    "é",
    "\\u002d",
]
BITS += [
    "-----BEGIN PRIVATE KEY-----\nabcd\n",
    "eyJabcdefgh.eyJabcdefgh.",
    "hush-hush-0123456789",
    "api_key':",
]
NASTY = st.lists(st.sampled_from(BITS), max_size=8).map("".join)


@given(st.lists(NASTY, min_size=2, max_size=4), st.integers(0, 3), st.booleans(), st.booleans())
def test_masked_json_is_json_at_every_depth(texts, depth, is_ascii, slashes):
    def nested(depth):
        inner = {"t": dumps(nested(depth - 1))} if depth else {"password": texts[0]}
        return inner | {str(number): text for number, text in enumerate(texts)}

    def dumps(value):
        text = json.dumps(value, ensure_ascii=is_ascii)
        return text.replace("/", "\\/").replace("-", "\\u002d") if slashes else text

    mask = Mask([("x-api-key", "hush-hush-0123456789")])
    whole = dumps(nested(depth)).encode()
    for masked in (mask(whole), mask.part(whole)):
        assert len(masked) == len(whole)
        value, before = json.loads(masked), json.loads(whole)
        for _ in range(depth):
            assert value.keys() == before.keys()
            value, before = json.loads(value["t"]), json.loads(before["t"])
        assert value.keys() == before.keys()
        assert b"hush-hush-0123456789" not in masked


OPAQUE = "OpaqueKeyOne1234567890abc"


@pytest.mark.parametrize("name", ["Ocp-Apim-Subscription-Key", "x-functions-key", "Helicone-Auth", "x-auth"])
def test_a_header_that_authenticates_is_known_by_its_name(name):
    assert Mask([(name, OPAQUE)])(f"bad key {OPAQUE}.".encode()) == b"bad key " + b"*" * len(OPAQUE) + b"."


def test_a_response_cannot_make_a_word_of_a_key():
    response = [(f"x-{OPAQUE}", "1"), ("host", OPAQUE), ("user-agent", OPAQUE)]
    assert OPAQUE.encode() not in Mask([("x-api-key", OPAQUE)], response)(OPAQUE.encode())


def test_what_a_server_demands_is_no_secret_but_its_cookies_are():
    response = [("www-authenticate", 'Bearer realm="api.example.com"'), ("set-cookie", f"a={OPAQUE}; Path=/")]
    text = f"api.example.com {OPAQUE}".encode()
    assert Mask([], response)(text) == b"api.example.com " + b"*" * len(OPAQUE)


@pytest.mark.parametrize("key", ["OpaqueKey1234567890\nabcdefXYZ", 'Opaque"Key\\1234', "Opaque'Key\t1234"])
def test_a_key_is_hidden_as_json_and_as_python_write_it(key):
    mask = Mask([("x-api-key", key)])
    for form in (json.dumps(key)[1:-1], repr(key)[1:-1], repr(key.encode())[2:-1]):
        assert set(mask.text(f"<{form}>")) == set("<*>")


def test_every_secret_of_a_request_is_learned():
    servers = [{"name": f"s{n}", "authorization_token": f"mcpTok{n:04}xyz"} for n in range(300)]
    mask = Mask()
    mask.learn(json.dumps({"mcp_servers": servers}).encode())
    echo = " ".join(each["authorization_token"] for each in servers)
    assert set(mask.text(echo)) == set("* ")
    assert mask.part(b"so: mcpTok0123xy").endswith(b"*")


@pytest.mark.parametrize(
    "text",
    [
        '{"credentials": "same-origin"}',
        '{"token": "internationalization"}',
        '{"token": "<|endoftext|>"}',
        '{"cookie": "oatmeal-raisin"}',
    ],
)
def test_a_word_is_no_secret_though_its_name_could_be_one_of_a_secret(text):
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "url", ["https://h/#access_token=abcdef123456", "alice:pa55w0rdX@nonexist.invalid/", "//u:pa55w0rdX@h/"]
)
def test_a_secret_of_a_url_is_masked(url):
    assert not re.search("abcdef123456|pa55w0rdX", mask_url(url))
