"""A pattern lists the keys that begin as it does, and no others."""

from __future__ import annotations

import fnmatch
import urllib.parse

import pytest

from inspector.storage import listed

pytest.importorskip("obstore")

KEYS = [f"{folder}/{number:03}.jsonl" for folder in "abc" for number in range(200)]


def listings(store):
    """The queries of the listings that were requested."""
    targets = [urllib.parse.urlsplit(target) for _, target, _ in store.requests]
    return [dict(urllib.parse.parse_qsl(target.query)) for target in targets if "list-type" in target.query]


@pytest.mark.parametrize(
    "pattern, count, pages",
    [
        ("b/10*", 10, 2),  # 10 objects a page: those from `b/1` on, and the page that is past them
        ("b/100.jsonl*", 1, 2),
        ("b/199*", 1, 2),
        ("b/*9.jsonl", 20, 20),
        ("b/2*", 0, 1),
        ("b/1*", 100, 11),
        ("b/0*", 100, 11),
        ("b*", 0, 22),
        ("c/19*", 10, 2),
        ("*/000.jsonl", 3, 60),
    ],
)
def test_a_pattern_costs_the_keys_that_begin_as_it_does(fake_store, pattern, count, pages):
    fake_store.page = 10
    fake_store.objects = dict.fromkeys(KEYS, b"1")
    names = [source.name for source in listed(f"s3://bucket/{pattern}") if hasattr(source, "size")]
    matches = [
        key for key in KEYS if fnmatch.fnmatchcase(key, pattern) and key.count("/") == pattern.count("/")
    ]
    assert names == [f"s3://bucket/{key}" for key in matches] and len(names) == count
    assert len(listings(fake_store)) <= 2 * pages + 1  # the second round, if nothing matched, describes it


def test_buckets_without_an_order_are_listed_whole(fake_store):
    fake_store.objects = {"a2.jsonl": b"1", "b.jsonl": b"1"}
    assert len(list(listed("s3://box--use1-az4--x-s3/a2*"))) == 1
    assert "start-after" not in listings(fake_store)[0]
