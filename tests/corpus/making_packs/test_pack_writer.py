"""Packs are whole or not there, cut between sources, and plain zstd for everybody else."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tracemalloc
from shutil import which

import pytest
import zstandard
from packed_examples import HEAD, Lines, packs_of, text_of
from zstd_library import zstd

from inspector import RecordingError
from inspector.corpus.making_packs.pack_writer import PackWriter
from inspector.formats import recordings

MIB = 1 << 20


def lines_of(pack):
    return [json.loads(line) for line in pack.with_name(pack.name + ".index").read_bytes().splitlines()]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_index_says_where_each_source_stands(tmp_path):
    texts = {f"{number}.jsonl": text_of(number, 30_000) for number in range(100)}
    (pack,) = packs_of(tmp_path, texts)
    header, *lines = lines_of(pack)
    assert (header["pack"], header["sources"], header["recordings"]) == (1, 100, 100)
    assert header["size"] == pack.stat().st_size
    frames, sources = lines[: header["frames"]], lines[header["frames"] :]
    data = pack.read_bytes()
    for source in sources:
        frame = frames[source["frame"]]
        text = zstd.decompress(data[frame["start"] : frame["start"] + frame["size"]])
        assert len(text) == frame["text"] <= MIB
        own = text[source["at"] : source["at"] + source["bytes"]]
        assert own == texts[source["name"]]
        assert source["sha256"] == hashlib.sha256(own).hexdigest()


def test_equal_sources_make_equal_packs(tmp_path):
    texts = {f"{number}.jsonl": text_of(number) for number in range(50)}
    (one,), (other,) = packs_of(tmp_path / "one", texts), packs_of(tmp_path / "other", texts)
    assert one.read_bytes() == other.read_bytes()
    assert lines_of(one) == lines_of(other)


def test_other_programs_decompress_a_pack_to_a_session(tmp_path):
    texts = {f"{number}.jsonl": text_of(number, 30_000) for number in range(100)}
    (pack,) = packs_of(tmp_path, texts)
    whole = b"".join(texts.values())
    with pack.open("rb") as file:
        assert zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read() == whole
    with pack.open("rb") as file:
        assert sum(1 for _ in recordings(file, pack.name)) == 100


@pytest.mark.skipif(not which("zstd"), reason="zstd is not installed")
def test_the_program_zstd_tests_and_decompresses_a_pack(tmp_path):
    (pack,) = packs_of(tmp_path, {"a.jsonl": text_of(1), "b.jsonl": text_of(2, 3 * MIB)})
    text = subprocess.run(["zstd", "-dc", pack], capture_output=True, check=True).stdout
    assert text == text_of(1) + text_of(2, 3 * MIB)


def test_a_source_without_a_last_line_end_keeps_its_bytes_and_the_next_begins_on_its_own_line(tmp_path):
    torn = text_of(1)[:-20]
    (pack,) = packs_of(tmp_path, {"torn.jsonl": torn, "next.jsonl": text_of(2)})
    assert zstd.decompress(pack.read_bytes()) == torn + b"\n" + text_of(2)
    with pack.open("rb") as file:
        assert [each.end is None for each in recordings(file, pack.name)] == [True, False]


def test_a_pack_ends_when_it_is_large_enough(tmp_path):
    texts = {f"{number}.jsonl": text_of(number, 500_000) for number in range(6)}
    packs = packs_of(tmp_path, texts, pack_size=1)
    assert [pack.name for pack in packs] == [f"pack-0000{number}.jsonl.zst" for number in (1, 2, 3)]
    assert [line["name"] for pack in packs for line in lines_of(pack)[2:]] == list(texts)


def test_names_in_a_pack_are_unique(tmp_path):
    with PackWriter(tmp_path) as writer:
        for name in ("a.jsonl", "a.jsonl", "b/c", "a-2.jsonl", "b/c"):
            writer.add(name, Lines(text_of(1)))
    (pack,) = tmp_path.glob("*.zst")
    assert [line["name"] for line in lines_of(pack)[2:]] == [
        "a.jsonl", "a-2.jsonl", "b/c", "a-2-2.jsonl", "b/c-2",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [100, 3 * MIB])
def test_nothing_is_written_of_a_source_that_breaks_off(tmp_path, size):
    broken = RecordingError("broken", path="b.jsonl")
    with PackWriter(tmp_path) as writer:
        writer.add("a.jsonl", Lines(text_of(1)))
        with pytest.raises(RecordingError) as caught:
            writer.add("b.jsonl", Lines(HEAD, *[b"x" * 1000] * (size // 1000), error=broken))
        writer.add("c.jsonl", Lines(text_of(3)))
    assert caught.value is broken
    (pack,) = tmp_path.glob("*.zst")
    data = pack.read_bytes()
    assert zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read() == (
        text_of(1) + text_of(3)
    )
    assert writer.sources == 2


def test_without_a_source_there_is_no_pack(tmp_path):
    with PackWriter(tmp_path) as writer:
        for size in (10, 3 * MIB):
            with pytest.raises(RecordingError):
                writer.add("b.jsonl", Lines(b"x" * size, error=RecordingError("broken")))
    assert (names(tmp_path), writer.packs, writer.size) == ([], 0, 0)


def test_an_interruption_leaves_whole_packs_only(tmp_path):
    with pytest.raises(KeyboardInterrupt), PackWriter(tmp_path, pack_size=1) as writer:
        for number in range(3):
            writer.add(f"{number}.jsonl", Lines(text_of(number, 700_000)))
        raise KeyboardInterrupt
    assert names(tmp_path) == [
        "pack-00001.jsonl.zst", "pack-00001.jsonl.zst.index",
        "pack-00002.jsonl.zst", "pack-00002.jsonl.zst.index",
    ]  # fmt: skip


def test_what_cannot_be_written_is_said(tmp_path):
    with (
        pytest.raises(RecordingError, match="cannot be written: No such file"),
        PackWriter(tmp_path / "no") as writer,
    ):
        writer.add("a.jsonl", Lines(text_of(1)))


def test_a_large_source_is_written_in_bounded_memory(tmp_path):
    piece = b"x" * 65536
    tracemalloc.start()
    with PackWriter(tmp_path) as writer:
        writer.add("big.jsonl", Lines(*[piece] * 1600))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MIB
