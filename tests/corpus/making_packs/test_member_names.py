"""A member's name below what a user named."""

from __future__ import annotations

import io

import pytest

from inspector.corpus.making_packs.member_names import name_in_pack
from inspector.storage import Member, Source


@pytest.mark.parametrize(
    ("argument", "name", "below", "whole"),
    [
        ("captures", "captures/runs/1.jsonl", "runs/1.jsonl", "captures/runs/1.jsonl"),
        ("captures/", "captures/runs/1.jsonl", "runs/1.jsonl", "captures/runs/1.jsonl"),
        ("/data/c", "/data/c/1.jsonl", "1.jsonl", "data/c/1.jsonl"),
        ("../c", "../c/1.jsonl", "1.jsonl", "c/1.jsonl"),
        (".", "./runs/1.jsonl", "runs/1.jsonl", "runs/1.jsonl"),
        ("a/x.jsonl", "a/x.jsonl", "x.jsonl", "a/x.jsonl"),
        ("a/*/x-*.jsonl", "a/b/x-1.jsonl", "b/x-1.jsonl", "a/b/x-1.jsonl"),
        ("*.jsonl", "x.jsonl", "x.jsonl", "x.jsonl"),
        ("s3://bucket/2026", "s3://bucket/2026/1.jsonl", "1.jsonl", "bucket/2026/1.jsonl"),
        ("c.tar", "c.tar/../../etc/x.jsonl", "etc/x.jsonl", "c.tar/etc/x.jsonl"),
    ],
)
def test_one_argument_is_left_out_and_several_are_not(argument, name, below, whole):
    member = Member(Source(name), io.BytesIO(), name=name)
    assert name_in_pack(member, argument) == below
    assert name_in_pack(member, None) == whole


@pytest.mark.parametrize("argument", ["packs", None])
def test_what_is_in_a_pack_keeps_its_name(argument):
    pack = "packs/pack-00001.jsonl.zst"
    member = Member(Source(pack, frames=(0, 1)), io.BytesIO(), name=f"{pack}/runs/1.jsonl")
    assert name_in_pack(member, argument) == "runs/1.jsonl"
