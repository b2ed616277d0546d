"""Packs in a bucket: a range of frames, or one source, is a few requests for a part of the object."""

from __future__ import annotations

import random

import pytest
from packed_examples import packs_of

from inspector.storage import listed, opened, read

pytest.importorskip("obstore")

MIB = 1 << 20


def incompressible(number):
    """A source whose text is larger than what a pack of it takes, by a half."""
    return random.Random(number).randbytes(150_000).hex().encode() + b"\n"


@pytest.fixture
def bucket(fake_store, tmp_path):
    """A pack of nine megabytes, and what is in it."""
    texts = {f"runs/{number}.jsonl": incompressible(number) for number in range(60)}
    for path in packs_of(tmp_path / "packs", texts):
        for name in (path.name, f"{path.name}.index"):
            fake_store.objects[f"packs/{name}"] = path.with_name(name).read_bytes()
    assert sum(map(len, fake_store.objects.values())) > 8 * MIB
    return fake_store, texts


def test_a_bucket_of_packs_reads_as_the_folder_did(bucket):
    _, texts = bucket
    pack = "s3://bucket/packs/pack-00001.jsonl.zst"
    members = {member.name: member.file.read() for member in read(listed("s3://bucket/packs/"))}
    assert members == {f"{pack}/{name}": text for name, text in texts.items()}


def test_each_worker_asks_for_its_own_frames(bucket):
    store, texts = bucket
    sources = list(listed("s3://bucket/packs/"))
    assert len(sources) > 3
    store.requests.clear()
    assert [member.file.read() for member in read(sources[2:3])] == [*texts.values()][24:36]
    assert len([request for request in store.requests if request[0] == "GET"]) <= 3


def test_one_source_is_opened_by_its_name(bucket):
    _, texts = bucket
    with opened("s3://bucket/packs/pack-00001.jsonl.zst/runs/41.jsonl") as file:
        assert file.read() == texts["runs/41.jsonl"]
