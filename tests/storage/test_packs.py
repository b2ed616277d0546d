"""A pack reads as the folder that it was made of, whole or damaged, and as one file without its index."""

from __future__ import annotations

import contextlib
import json
import os
import random

import pytest
from packed_examples import packs_of, text_of
from zstd_library import zstd

from inspector import RecordingError
from inspector.storage import Member, Source, Unread, listed, local_files, opened, packs, read
from inspector.storage.pack_index import PackIndex

MIB = 1 << 20
NAMES = {f"runs/{number}.jsonl": text_of(number, 40_000) for number in range(200)}
"""About 8 MB: eight frames."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A pack that no test changes."""
    return packs_of(tmp_path_factory.mktemp("made") / "packs", NAMES)[0]


@pytest.fixture
def pack(made, tmp_path):
    """A pack that a test may damage."""
    for name in (made.name, made.name + ".index"):
        (tmp_path / name).write_bytes((made.parent / name).read_bytes())
    return tmp_path / made.name


def index_of(pack):
    return pack.with_name(pack.name + ".index")


def contents(argument):
    """What an argument means: the bytes of each member by its name below the pack, and what is wrong."""
    sources = list(listed(str(argument)))
    errors = [each for each in sources if isinstance(each, RecordingError)]
    texts = {}
    for member in read(each for each in sources if isinstance(each, Source)):
        if isinstance(member, Unread):
            errors.append(member.error())
            continue
        name = member.name.partition(".jsonl.zst/")[2]
        try:
            texts[name] = member.file.read()
        except RecordingError as error:
            errors.append(error)
    return texts, errors


def lost(errors):
    return {str(error).partition(".jsonl.zst/")[2].partition(":")[0] for error in errors}


# A whole pack


def test_a_pack_has_the_sources_that_were_packed_in_their_order(made):
    texts, errors = contents(made)
    assert (list(texts), errors) == (list(NAMES), [])
    assert texts == NAMES


def test_a_folder_of_packs_is_listed_as_ranges_of_frames_and_without_indexes(tmp_path):
    packs_of(tmp_path / "packs", NAMES, pack_size=1)
    sources = list(listed(str(tmp_path / "packs")))
    assert len({source.name for source in sources}) == 8
    assert all(source.frames for source in sources)
    assert contents(tmp_path / "packs") == (NAMES, [])


@pytest.mark.parametrize("pattern", ["*.zst", "pack*", "**/*.jsonl.zst"])
def test_a_pattern_that_leaves_out_the_index_means_the_pack_all_the_same(made, pattern):
    assert contents(made.parent / pattern) == (NAMES, [])


def test_the_frames_of_one_pack_are_shared_out(made):
    sources = list(listed(str(made)))
    assert [source.frames for source in sources] == [(0, 4), (4, 8)]
    names = [[member.name for member in read([source])] for source in sources]
    assert [*names[0], *names[1]] == [f"{made}/{name}" for name in NAMES]
    assert min(map(len, names)) > 50


def test_any_source_is_opened_by_its_name_in_any_order(made):
    names = list(NAMES)
    random.Random(1).shuffle(names)
    for name in names:
        with opened(f"{made}/{name}") as file:
            assert file.read() == NAMES[name]


def test_sources_that_stand_in_no_order_are_opened_by_their_names_all_the_same(tmp_path):
    names = list(NAMES)
    random.Random(2).shuffle(names)
    (path,) = packs_of(tmp_path / "packs", {name: NAMES[name] for name in names})
    for name in sorted(names)[:50]:
        with opened(f"{path}/{name}") as file:
            assert file.read() == NAMES[name]


def test_opening_one_source_reads_its_frame_and_the_lines_of_that(tmp_path):
    """Whatever the size of the pack: so a source in a bucket is a few requests for ranges."""
    texts = {f"{number:06}.jsonl": text_of(number, 10) for number in range(30_000)}
    (path,) = packs_of(tmp_path / "packs", texts)
    store = Counting()
    with packs.opened(Source(str(path)), "020000.jsonl", store) as file:
        assert file.read() == texts["020000.jsonl"]
    assert store.read < (path.stat().st_size + index_of(path).stat().st_size) / 2


class Counting:
    """A store that counts the bytes that are read."""

    def __init__(self):
        self.read = 0

    @contextlib.contextmanager
    def opened(self, name):
        with open(name, "rb") as file:  # noqa: PTH123
            yield CountingFile(file, self)


class CountingFile:
    def __init__(self, file, store):
        self._file, self._store = file, store
        self.seek, self.tell = file.seek, file.tell

    def read(self, size=-1):
        return self._counted(self._file.read(size))

    def readline(self, size=-1):
        return self._counted(self._file.readline(size))

    def _counted(self, data):
        self._store.read += len(data)
        return data


def test_one_source_is_opened_without_reading_the_others(made, tmp_path):
    broken = bytearray(made.read_bytes())
    frames = frames_of(made)
    broken[: frames[5].start] = bytes(frames[5].start)
    pack = tmp_path / made.name
    pack.write_bytes(broken)
    index_of(pack).write_bytes(index_of(made).read_bytes())
    with opened(f"{pack}/runs/140.jsonl") as file:
        assert file.read() == NAMES["runs/140.jsonl"]


