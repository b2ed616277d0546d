"""A tar archive reads as the folder did that it was made of, and nothing of it is written to a disk."""

from __future__ import annotations

import os
import random
import tarfile

import pytest
from archive_files import PACKED, archive, typed

from inspector.errors import RecordingError
from inspector.storage import Unread, listed, opened, read, recording_names, without_recordings

TREE = (("./b.jsonl", b"b"), ("run/a.sse.gz", b"a"), ("run/x.json", b"{}"), ("run/10.jsonl", b""))


@pytest.fixture
def put(tmp_path):
    """Write an archive, and return its path."""

    def write(data, name="x.tar"):
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


def members(path):
    """The members of an archive, as their names below it and their bytes; and what is said of the rest."""
    good, bad = [], []
    for each in read(listed(path)):
        name = each.name.removeprefix(path).removeprefix("/")
        if isinstance(each, Unread):
            bad.append((name, each.message))
        else:
            good.append((name, each.file.read()))
    return good, bad


@pytest.mark.parametrize("ending", PACKED)
def test_the_members_come_in_their_order_however_it_is_compressed(put, ending):
    path = put(PACKED[ending](archive(*TREE)), f"x{ending}")
    plain = [(name.removeprefix("./"), data) for name, data in TREE]
    assert members(path) == (plain, [])
    for name, data in reversed(plain):
        with opened(f"{path}/{name}") as file:
            assert file.read() == data


def test_a_member_has_its_size_and_time_and_says_whether_it_is_sure(put):
    header = tarfile.TarInfo("a.jsonl")
    header.mtime = 7
    first, second = read(listed(put(archive((header, b"abc"), ("b.json", b"")))))
    assert (first.size, first.modified, first.sure) == (3, 7.0, True)
    assert (second.size, second.modified, second.sure) == (0, 0.0, False)


@pytest.mark.parametrize("time", ["nan", "inf", "-1", "1e300"])
def test_an_impossible_time_is_unknown(put, time):
    header = tarfile.TarInfo("a.jsonl")
    header.pax_headers = {"mtime": time}
    [member] = read(listed(put(archive((header, b"")))))
    assert member.modified is None


def test_hidden_members_and_what_is_something_else_are_passed_over(put):
    hidden = [(".a.jsonl", b""), (".git/b.jsonl", b""), ("a/._b.jsonl", b""), ("a.png", b""), ("README", b"")]
    assert members(put(archive(*hidden, ("c.jsonl", b"c")))) == ([("c.jsonl", b"c")], [])


KINDS = {
    "symbolic link": typed("a.jsonl", tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": typed("a.jsonl", tarfile.LNKTYPE, "c.jsonl"),
    "device": typed("a.jsonl", tarfile.CHRTYPE),
    "pipe": typed("a.jsonl", tarfile.FIFOTYPE),
    "folder": typed("a.jsonl", tarfile.DIRTYPE),
}


@pytest.mark.parametrize("header", KINDS.values(), ids=KINDS)
def test_what_is_no_file_is_passed_over(put, header):
    assert members(put(archive((header, None), ("c.jsonl", b"c")))) == ([("c.jsonl", b"c")], [])


@pytest.mark.parametrize(
    "name, below",
    [
        ("/etc/a.jsonl", "etc/a.jsonl"),
        ("../../a.jsonl", "../../a.jsonl"),
        ("a b\nc\x1b[2J.jsonl", "a b\nc\x1b[2J.jsonl"),
        ("日本/ü.jsonl", "日本/ü.jsonl"),
        ("x" * 300 + ".jsonl", "x" * 300 + ".jsonl"),
        ("\udcff.jsonl", "\udcff.jsonl"),
    ],
)
@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
def test_any_name_is_a_label_that_opens_the_member_and_no_other_file(put, name, below, kind):
    path = put(archive((name, b"inside"), kind=kind))
    assert members(path) == ([(below, b"inside")], [])
    with opened(f"{path}/{below}") as file:
        assert file.read() == b"inside"


def test_a_name_that_stands_twice_is_read_twice(put):
    path = put(archive(("a.jsonl", b"old"), ("b.jsonl", b"b"), ("a.jsonl", b"new")))
    assert [data for _, data in members(path)[0]] == [b"old", b"b", b"new"]
    texts = []
    for name, _ in (each for source in listed(path) for each in recording_names(source)):
        with opened(name) as file:
            texts.append(file.read())
    assert texts == [b"old", b"b", b"new"]


def test_archives_in_archives_and_sparse_files_are_refused_and_the_rest_is_read(put):
    sparse = tarfile.TarInfo("s.jsonl")
    sparse.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "0,1"}
    sparse.pax_headers |= {"GNU.sparse.size": "999999999999", "GNU.sparse.numblocks": "1"}
    data = archive(("a.tar", archive()), (sparse, b"x"), ("b.jsonl", b"b"))
    assert members(put(data)) == (
        [("b.jsonl", b"b")],
        [
            ("a.tar", "an archive in an archive is not read: unpack the outer one first"),
            ("s.jsonl", "a sparse file in an archive is not read"),
        ],
    )


