"""Base URLs as users give them."""

from __future__ import annotations

import click
import pytest

from inspector.cli._base_url import check_base_url, is_own_address


@pytest.mark.parametrize("url", [None, "", "http://h", "https://user:p%40ss@h:1/team/"])
def test_a_base_url_has_a_scheme_and_a_host(url):
    check_base_url(url)


@pytest.mark.parametrize(
    "url", ["h:1", "ftp://h", "http://", "http://h:0", "http://h:x", "http://u:se/cret@h"]
)
def test_what_is_no_base_url_is_refused_without_repeating_it(url):
    with pytest.raises(click.UsageError, match="the base URL must be like https://host:port/path") as caught:
        check_base_url(url)
    assert "cret" not in caught.value.message


@pytest.mark.parametrize(
    "url, host, port, own",
    [
        ("http://127.0.0.1:8485", "127.0.0.1", 8485, True),
        ("http://localhost:8485/team", "127.0.0.1", 8485, True),
        ("http://[::1]:8485", "0.0.0.0", 8485, True),
        ("http://box.internal:8485", "Box.Internal", 8485, True),
        ("http://localhost", "127.0.0.1", 80, True),
        ("http://127.0.0.1:8484", "127.0.0.1", 8485, False),
        ("https://api.anthropic.com", "127.0.0.1", 443, False),
        ("http://127.0.0.1:8485", "127.0.0.1", 0, False),
    ],
)
def test_an_own_address_is_seen_by_any_of_its_names(url, host, port, own):
    assert is_own_address(url, host, port) is own
