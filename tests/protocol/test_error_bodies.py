"""What the body of an error says, in every form that servers and gateways send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.protocol.api_errors import API_ERRORS, error_payload
from inspector.protocol.error_bodies import read_error

PAGE = b"""<!DOCTYPE html><html><head><style>h1{color:red}</style>
<title>502 Bad&nbsp;Gateway</title></head><body><h1>Bad gateway</h1>nginx</body></html>"""


@pytest.mark.parametrize(
    ("body", "type_", "message"),
    [
        (b'{"error":{"message":"model not found","code":404}}', "404", "model not found"),
        (b'{"error":"unauthorized"}', "", "unauthorized"),
        (b'{"error":"invalid_grant","error_description":"expired"}', "", "expired"),
        (b'{"detail":"Not Found"}', "", "Not Found"),
        (b'{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]}', "", "Field required"),
        (b'{"message":"no Route matched with those values"}', "", "no Route matched with those values"),
        (b'{"message":{"error":{"type":"api_error","message":"inner"}}}', "", "inner"),
        (b'{"type":"error"}', "error", ""),
        (b'data: {"error":{"message":"in a frame"}}', "", "in a frame"),
        (PAGE, "", "502 Bad Gateway"),
        (b"<html><body><h1>413 Too\nlarge</h1>", "", "413 Too large"),
        (b"<html><style>a{}</style><p>no title", "", "no title"),
        (b"upstream connect error\nreset", "", "upstream connect error reset"),
        (b"[]", "", ""),
        (b"", "", ""),
        (b"\xff\xfe", "", "\ufffd\ufffd"),
    ],
)
def test_an_error_is_read_from_any_body(body, type_, message):
    assert read_error(body) == (type_, message)


@pytest.mark.parametrize("error", API_ERRORS, ids=lambda error: error.type)
def test_the_apis_own_errors_are_read(error):
    import json

    body = json.dumps(error_payload(error.type)).encode()
    assert str(read_error(body)) == f"{read_error(body).type}: {read_error(body).message}"
    assert read_error(body).type == error.type


@given(
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: b"<" + text.encode("utf-8", "replace"))
)
def test_any_bytes_give_one_short_line(body):
    text = str(read_error(body))
    assert len(text) <= 1010
    assert "\n" not in text


def test_a_long_body_is_cut_and_deep_json_ends():
    assert len(read_error(b"x" * 100_000).message) == 500
    assert read_error(b'{"error":' * 100 + b"1" + b"}" * 100) == ("", "")
