"""What makes no sense is refused before anything is sent: in Python as on the command line."""

from __future__ import annotations

import pytest

import inspector

URL = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    "options",
    [
        {"jobs": 0},
        {"jobs": 1.5},
        {"repeat": 0},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"silence": float("inf")},
        {"patience": -1},
        {"only": ""},
        {"only": [" , "]},
        {"command": "gateway {upstream}"},
        {"variables": ["NAME"]},
        {"behind": 70_000},
        {"behind": 1, "behind_protocol": "x"},
        {"behind": 1, "stall": float("nan")},
        {"key": "k\u00e9y"},
        {"headers": {"x": "a\nb"}},
        {"headers": {"transfer-encoding": "chunked"}},
    ],
)
def test_an_option_that_makes_no_sense(options):
    with pytest.raises(inspector.UsageError):
        inspector.probe(URL, **options)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("127.0.0.1:80", "begin with http"),
        ("ftp://x", "begin with http"),
        ("http://", "no valid host"),
        ("http://[::1", "no valid host"),
        ("http://x:0", "the port"),
        ("http://x:port", "the port"),
        ("http://x?", "no query"),
        ("http://x#", "no fragment"),
        ("http://x y", "without blanks"),
        ("http://x\n", "without blanks"),
        ("http://xn--\u00e9..", "not valid"),
    ],
)
def test_a_base_url_that_is_none(url, said):
    with pytest.raises(inspector.UsageError, match=said):
        inspector.probe(url)


def test_a_password_in_a_wrong_url_is_not_repeated():
    with pytest.raises(inspector.UsageError) as caught:
        inspector.probe("http://me:pass/word@x")
    assert "word" not in str(caught.value).replace("password", "")
