"""Headers pass by allow-list, and a secret in one that passes is masked."""

from __future__ import annotations

import pytest

from inspector.redact import Mask, allowed_headers


@pytest.mark.parametrize(
    "name, response, kept",
    [
        ("accept", False, True),
        ("anthropic-beta", False, True),
        ("anthropic-version", False, True),
        ("content-type", False, True),
        ("user-agent", False, True),
        ("x-stainless-retry-count", False, True),
        ("authorization", False, False),
        ("x-api-key", False, False),
        ("api-key", False, False),
        ("cookie", False, False),
        ("x-anything-else", False, False),
        ("request-id", True, True),
        ("anthropic-ratelimit-tokens-remaining", True, True),
        ("content-encoding", True, True),
        ("retry-after", True, True),
        ("transfer-encoding", True, True),
        ("set-cookie", True, False),
        ("anthropic-organization-id", True, False),
        ("anthropic-workspace-id", True, False),
        ("x-anything-else", True, False),
    ],
)
def test_headers_pass_by_allow_list_and_the_others_leave_their_name(name, response, kept):
    value = "value"
    expected = ({name: value}, ()) if kept else ({}, (name,))
    assert allowed_headers([(name, value)], response=response) == expected
    assert allowed_headers([(name.title(), value)], response=response) == expected


def test_names_that_are_withheld_are_sorted_and_named_once():
    headers = [("X-Api-Key", "a"), ("Cookie", "b"), ("cookie", "c")]
    assert allowed_headers(headers) == ({}, ("cookie", "x-api-key"))


def test_repeated_headers_are_joined():
    headers = [("Anthropic-Beta", "a"), ("anthropic-beta", "b")]
    assert allowed_headers(headers) == ({"anthropic-beta": "a, b"}, ())


def test_a_key_in_a_header_that_may_be_kept_is_masked():
    kept, _ = allowed_headers([("user-agent", "me sk-ant-0123456789")])
    assert kept == {"user-agent": "me sk-ant-**********"}


def test_a_redirect_does_not_leak_its_signature():
    kept, _ = allowed_headers([("Location", "https://u:p@host/?X-Amz-Signature=abc&a=1")], response=True)
    assert kept == {"location": "https://host/?X-Amz-Signature=***&a=1"}


def test_the_requests_own_key_is_masked_in_a_header_of_the_response():
    mask = Mask([("x-api-key", "hush-hush-0123")])
    kept, withheld = allowed_headers(
        [("Via", "key hush-hush-0123"), ("X-hush-hush-0123", "")], mask=mask, response=True
    )
    assert kept == {"via": "key " + "*" * 14}
    assert withheld == ("x-" + "*" * 14,)
