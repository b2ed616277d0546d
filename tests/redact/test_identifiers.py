"""Ids become pseudonyms where the API puts them, and stars elsewhere in a request."""

from __future__ import annotations

import json

import pytest

from inspector.redact import Mask, allowed_headers
from inspector.redact.identifiers import id_kind, is_id
from inspector.redact.pseudonyms import Pseudonyms

DEVICE = "273b379cc404280a403993dda29175c8b4c4d4fcc73b62bbcd6f56a80013e0b9"
ACCOUNT = "9a92dbe1-388a-45bd-8e77-09f70b1b8421"
SESSION = "e2a92dbe-388a-45bd-8e77-09f70b1b842e"
REQUEST = "req_011CSHxVbcaBpQ8exampleAAAA"
MADE = Pseudonyms("k")
# What Claude Code 2.1 sends, and what it sent before.
CLAUDE_CODE = json.dumps(
    {"device_id": DEVICE, "account_uuid": "", "session_id": SESSION}, separators=(",", ":")
)
EARLIER = f"user_{DEVICE}_account_{ACCOUNT}_session_{SESSION}"


def made(value):
    return MADE.of(value.encode()).decode()


def mask(*headers, response=()):
    return Mask(headers, response, pseudonyms=MADE)


def sent(metadata, **more):
    return json.dumps({"model": "m", "metadata": metadata, "messages": [], **more}).encode()


@pytest.mark.parametrize(
    ("metadata", "ids"),
    [
        ({"user_id": CLAUDE_CODE}, {"device": DEVICE, "session": SESSION}),
        ({"user_id": EARLIER}, {"device": DEVICE, "account": ACCOUNT, "session": SESSION}),
        ({"user_id": ACCOUNT}, {"user": ACCOUNT}),
        ({"user_id": "ann"}, {"user": "ann"}),
        ({"note": "asked by ann@example.com today"}, {"email": "ann@example.com"}),
        ({"user_api_key_user_email": "ann@example.com"}, {"email": "ann@example.com"}),
        ({"requester": {"organizationId": ACCOUNT, "tags": ["a1b2c3d4"]}}, {"organization": ACCOUNT}),
    ],
    ids=["Claude Code", "Claude Code before", "user", "name", "e-mail", "LiteLLM", "nested"],
)
def test_ids_of_the_metadata_become_pseudonyms(metadata, ids):
    body, hidden = sent(metadata), mask()
    hidden.learn(body)
    text = body.decode()
    for value in ids.values():
        text = text.replace(value, made(value))
    assert hidden.request(body).decode() == text
    assert dict(hidden.counts) == dict.fromkeys(ids, 1)
    assert json.loads(text).keys() == json.loads(body).keys()


def test_a_number_stays_a_number():
    assert json.loads(mask().request(sent({"user_id": 90210})))["metadata"] == {"user_id": 11111}


def test_elsewhere_in_the_request_they_become_stars_so_that_it_matches_a_live_one():
    body = sent({"user_id": CLAUDE_CODE}, system=f"The session is {SESSION}.")
    hidden = mask()
    hidden.learn(body)
    assert json.loads(hidden.request(body))["system"] == f"The session is {'*' * len(SESSION)}."


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"input_schema": {"properties": {"metadata": {"user_id": ACCOUNT}}}}]},
        {"messages": [{"role": "user", "content": f'{{"metadata": {{"user_id": "{ACCOUNT}"}}}}'}]},
        {"messages": [{"role": "user", "content": f"why did {REQUEST} fail?"}]},
    ],
    ids=["in a tool", "in a text", "a request id in a prompt"],
)
def test_other_members_of_a_request_are_its_content(more):
    body = json.dumps({"model": "m", **more}).encode()
    hidden = mask()
    hidden.learn(body)
    assert hidden.request(body) == body


def test_the_ids_of_a_response_are_those_of_its_headers():
    headers = {"request-id": REQUEST, "anthropic-organization-id": ACCOUNT, "cf-ray": "8f1a2b3c4d5e6f70-FRA"}
    hidden = mask(response=headers.items())
    kept, withheld = allowed_headers(headers.items(), response=True, mask=hidden)
    assert (kept, withheld) == ({name: made(value) for name, value in headers.items()}, ())
    error = {"type": "error", "error": {"message": f"limit of {ACCOUNT}"}, "request_id": REQUEST}
    text = hidden.text(json.dumps(error))
    assert text == json.dumps(error).replace(ACCOUNT, made(ACCOUNT)).replace(REQUEST, made(REQUEST))


def test_the_request_id_of_a_gateway_is_one_in_an_error_only():
    error = '{"type":"error","error":{"message":"m"},"request_id":"a1b2c3d4e5"}'
    assert mask().text(error) == error.replace("a1b2c3d4e5", made("a1b2c3d4e5"))
    content = '{"type":"tool_use","input":{"request_id":"a1b2c3d4e5"}}'
    assert mask().text(content) == content


def test_ids_of_messages_and_tool_calls_stay():
    text = '{"id":"msg_013Zva2CMHLNnjNjJKqJ2EF","tool_use_id":"toolu_01A09q90qw90lq917835lq9"}'
    assert mask().text(text) == text


def test_without_pseudonyms_ids_stay_and_the_organization_is_withheld():
    headers = {"request-id": REQUEST, "anthropic-organization-id": ACCOUNT}
    kept, withheld = allowed_headers(headers.items(), response=True, mask=Mask([], headers.items()))
    assert (kept, withheld) == ({"request-id": REQUEST}, ("anthropic-organization-id",))
    assert Mask().request(sent({"user_id": EARLIER})) == sent({"user_id": EARLIER})


def test_a_secret_in_place_of_an_id_is_a_secret():
    key = "sk-ant-api03-q7W2e9R4t1Y6u3I8"
    kept, _ = allowed_headers([("request-id", key)], response=True, mask=mask(("x-api-key", key)))
    assert kept == {"request-id": "*" * len(key)}


@pytest.mark.parametrize("name", ["x-request-id", "organizationId", "org_uuid", "End-User-ID", "cf-ray"])
def test_names_of_ids(name):
    assert id_kind(name)


@pytest.mark.parametrize("name", ["user-agent", "id", "model", "tags", "stop_reason", "message_id"])
def test_other_names(name):
    assert id_kind(name) is None


@pytest.mark.parametrize("value", [b"req_1", b"req_loopback", b"default", b"a b c d e f g 1"])
def test_a_word_is_no_id(value):
    assert not is_id(value)
