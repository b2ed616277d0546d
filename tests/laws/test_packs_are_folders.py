"""`check` says of packs exactly what it says of the folder that they were made of."""

from __future__ import annotations

import contextlib
import io

import pytest
from conftest import CORPUS, ROOT
from zstd_library import zstd

import inspector
from inspector import RecordingError, faults
from inspector.checker.session import session_reports
from inspector.corpus.making_packs.into_packs import Packing, Unpacking
from inspector.corpus.making_packs.pack_writer import PackWriter
from inspector.formats import names_of, opened
from inspector.recording import Reader, dump
from inspector.redact import Redaction
from inspector.storage import listed

RECORDINGS = ROOT / "recordings"
FORMATS = CORPUS.parent / "formats"


def packs_of(folder, packs, pack_size=20_000):
    """Pack a folder, and return the names of what is unreadable."""
    packs.mkdir()
    with PackWriter(packs, pack_size) as writer:
        files = Packing([str(folder)], writer, Redaction())(list(listed(str(folder))))
    assert files.counts.totals.read == writer.sources
    return [each.file for each in files.unreadable]


def without_places(report, *, lines):
    """A report without the name of its file; without lines too, which a conversion changes."""
    places = {"file": ""} if lines else {"file": "", "line": 0}
    findings = [{**finding, **places} for finding in report.to_dict()["findings"]]
    return {**report.to_dict(), "file": "", "findings": findings}


def reports(argument, unreadable=(), *, lines=True):
    """What `check` says of every file, in their order."""
    said = []
    for name in names_of(argument):
        assert isinstance(name, str)
        if name in unreadable:
            continue
        with opened(name) as reader, contextlib.suppress(RecordingError):
            of_file = [without_places(report, lines=lines) for report in session_reports(reader)]
            said.append((of_file, reader.torn))
    return said


def assert_equal_findings(folder, tmp_path, *, lines=True):
    unreadable = packs_of(folder, tmp_path / "packs")
    of_folder = reports(str(folder), unreadable, lines=lines)
    assert reports(str(tmp_path / "packs"), lines=lines) == of_folder
    return of_folder


def test_of_the_bundled_recordings(tmp_path):
    assert len(assert_equal_findings(RECORDINGS, tmp_path)) == 49


def test_of_every_fault(tmp_path):
    folder = tmp_path / "faulted"
    folder.mkdir()
    for path in sorted(RECORDINGS.glob("*.jsonl"))[:12]:
        (recording, *_) = inspector.load_all(path)
        for fault in faults.FAULTS.values():
            with contextlib.suppress(inspector.InspectorError):
                lines = dump(faults.apply(recording, fault.name))
                (folder / f"{path.stem}-{fault.name}.jsonl").write_bytes(b"".join(lines))
    assert len(assert_equal_findings(folder, tmp_path)) > 300


@pytest.mark.parametrize("part", ["streams", "handwritten", "transcribed", "jsonl", "errors", "eventstream"])
def test_of_the_streams_of_real_servers(part, corpus, tmp_path):
    assert assert_equal_findings(corpus / part, tmp_path, lines=False)


def test_of_the_files_of_other_tools(tmp_path):
    if not FORMATS.is_dir():
        pytest.skip(f"the files of other tools are not here: there is no {FORMATS}")
    assert assert_equal_findings(FORMATS, tmp_path, lines=False)


def test_of_sessions_torn_files_and_lines_of_later_versions(tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    whole = [path.read_bytes() for path in sorted(RECORDINGS.glob("*.jsonl"))]
    texts = {
        "session": b"".join(whole[:5]),
        "the-same-twice": whole[0] * 2,
        "torn": whole[1][:-30],
        "torn-in-the-middle": whole[2][:-30] + b"\n" + whole[3],
        "without-an-end": b"".join(whole[4].splitlines(keepends=True)[:-1]),
        "no-line-end": whole[5].rstrip(),
        "other-lines": whole[6].replace(b"\n", b'\n{"later":1}\n', 3),
        "crlf": whole[7].replace(b"\n", b"\r\n"),
        "by-hand": b'{"recording":1}\n' + b"".join(whole[8].splitlines(keepends=True)[1:-1]),
        "blank": b"\n\n" + whole[9],
    }
    for name, text in texts.items():
        (folder / f"{name}.jsonl").write_bytes(text)
    assert len(assert_equal_findings(folder, tmp_path)) == len(texts)


def test_without_its_index_a_pack_is_the_session_of_all_sources(tmp_path):
    packs_of(RECORDINGS, tmp_path / "packs", 1 << 30)
    (pack,) = (tmp_path / "packs").glob("*.zst")
    texts = [path.read_bytes() for path in map(ROOT.joinpath, names_of(str(RECORDINGS)))]
    session = b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts)
    said = [without_places(report, lines=True) for report in session_reports(Reader(io.BytesIO(session)))]
    pack.with_name(pack.name + ".index").unlink()
    with opened(pack) as reader:
        assert [without_places(report, lines=True) for report in session_reports(reader)] == said
    assert len(said) == 50


def test_unpacking_gives_the_same_bytes(tmp_path):
    packs_of(RECORDINGS, tmp_path / "packs")
    packs = str(tmp_path / "packs")
    (tmp_path / "out").mkdir()
    assert not Unpacking([packs], tmp_path / "out")(list(listed(packs))).unreadable
    files = {path.relative_to(RECORDINGS): path.read_bytes() for path in RECORDINGS.rglob("*.jsonl")}
    out = tmp_path / "out"
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()} == files


def test_packs_of_packs_are_the_same_packs(tmp_path):
    packs_of(RECORDINGS, tmp_path / "one", 20_000)
    packs_of(tmp_path / "one", tmp_path / "other", 1 << 30)
    one = b"".join(zstd.decompress(path.read_bytes()) for path in sorted((tmp_path / "one").glob("*.zst")))
    (other,) = (tmp_path / "other").glob("*.zst")
    assert zstd.decompress(other.read_bytes()) == one
