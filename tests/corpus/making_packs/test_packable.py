"""A recording stands in a pack byte for byte, another file as its import; what is broken is in no pack."""

from __future__ import annotations

import gzip
import io

import pytest
from every_recording import FOLDER
from packed_examples import END, HEAD, text_of
from zstd_library import zstd

from inspector import RecordingError, load
from inspector.corpus.making_packs.packable import PackableText
from inspector.corpus.member_reading import NoRecordingsError
from inspector.formats import recordings
from inspector.redact import Redaction
from inspector.storage import Member, Source

FILES = sorted(FOLDER.rglob("*.jsonl"))
HELLO = FOLDER / "hello.jsonl"


def text(data, name="x.jsonl", *, sure=True):
    return PackableText(Member(Source(name), io.BytesIO(data), sure=sure), Redaction())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_is_copied(path):
    packable = text(path.read_bytes(), str(path))
    assert b"".join(packable) == path.read_bytes()
    assert packable.recordings == (2 if path.stem == "tool_session" else 1)
    assert (packable.converted, packable.packed_name("x.jsonl")) == ("", "x.jsonl")


@pytest.mark.parametrize(
    "data",
    [
        b"\n\n" + text_of(1),
        text_of(1).replace(b"\n", b"\r\n"),
        text_of(1).replace(b'"t":0.5,', b'"t" : 0.5 , '),
        HEAD + b'{"kind":"of a later version"}\n' + END,
        text_of(1)[:-9],
        b'{"recording":1}\n{"event":"ping","data":{"type":"ping"}}\n',
        text_of(1, 300_000) * 3,
    ],
    ids=["blank lines", "CRLF", "by an editor", "other lines", "torn", "by hand", "long"],
)
def test_a_recording_keeps_its_spelling(data):
    assert b"".join(text(data)) == data


@pytest.mark.parametrize(
    ("ending", "compress"), [(".gz", gzip.compress), (".zst", zstd.compress)], ids=["gzip", "zstd"]
)
def test_a_compressed_recording_is_copied_as_its_text_and_named_so(ending, compress):
    packable = text(compress(HELLO.read_bytes()), "x.jsonl" + ending)
    assert b"".join(packable) == HELLO.read_bytes()
    assert packable.packed_name("runs/x.jsonl" + ending) == "runs/x.jsonl"


@pytest.mark.parametrize("name", ["x.sse", "x.sse.gz"])
def test_a_file_of_another_format_becomes_what_import_makes_of_it(name):
    body = load(HELLO).body + b"event: note\ndata: sk-ant-api03-" + b"a1B2" * 20 + b"\n\n"
    packable = text(gzip.compress(body) if name.endswith(".gz") else body, name)
    made = b"".join(packable)
    (recording,) = recordings(io.BytesIO(made))
    assert recording.body[: len(load(HELLO).body)] == load(HELLO).body
    assert b"a1B2" not in made
    assert (packable.recordings, packable.converted) == (1, "a bare event stream")
    assert packable.packed_name(f"runs/{name}") == "runs/x.sse.jsonl"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"hello", "not a recording"),
        (HEAD + b"not JSON\n" + END, "x.jsonl:2: "),
        (HEAD + b"[1]\n" + END, "x.jsonl:2: "),
        (gzip.compress(text_of(1) * 3)[:-9], ": the gzip data breaks off here: it is in no pack"),
        (gzip.compress(text_of(1))[:-6] + b"\0" * 6, "x.jsonl.gz: the gzip data is damaged"),
    ],
    ids=["empty", "text", "a broken line", "no object", "torn gzip", "damaged gzip"],
)
def test_what_is_broken_raises(data, message):
    with pytest.raises(RecordingError) as caught:
        list(text(data, "x.jsonl.gz" if "gz" in message else "x.jsonl"))
    assert message in str(caught.value)
    assert not isinstance(caught.value, NoRecordingsError)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.json", b'{"a":1}'),
        ("x.yaml", b"data: 1\nother: 2\n"),
        ("x.txt", b"hello"),
        ("x.json", b'{"log":{"entries":[]}}'),
        ("x.log", b""),
    ],
)
def test_something_else_is_no_error_if_its_name_promised_nothing(name, data):
    with pytest.raises(NoRecordingsError):
        list(text(data, name, sure=False))