def test_digests_are_those_of_the_index(made):
    sources = [json.loads(line) for line in index_of(made).read_bytes().splitlines()[9:]]
    members = read(listed(str(made)), digests=True)
    assert [member.digest() for member in members] == [source["sha256"] for source in sources]


def test_a_source_that_is_not_there_is_named(made):
    with pytest.raises(RecordingError, match=r"runs/999\.jsonl: the pack has no source of this name"):
        opened(f"{made}/runs/999.jsonl").__enter__()


def test_a_large_source_has_a_frame_of_its_own_and_streams(tmp_path):
    texts = {"a.jsonl": text_of(1), "big.jsonl": text_of(2, 20 * MIB), "z.jsonl": text_of(3)}
    (path,) = packs_of(tmp_path / "packs", texts)
    assert contents(path) == (texts, [])
    assert [frame.sources for frame in frames_of(path)] == [1, 1, 1]
    with opened(f"{path}/big.jsonl") as file:
        assert file.read(100) == texts["big.jsonl"][:100]


@pytest.mark.parametrize(
    "name", ["a b.jsonl", "a\nb.jsonl", "日本語.jsonl", 'x"\\.jsonl', "bad\udc80.jsonl", "."]
)
def test_names_are_labels(tmp_path, name):
    (path,) = packs_of(tmp_path / "packs", {name: text_of(1)})
    assert contents(path) == ({name: text_of(1)}, [])
    with opened(f"{path}/{name}") as file:
        assert file.read() == text_of(1)


# A pack for others


def test_a_pack_without_its_index_is_an_ordinary_session(pack):
    index_of(pack).unlink()
    (source,) = listed(str(pack))
    assert source.frames is None
    for member in read([source]):
        assert zstd.decompress(member.file.read()) == b"".join(NAMES.values())


def test_a_member_of_a_pack_without_its_index_is_an_error(pack):
    index_of(pack).unlink()
    with pytest.raises(RecordingError, match=r"\.index: cannot be read"):
        opened(f"{pack}/runs/1.jsonl").__enter__()


# Damage


def frames_of(pack):
    return PackIndex(local_files, str(index_of(pack))).frames