BROKEN = {
    "in a member": (archive(("a.jsonl", b"a"), ("b.jsonl", b"b" * 5000))[:4000], ["a.jsonl", "b.jsonl"]),
    "in a header": (archive(("a.jsonl", b"a"), ("b.jsonl", b"b"))[:1200], ["a.jsonl"]),
    "between members": (archive(("a.jsonl", b"a"), ("b.jsonl", b"b"))[:1024], ["a.jsonl"]),
}


@pytest.mark.parametrize("ending", PACKED)
@pytest.mark.parametrize("data, names", BROKEN.values(), ids=BROKEN)
def test_an_archive_that_breaks_off_is_read_up_to_there_and_says_so_once(put, data, names, ending):
    path, read_names, errors = put(PACKED[ending](data), f"x{ending}"), [], []
    for each in read(listed(path)):
        if isinstance(each, Unread):
            errors.append(str(each.error()))
            continue
        read_names.append(each.name.removeprefix(f"{path}/"))
        try:
            each.file.read()
        except RecordingError as error:
            errors.append(str(error))
    assert read_names == names
    assert errors == [f"{path}: breaks off here; what follows in this archive is not read"]


def text(size):
    return str(random.Random(size).random()).encode() * (size // 20)


DAMAGED = {
    "gzip": (".tar.gz", text),
    "zstd": (".tar.zst", text),
    "noise": (".tar.gz", random.Random(1).randbytes),  # damage to it shows in a checksum at the end
}


@pytest.mark.parametrize("ending, content", DAMAGED.values(), ids=DAMAGED)
@pytest.mark.parametrize("size", [-1, 0])
def test_compressed_data_that_is_damaged_says_so_once(put, ending, content, size):
    data = bytearray(PACKED[ending](archive(*[(f"{n}.jsonl", content(20_000 + n)) for n in range(9)])))
    half = len(data) // 2
    data[half : half + 30] = bytes(30)
    errors = []
    for each in read(listed(put(data, f"x{ending}"))):
        try:
            if isinstance(each, Unread):
                raise each.error()
            each.file.read(size)
        except RecordingError as error:
            errors.append(str(error))
    assert len(errors) == 1
    assert f"x{ending}: the {'gzip' if ending == '.tar.gz' else 'zstd'} data is damaged" in errors[0]


def test_an_archive_whose_compressed_data_has_no_end_says_so(put):
    good, [(_, message)] = members(put(PACKED[".tar.gz"](archive(("a.jsonl", b"a")))[:-4], "x.tar.gz"))
    assert (good, message) == (
        [("a.jsonl", b"a")],
        "breaks off here; what follows in this archive is not read",
    )


def test_a_header_that_is_damaged_says_where(put):
    data = bytearray(archive(("a.jsonl", b"a"), ("b.jsonl", b"b")))
    data[1024 + 150] ^= 1
    good, [(_, message)] = members(put(data))
    assert good == [("a.jsonl", b"a")]
    assert message.startswith("is damaged 1024 bytes behind its beginning: ")


NO_ARCHIVES = [b"", b"x", b"{}\n" * 500, PACKED[".tar.gz"](b"x" * 2000), PACKED[".tar.zst"](b"")]


@pytest.mark.parametrize("data", NO_ARCHIVES, ids=["empty", "short", "text", "gzip", "empty zstd"])
def test_what_is_no_archive_is_said_to_be_none(put, data):
    good, [(_, message)] = members(put(data))
    assert good == []
    assert message.startswith("is no tar archive")


def huge(kind, size):
    """The header of an extension that says it is as long as this."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = kind, size
    return header.tobuf(tarfile.GNU_FORMAT) + b"x" * 100_000


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_of_gigabytes_is_not_read(put, kind):
    good, [(_, message)] = members(put(archive(("a.jsonl", b"a"))[:1024] + huge(kind, 1 << 33)))
    assert good == [("a.jsonl", b"a")]
    assert "a header of more than 1 MiB" in message


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_headers_without_end_are_no_recursion(put, kind):
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, 0
    _, [(_, message)] = members(put(archive(("a.jsonl", b"a"))[:1024] + header.tobuf() * 3000))
    assert "damaged" in message


def test_a_size_below_zero_does_not_lead_back(put):
    header = tarfile.TarInfo("b.jsonl")
    header.size = -1024
    good, bad = members(put(archive(("a.jsonl", b"a"))[:1024] + header.tobuf(tarfile.GNU_FORMAT)))
    assert good[0] == ("a.jsonl", b"a")
    assert "damaged" in bad[-1][1]


def test_a_member_that_is_not_there_is_said_so(put):
    path = put(archive(("a.jsonl", b"a")))
    with (
        pytest.raises(RecordingError, match=r"x\.tar/b\.jsonl: this archive has no such member"),
        opened(f"{path}/b.jsonl"),
    ):
        pass
    with pytest.raises(RecordingError, match="this is an archive; name a recording in it"), opened(path):
        pass


def test_an_archive_that_changed_is_opened_again(put):
    path = put(archive(("a.jsonl", b"a"), ("b.jsonl", b"b")))
    with opened(f"{path}/a.jsonl"):
        pass
    os.utime(put(archive(("c.jsonl", b"c"))), (1, 1))
    with opened(f"{path}/c.jsonl") as file:
        assert file.read() == b"c"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_the_archive_again(put):
    path = put(archive(*[(f"{n}.jsonl", b"%d" % n * 100_000) for n in range(5)]))
    with opened(f"{path}/0.jsonl"):
        pass
    child = os.fork()
    if child == 0:
        with opened(f"{path}/4.jsonl") as file:
            os._exit(file.read() != b"4" * 100_000)
    assert os.waitpid(child, 0)[1] == 0
    with opened(f"{path}/1.jsonl") as file:
        assert file.read() == b"1" * 100_000


def test_an_archive_without_recordings_says_what_it_holds(put):
    path = put(archive(("a.png", b""), ("b/c.json", b""), (".d", b"")))
    message = "no recordings in this archive: it holds 2 other files: 1 .png, 1 .json"
    assert message in str(without_recordings(path))


@pytest.mark.parametrize("name", ["folder.tar/a.jsonl", "folder.tar/b.tar/c.jsonl"])
def test_a_folder_that_is_named_like_an_archive_is_a_folder(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    with opened(path) as file:
        assert file.read() == b"x"
    assert [each.name for each in listed(path.parent)] == [str(path)]


def headers_read(monkeypatch, path, count):
    """Count the headers that are read when all members are opened in their order."""
    calls = []
    original = tarfile.TarInfo.fromtarfile.__func__
    monkeypatch.setattr(
        tarfile.TarInfo, "fromtarfile", classmethod(lambda *args: calls.append(1) or original(*args))
    )
    for number in range(count):
        with opened(f"{path}/{number}.jsonl") as file:
            file.read(1)
    return len(calls)


def test_members_that_are_opened_in_their_order_are_read_in_one_pass(put, monkeypatch):
    path = put(archive(*[(f"{n}.jsonl", b"x" * n) for n in range(300)]))
    assert headers_read(monkeypatch, path, 300) == 300
