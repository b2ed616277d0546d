"""Keys that are no paths: every one is listed and read as it is, as AWS's own client does it."""

from __future__ import annotations

import gc
import sys

import pytest

from inspector.errors import RecordingError
from inspector.storage import Source, Unread, listed, object_clients, opened, read
from inspector.storage.exact_keys import obstore_can_name

PLAIN = [
    *(
        "a b.jsonl",
        "ü/ñ☃.jsonl",
        "p%20%.jsonl",
        "plus+&=?#.jsonl",
        "back\\slash.jsonl",
        "~.jsonl",
        "<&>.jsonl",
    ),
    *("x%2Fy/a.jsonl", "q\"uo'te.jsonl", "$(rm)`.jsonl", "in [1]/*.jsonl", "\u202ertl.jsonl"),
]
ODD = [
    *("new\nline.jsonl", "cr\rx.jsonl", "tab\t.jsonl", "esc\x1b[2J.jsonl", "del\x7f.jsonl", "d//e.jsonl"),
    *("/lead.jsonl", "//two.jsonl", "x/../y.jsonl", "./dot.jsonl", "../up.jsonl", "m/./n.jsonl"),
]
MARKERS = ["folder/", "named.jsonl/", "named.jsonl/a.jsonl", "folder/b.jsonl"]


def contents(argument):
    return {member.name: member.file.read() for member in read(listed(argument))}


@pytest.mark.parametrize("key", PLAIN)
def test_obstore_names_a_key_as_it_is(fake_store, key):
    fake_store.objects = {key: b"abc"}
    assert obstore_can_name(key)
    assert contents("s3://bucket/") == contents(f"s3://bucket/{key}") == {f"s3://bucket/{key}": b"abc"}
    with opened(f"s3://bucket/{key}") as file:
        assert file.read() == b"abc"


@pytest.mark.parametrize("key", ODD)
def test_aws_own_client_names_the_keys_that_obstore_cannot(fake_store, key):
    pytest.importorskip("boto3")
    fake_store.objects = {key: b"abc"}
    assert not obstore_can_name(key)
    with opened(f"s3://bucket/{key}") as file:
        assert file.read() == b"abc"
    (source,) = listed(f"s3://bucket/{key}")
    assert source[:2] == (f"s3://bucket/{key}", 3)


def test_a_bucket_with_all_of_them_is_listed_as_aws_own_client_lists_it(fake_store):
    boto3 = pytest.importorskip("boto3")
    fake_store.page = 3
    fake_store.objects = {key: key.encode() for key in [*PLAIN, *ODD]} | dict.fromkeys(MARKERS[:2], b"")
    fake_store.objects |= {key: key.encode() for key in MARKERS[2:]}
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="bucket")
    keys = [item["Key"] for page in pages for item in page["Contents"] if not item["Key"].endswith("/")]
    assert len(keys) == len(PLAIN) + len(ODD) + 2
    assert contents("s3://bucket/") == {f"s3://bucket/{key}": key.encode() for key in keys}


def test_the_empty_objects_that_stand_for_folders_are_no_sources(fake_store):
    fake_store.objects = {"empty.jsonl": b"", "z.jsonl": b""} | dict.fromkeys(MARKERS, b"")
    names = ["s3://bucket/empty.jsonl", "s3://bucket/folder/b.jsonl", "s3://bucket/named.jsonl/a.jsonl"]
    assert list(contents("s3://bucket/")) == [*names, "s3://bucket/z.jsonl"]


def test_without_boto3_such_a_key_is_one_line_and_what_came_before_is_read(fake_store, monkeypatch):
    fake_store.page = 50
    plain = [f"{number:02}.jsonl" for number in range(50)]
    fake_store.objects = dict.fromkeys([*plain, "c//d.jsonl", "e.jsonl"], b"1")
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.setattr(object_clients, "_aws_clients", {})
    found = list(listed("s3://bucket/"))
    names = [source.name for source in found if isinstance(source, Source)]
    assert names == [f"s3://bucket/{key}" for key in plain]
    (error,) = [each for each in found if isinstance(each, RecordingError)]
    assert "obstore cannot name a key here" in str(error) and "pip install boto3" in str(error)
    (unread,) = read([Source("s3://bucket/c//d.jsonl", 1)])
    assert isinstance(unread, Unread) and "pip install boto3" in unread.message


def test_what_goes_wrong_in_it_is_one_line_without_urls(fake_store):
    pytest.importorskip("boto3")
    (unread,) = read([Source("s3://bucket/none//a.jsonl", 1)])
    assert isinstance(unread, Unread) and unread.message == "the store failed: NoSuchKey: no"
    gc.collect()  # no file is left half made: its end would be an error that later Pythons report
    (error,) = listed("gs://bucket/a//b.jsonl")
    assert "obstore cannot name a key here" in str(error) and "rename the object" in str(error)