def test_a_flipped_byte_loses_no_other_frame_and_nothing_that_is_whole(pack):
    frame = frames_of(pack)[3]
    data = bytearray(pack.read_bytes())
    data[frame.start + frame.size // 2] ^= 0x10
    pack.write_bytes(data)
    texts, errors = contents(pack)
    assert texts | {name: NAMES[name] for name in lost(errors)} == NAMES
    assert not texts.keys() & lost(errors)
    assert 0 < len(errors) <= frame.sources
    assert all("frame 3 of its pack " in str(error) for error in errors)


@pytest.mark.parametrize("part", [0.99, 0.5, 0.2])
def test_a_pack_that_breaks_off_names_each_source_that_is_lost(pack, part):
    pack.write_bytes(pack.read_bytes()[: int(pack.stat().st_size * part)])
    texts, errors = contents(pack)
    assert texts == {name: NAMES[name] for name in NAMES if name not in lost(errors)}
    assert len(texts) + len(errors) == len(NAMES)
    assert len(texts) > (part - 0.13) * len(NAMES)
    assert all("breaks off" in str(error) for error in errors)


@pytest.mark.parametrize("part", [0.9, 0.5, 0.3, 0.001, 0])
def test_a_pack_that_breaks_off_in_its_first_frame_is_read_up_to_there(tmp_path, part):
    random.seed(1)
    names = {
        f"{number}.jsonl": text_of(number) + random.randbytes(8_000).hex().encode() for number in range(49)
    }
    (pack,) = packs_of(tmp_path / "packs", names)
    assert len(frames_of(pack)) == 1
    pack.write_bytes(pack.read_bytes()[: int(pack.stat().st_size * part)])
    texts, errors = contents(pack)
    assert texts | {name: names[name] for name in lost(errors)} == names
    assert len(texts) + len(errors) == len(names)
    # zstd gives back whole blocks, of at most 128 KiB of text.
    assert len(texts) >= (part - 0.2) * len(names)
    assert all("frame 0 of its pack breaks off" in str(error) for error in errors)


@pytest.mark.parametrize("lacking", [1, 4])
def test_a_pack_that_lacks_bytes_of_its_last_checksum_loses_no_source_and_says_so(pack, lacking):
    texts, errors = contents(pack)
    pack.write_bytes(pack.read_bytes()[:-lacking])
    cut, (error,) = contents(pack)
    assert (cut, errors) == (texts, [])
    assert str(error).startswith(f"{pack}: frame ") and "breaks off: the pack ends in it" in str(error)


@pytest.mark.parametrize("size", [600, 20 * MIB], ids=["a frame of many", "a frame that streams"])
def test_the_longer_index_of_another_pack_is_told_from_that_of_a_cut_one(tmp_path, size):
    (cut,) = packs_of(tmp_path / "cut", {"a.jsonl": text_of(1, size), "b.jsonl": text_of(2)})
    (own,) = packs_of(tmp_path / "own", {"z.jsonl": text_of(3)})
    index_of(own).write_bytes(index_of(cut).read_bytes())
    error, source = listed(str(own))
    assert "is not the index of this pack" in str(error)
    assert source.frames is None
    cut.write_bytes(cut.read_bytes()[:100])
    texts, errors = contents(cut)
    assert texts == {}
    assert lost(errors) == {"a.jsonl", "b.jsonl"}


def test_a_broken_line_of_a_frame_loses_nothing_and_is_named(pack):
    lines = index_of(pack).read_bytes().splitlines(keepends=True)
    lines[4] = b"#" * (len(lines[4]) - 1) + b"\n"
    index_of(pack).write_bytes(b"".join(lines))
    texts, errors = contents(pack)
    assert texts == NAMES
    assert [str(error) for error in errors] == [
        f"{index_of(pack)}: line 5 of a pack's index: "
        "this line is broken; its frame is read by those around it"
    ]
    with opened(f"{pack}/runs/90.jsonl") as file:
        assert file.read() == NAMES["runs/90.jsonl"]


def test_the_index_of_another_pack_is_an_error_and_the_pack_is_read_as_one_file(pack, tmp_path):
    (other,) = packs_of(tmp_path / "other", {"a.jsonl": text_of(1), "b.jsonl": text_of(2)})
    index_of(pack).write_bytes(index_of(other).read_bytes())
    error, source = listed(str(pack))
    assert f"is not the index of this pack, which has {pack.stat().st_size} bytes" in str(error)
    assert source.frames is None


def test_an_index_that_does_not_fit_gives_no_wrong_bytes(pack):
    lines = index_of(pack).read_bytes().splitlines(keepends=True)
    one, two = (json.loads(line) for line in lines[9:11])
    one["bytes"], two["at"], two["bytes"] = one["bytes"] - 7, two["at"] - 7, two["bytes"] + 7
    changed = [json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in (one, two)]
    index_of(pack).write_bytes(b"".join([*lines[:9], *changed, *lines[11:]]))
    texts, errors = contents(pack)
    assert texts == {name: text for name, text in NAMES.items() if name not in (one["name"], two["name"])}
    assert all("frame 0 of its pack holds other bytes than the index says" in str(error) for error in errors)


@pytest.mark.parametrize("header", [b"", b"not JSON\n", b"[1]\n", b'{"pack":1}\n', b'{"pack":1,"size":'])
def test_an_index_without_its_header_is_an_error_and_the_pack_is_read_as_one_file(pack, header):
    index_of(pack).write_bytes(header)
    error, source = listed(str(pack))
    assert f"{index_of(pack)}: line 1 of a pack's index: " in str(error)
    assert str(error).endswith(": the pack is read as one file")
    assert source.frames is None


def test_an_index_of_a_newer_version_says_so(pack):
    index_of(pack).write_bytes(b'{"pack":2}\n')
    error, _ = listed(str(pack))
    assert "pack format 2: a newer inspector may read it" in str(error)


def test_a_broken_line_of_an_index_loses_its_source_alone(pack):
    lines = index_of(pack).read_bytes().splitlines(keepends=True)
    lines[12] = b"#" * (len(lines[12]) - 1) + b"\n"
    index_of(pack).write_bytes(b"".join(lines))
    texts, errors = contents(pack)
    assert NAMES.keys() - texts.keys() == {"runs/3.jsonl"}
    assert [str(error) for error in errors] == [
        f"{index_of(pack)}: line 13 of a pack's index: this line is broken, so its source is lost"
    ]


def test_an_index_that_breaks_off_says_how_many_sources_are_missing(pack):
    lines = index_of(pack).read_bytes().splitlines(keepends=True)
    index_of(pack).write_bytes(b"".join(lines[:-5]) + lines[-5][:30])
    texts, errors = contents(pack)
    assert texts == dict(list(NAMES.items())[:-5])
    assert [str(error).partition(": it ")[2] for error in errors] == [
        "breaks off: 5 sources of frame 7 are missing"
    ]


def test_a_pack_that_vanishes_after_the_listing_is_unread(pack):
    sources = list(listed(str(pack)))
    os.remove(pack)  # noqa: PTH107
    assert [type(each) for each in read(sources)] == [Unread] * len(sources)


def test_a_member_is_whole_or_an_error_whatever_byte_is_changed(tmp_path):
    """The law of damage, for every byte of a small pack and of its index."""
    texts = {f"{number}.jsonl": text_of(number, 60) for number in range(3)}
    (pack,) = packs_of(tmp_path / "packs", texts)
    for path in (pack, index_of(pack)):
        whole = path.read_bytes()
        for at in range(0, len(whole), 3):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
            os.utime(pack, ns=(at, at))  # what is kept of an index is for one state of the pack
            for member in read(each for each in listed(str(pack)) if isinstance(each, Source)):
                if isinstance(member, Member) and member.source.frames:
                    assert member.file.read() in texts.values()
        path.write_bytes(whole)
