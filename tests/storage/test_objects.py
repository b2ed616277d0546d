"""Objects of a real S3 server: listed, read many at once, streamed; and the same as AWS's client sees."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import re
import tracemalloc

import pytest
from object_servers import BIG_OBJECT, SMALL_OBJECTS

from inspector.errors import RecordingError
from inspector.storage import Source, Unread, listed, opened, read

pytest.importorskip("obstore")


def names(argument):
    return [source.name for source in listed(argument)]


def reading(*sources):
    """The bytes of each source, or why it cannot be read."""
    return [each.message if isinstance(each, Unread) else each.file.read() for each in read(sources)]


def contents(argument):
    """The bytes behind each name, and the reasons of what cannot be read."""
    return {
        member.name: member.message if isinstance(member, Unread) else member.file.read()
        for member in read(listed(argument))
    }


# A real server


def test_a_bucket_is_listed_in_the_order_of_its_keys(real_store):
    tracemalloc.start()
    assert next(listed("s3://small/")).name == "s3://small/00/00000.jsonl"
    before = tracemalloc.get_traced_memory()[0]
    sources = list(listed("s3://small/"))
    now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most - now < 1_000_000 < now - before  # what is returned, and little else
    expected = [f"s3://small/{n // 1000:02}/{n:05}.jsonl" for n in range(SMALL_OBJECTS)]
    assert [source.name for source in sources] == expected
    assert {source.size for source in sources} == {9, 10, 11, 12}
    assert all(source.sure and source.modified > 1.7e9 for source in sources)


@pytest.mark.parametrize(
    "argument, count",
    [
        ("s3://small/03", 1000),
        ("s3://small/03/", 1000),
        ("s3a://small/03/03141.jsonl", 1),
        ("s3://small/03/0314*", 10),
        ("s3://small/*/*77.jsonl", 100),
        ("s3://small/03/0[3-4]*5?0.jsonl", 10),
        ("s3://small/03/**", 1000),
    ],
)
def test_an_argument_means_one_object_a_folder_or_a_pattern(real_store, argument, count):
    sources = [each for each in listed(argument) if isinstance(each, Source)]
    assert len(sources) == count


def test_boto3_lists_and_reads_the_same(real_store):
    boto3 = pytest.importorskip("boto3")
    client = boto3.client("s3")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="small", Prefix="07/")
    expected = [
        (f"s3://small/{item['Key']}", item["Size"], item["LastModified"].timestamp())
        for page in pages
        for item in page.get("Contents", ())
    ]
    assert [source[:3] for source in listed("s3://small/07/")] == expected
    for name in ("07/07000.jsonl", "07/07999.jsonl"):
        body = client.get_object(Bucket="small", Key=name)["Body"].read()
        assert contents(f"s3://small/{name}") == {f"s3://small/{name}": body}


def test_many_small_objects_are_read_in_their_order(real_store):
    sources = itertools.islice(listed("s3://small/"), 700)
    assert reading(*sources) == [b"object %d\n" % number for number in range(700)]


def test_a_big_object_streams_and_seeks(real_store):
    tracemalloc.start()
    with opened("s3://big/a.jsonl") as file:
        total = 0
        while piece := file.read(65536):
            total += len(piece)
        assert total == BIG_OBJECT
        assert file.seek(16_000_000) == 16_000_000
        assert file.read(16) == b"a%014d\n" % 16_000_000
        file.seek(-1_000_000, os.SEEK_END)
        assert file.read(16) == b"a%014d\n" % (BIG_OBJECT - 1_000_000)
        file.seek(BIG_OBJECT + 5)
        assert file.read() == b""
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_big_and_small_objects_come_in_their_order(real_store):
    sources = [
        *listed("s3://small/00/0000[0-2].jsonl"),
        *listed("s3://big/"),
        *listed("s3://small/00/00009.jsonl"),
    ]
    sizes = [len(member.file.read()) for member in read(sources)]
    assert sizes == [9, 9, 9, BIG_OBJECT, BIG_OBJECT, 9]


# What goes wrong, in one line each


@pytest.mark.parametrize(
    "argument, message",
    [
        ("s3://nothing/", r"cannot be listed: there is no such bucket"),
        ("s3://nothing/a.jsonl", r"cannot be listed: there is no such bucket"),
        ("s3://small/none", r"there is no such object, and none below it"),
        ("s3://small/none/*.jsonl", r"no object matches this pattern"),
        ("ftp://host/a", r"a URL of this kind cannot be read; known are s3://"),
        ("s3:///a", r"no bucket: write s3://BUCKET/KEY"),
    ],
)
def test_what_means_nothing_is_one_error(real_store, argument, message):
    (error,) = listed(argument)
    assert isinstance(error, RecordingError)
    assert str(error).startswith(f"{argument}: ")
    assert "\n" not in str(error) and re.search(message, str(error))


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("AWS_SECRET_ACCESS_KEY", "wrong", r"access is denied \(HTTP 403, SignatureDoesNotMatch: .*\)"),
        ("AWS_ACCESS_KEY_ID", "nobody", r"access is denied \(HTTP 403, InvalidAccessKeyId: .*\)"),
    ],
)
def test_wrong_credentials_are_one_error(real_store, monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    (error,) = listed("s3://small/")
    assert isinstance(error, RecordingError)
    assert re.search(message, str(error))


def test_without_credentials_the_error_says_that_the_request_was_anonymous(real_store, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (error,) = listed("s3://small/")
    assert "the request was anonymous" in str(error)


def test_an_object_that_vanished_is_unread_and_the_rest_goes_on(real_store):
    first, third = (Source(f"s3://small/00/0000{number}.jsonl", 9) for number in (1, 3))
    gone, big_and_gone = Source("s3://small/00/gone.jsonl", 10), Source("s3://small/gone", BIG_OBJECT)
    data = reading(first, gone, big_and_gone, third)
    assert (data[0], data[3]) == (b"object 1\n", b"object 3\n")
    assert all(text.startswith("there is no such object") for text in data[1:3])


# Forks


def test_a_child_forked_before_the_first_object_reads(real_store):
    code = (
        "import os, sys\n"
        "from inspector.storage import listed\n"
        "if os.fork() == 0:\n"
        "    print(len(list(listed('s3://small/00/'))), flush=True); os._exit(0)\n"
        "os.wait()\n"
    )
    assert run_python(code) == "1000\n"


def test_a_child_forked_after_it_is_refused_and_does_not_hang(real_store):
    code = (
        "import os, sys\n"
        "from inspector.storage import listed\n"
        "list(listed('s3://small/00/'))\n"
        "if os.fork() == 0:\n"
        "    print(*listed('s3://small/00/'), flush=True); os._exit(0)\n"
        "os.wait()\n"
    )
    assert "cannot be read in a process that was forked" in run_python(code)


def run_python(code):
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout


def test_a_spawned_process_reads(real_store):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(names, ["s3://small/00/00007.jsonl"]) == ["s3://small/00/00007.jsonl"]
