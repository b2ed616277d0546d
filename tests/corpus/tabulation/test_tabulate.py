"""Tables of sources: the rows say what readings of one recording say, and nothing that may not be kept."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import re
import tarfile
from datetime import UTC, datetime

import pytest
from conftest import ROOT
from every_recording import RECORDINGS
from small_recordings import START, STOP, stream
from streams import recording

from inspector._version import __version__
from inspector.checker import Limits, check, report
from inspector.corpus.tabulation.tabulate import Tabulate, source_key
from inspector.recording import Head, Recording, Request, TimedBlock, dump, load_all
from inspector.storage import Source, listed

SECRET = "sk-ant-api03-" + "Ab3" * 20
pytestmark = pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")


def written(path, *recordings):
    path.write_bytes(b"".join(line for each in recordings for line in dump(each)))
    return path


def tables(*names, **options):
    made = Tabulate(**options)([source for name in names for source in listed(str(name))])
    return pickle.loads(pickle.dumps(made))  # as a worker returns them


def rows(batch):
    return batch.to_pylist()


def test_findings_are_those_of_a_check(tmp_path):
    file = written(tmp_path / "all.jsonl", *RECORDINGS.values())
    expected = []
    for number, sent in enumerate(load_all(file), 1):
        for each in check(sent):
            if each.rule != "message-id-repeated":  # which looks at a whole session
                place = (each.event, each.offset, each.t, each.block)
                expected.append(
                    (str(file), number, each.rule, each.severity, *place, each.message, each.more)
                )
    made = [tuple(row.values()) for row in rows(tables(file).findings)]
    across = {row[2] for row in made} - {row[2] for row in expected}
    assert [row for row in made if row[2] not in across] == expected
    assert len(across) <= 1


def test_options_are_those_of_a_check(tmp_path):
    sent = RECORDINGS["broken/cut_text"]
    file = written(tmp_path / "x.jsonl", sent)
    options = {"profile": "anthropic", "limits": Limits(first_event=0.001)}
    made = tables(file, rules=frozenset({"body-truncated", "first-event-slow"}), **options)
    names = {each.rule for each in check(sent, select=["body-truncated", "first-event-slow"], **options)}
    assert {row["rule"] for row in rows(made.findings)} == names
    assert set(rows(made.responses)[0]["rules"]) == names


def test_the_file_is_in_its_row(tmp_path):
    plain = written(tmp_path / "a.jsonl", RECORDINGS["hello"])
    packed = tmp_path / "b.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    os.utime(packed, (1_700_000_000.25, 1_700_000_000.25))
    for row, file in zip(rows(tables(tmp_path).responses), (plain, packed), strict=True):
        assert row["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        assert (row["size"], row["inspector_version"]) == (file.stat().st_size, __version__)
        assert row["error"] is None
    assert row["modified"] == datetime.fromtimestamp(1_700_000_000.25, UTC)


def test_events_are_those_of_the_recording(tmp_path):
    sent = [
        RECORDINGS["thinking"],
        RECORDINGS["pings"],
        *load_all(ROOT / "recordings" / "tool_session.jsonl"),
    ]
    made = rows(tables(written(tmp_path / "x.jsonl", *sent), events=True).events)
    expected = [
        (number, event.number, event.t, event.name, event.type, event.offset, len(event.block.raw_bytes))
        for number, each in enumerate(sent, 1)
        for event in each.events()
    ]
    columns = ("number", "event", "t", "name", "type", "byte", "bytes")
    assert [tuple(row[name] for name in columns) for row in made] == expected
    text = sum(
        len(event.data["delta"].get("text", "")) for event in sent[1].events() if "delta" in event.data
    )
    characters = [
        row["characters"] or 0 for row in made if row["number"] == 2 and row["delta"] == "text_delta"
    ]
    assert sum(characters) == text > 0


def test_a_bare_stream_has_no_times(tmp_path):
    (tmp_path / "x.sse").write_bytes(RECORDINGS["hello"].body)
    made = tables(tmp_path, events=True)
    (row,) = rows(made.responses)
    assert (row["duration"], row["at"], row["host"]) == (None, None, None)
    assert {event["t"] for event in rows(made.events)} == {None}


def test_a_file_that_breaks_off_has_an_error_in_its_last_row(tmp_path):
    whole = b"".join(dump(RECORDINGS["hello"]))
    for name, text in {
        "1": whole * 2 + b"x\n{}\n",
        "2": whole + b"broken\n{}\n",
        "3": b"\0" * 20,
        "4": b"",
    }.items():
        (tmp_path / f"{name}.jsonl").write_bytes(text)
    made = tables(tmp_path)
    facts = [(row["source"][-7:], row["number"], row["error"]) for row in rows(made.responses)]
    assert [fact[:2] for fact in facts] == [
        ("1.jsonl", 1),
        ("1.jsonl", 2),
        ("2.jsonl", 1),
        ("3.jsonl", None),
        ("4.jsonl", None),
    ]
    assert [error is None for *_, error in facts] == [True, False, False, False, False]
    assert facts[3][2] == "line 1: not a recording: binary data"
    assert all(row["sha256"] for row in rows(made.responses))  # they were read to their end
    assert [row["complete"] for row in rows(made.sources)] == [True] * 4


def test_a_file_that_cannot_be_opened_is_not_complete(tmp_path):
    (tmp_path / "x.jsonl").symlink_to("nowhere")
    made = tables(tmp_path)
    (row,) = rows(made.responses)
    assert row["error"] == "cannot be read: No such file or directory"
    assert {row[name] for name in row if name not in ("source", "error", "inspector_version")} == {None}
    assert [row["complete"] for row in rows(made.sources)] == [False]


def test_a_file_that_is_damaged_is_read_again(tmp_path):
    packed = gzip.compress(b"".join(dump(RECORDINGS["hello"])) * 50)
    (tmp_path / "x.jsonl.gz").write_bytes(packed[:-200])
    (row,) = [row for row in rows(tables(tmp_path).responses) if row["error"] or row["ending"] is None]
    assert row["sha256"] == hashlib.sha256(packed[:-200]).hexdigest()


def test_what_holds_something_else_has_no_row(tmp_path):
    (tmp_path / "package.json").write_text('{"name": "a"}')
    (tmp_path / "notes.txt").write_text("some notes")
    (tmp_path / "list.json").write_text("[1, 2]")
    (tmp_path / "other.har").write_text(json.dumps({"log": {"version": "1.2", "entries": []}}))
    written(tmp_path / "x.jsonl", RECORDINGS["hello"])
    made = tables(tmp_path)
    assert len(rows(made.responses)) == 1
    counts = [(row["files_read"], row["files_of_something_else"]) for row in rows(made.sources)]
    assert sorted(counts) == [(0, 1)] * 4 + [(1, 0)]


def test_a_source_without_a_worker_is_a_row():
    source = Source("x.jsonl", 5, 1.0)
    made = Tabulate(events=True).lost(source, "2 workers died")
    (row,) = rows(made.responses)
    assert (row["source"], row["size"], row["error"]) == ("x.jsonl", 5, "cannot be read: 2 workers died")
    assert [row["complete"] for row in rows(made.sources)] == [False]


def test_an_archive_has_a_row_for_each_member(tmp_path):
    for name in ("hello", "thinking"):
        written(tmp_path / f"{name}.jsonl", RECORDINGS[name])
    with tarfile.open(tmp_path / "captures.tar.gz", "w:gz") as archive:
        for name in ("hello", "thinking"):
            archive.add(tmp_path / f"{name}.jsonl", f"run/{name}.jsonl")
    made = tables(tmp_path / "captures.tar.gz")
    names = [row["source"].removeprefix(f"{tmp_path}/") for row in rows(made.responses)]
    assert names == ["captures.tar.gz/run/hello.jsonl", "captures.tar.gz/run/thinking.jsonl"]
    (source,) = rows(made.sources)
    assert (source["files_read"], source["responses"]) == (2, 2)
    assert source["findings"] == len(rows(made.findings))


def test_no_secret_is_in_any_table(tmp_path):
    start = {
        "type": "message_start",
        "message": {"type": "message", "id": f"msg_{SECRET}", "model": f"claude-{SECRET}", "content": []},
    }
    bad = {"type": f"odd-{SECRET}", "api_key": SECRET}
    sent = stream(start, bad, {"type": "error", "error": {"type": SECRET, "message": f"invalid {SECRET}"}})
    head = Head(
        "", Request("POST", f"https://u:{SECRET}@{SECRET}.example/v1/messages?key={SECRET}", {}, b"{}")
    )
    response = sent.response
    extra = TimedBlock(0.9, f"x {SECRET}", b'{"text": "' + SECRET.encode() + b'"')
    made = Recording(Head("", head.request, response), (*sent.blocks, extra), sent.end)
    folder = tmp_path / f"token={SECRET}"
    folder.mkdir()
    written(folder / f"{SECRET}.jsonl", made)
    (folder / "broken.jsonl").write_text(f'{{"recording":1,"key":"{SECRET}"\n{{}}\n')
    for batch in tables(folder, events=True)[:4]:
        assert batch.num_rows
        assert SECRET not in str(batch.to_pydict())
        assert "api03" not in str(batch.to_pydict())


def test_half_characters_and_bytes_that_are_no_text_are_escaped(tmp_path):
    name = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff\n\xc3.jsonl")
    start = {"type": "message_start", "message": {"type": "message", "id": "\ud83d", "model": "a\ud83d"}}
    sent = stream(start, STOP)
    odd = TimedBlock(0.15, "x", b'{"type":"\\udc00","delta":{"type":"\\ud800"}}')
    sent = Recording(sent.head, (sent.blocks[0], odd, sent.blocks[1]), sent.end)
    with open(name, "wb") as file:  # noqa: PTH123
        file.writelines(dump(sent))
    made = tables(tmp_path, events=True)
    (row,) = rows(made.responses)
    assert re.fullmatch(rf"{tmp_path}/\\udcff\n\\udcc3\.jsonl~[0-9a-f]{{16}}", row["source"])
    assert (row["message_id"], row["model"]) == ("\\ud83d", "a\\ud83d")
    assert [rows(made.events)[1][name] for name in ("name", "type", "delta")] == ["x", "\\udc00", "\\ud800"]


def test_sources_with_names_that_look_alike_are_told_apart():
    names = (f"{SECRET}.jsonl", SECRET.replace("A", "C") + ".jsonl", "\udcff", "\\udcff")
    assert len({source_key(Source(name)) for name in names}) == 4
    assert source_key(Source("x", frames=(0, 2))) != source_key(Source("x", frames=(2, 4)))


def test_a_source_and_a_number_name_one_row(tmp_path):
    """Names that are masked or escaped alike differ by a digest, and those of one archive are counted."""
    session = written(tmp_path / "dup.jsonl", RECORDINGS["hello"], RECORDINGS["broken/cut_text"])
    names = (f"{SECRET}.jsonl", SECRET.replace("A", "C") + ".jsonl", "\udcff.jsonl", "\\udcff.jsonl")
    for name in names:
        (tmp_path / name).write_bytes(session.read_bytes())
    with tarfile.open(tmp_path / "packed.tar", "w") as archive:
        for inner in (
            "dup.jsonl",
            "a.jsonl",
            "dup.jsonl",
            "dup.jsonl",
            "dup.jsonl~2",
        ):  # the last one is no recording
            archive.add(session, inner)
    made = tables(tmp_path, events=True)
    keys = [(row["source"], row["number"]) for row in rows(made.responses)]
    assert len(set(keys)) == len(keys) == 2 * (len(names) + 1 + 4)
    assert {name.rpartition("/")[2] for name, _ in keys if "packed" in name} == {
        "a.jsonl",
        *(f"dup.jsonl{end}" for end in ("", "~2", "~3")),
    }
    for table in (made.findings, made.events):
        assert {(row["source"], row["number"]) for row in rows(table)} <= set(keys)
    each = len(rows(made.findings)) / (len(keys) / 2)
    assert len({tuple(row.values()) for row in rows(made.findings)}) == each * (len(keys) / 2)
    assert len({row["source"] for row in rows(made.sources)}) == len(names) + 2
    assert SECRET not in str(keys)


def test_what_an_archive_cannot_hold_needs_no_second_look(tmp_path):
    written(tmp_path / "a.jsonl", RECORDINGS["hello"])
    with tarfile.open(tmp_path / "inner.tar", "w") as archive:
        archive.add(tmp_path / "a.jsonl", "a.jsonl")
    with tarfile.open(tmp_path / "outer.tar", "w") as archive:
        archive.add(tmp_path / "a.jsonl", "a.jsonl")
        archive.add(tmp_path / "inner.tar", "inner.tar")
    (row,) = rows(tables(tmp_path / "outer.tar").sources)
    assert (row["complete"], row["files_read"], row["files_unreadable"]) == (True, 1, 1)


def test_numbers_that_no_column_can_hold_are_unknown(tmp_path):
    usage = {"input_tokens": 10**30, "output_tokens": 2**63 - 1, "cache_read_input_tokens": -(2**63) - 1}
    start = {**START, "message": {**START["message"], "usage": usage}}
    delta = {"type": "content_block_delta", "index": 10**25, "delta": {"type": "text_delta", "text": "x"}}
    file = written(tmp_path / "x.jsonl", stream(start, delta, STOP))
    file.write_bytes(file.read_bytes().replace(b'"t":9.0', b'"t":1e999').replace(b'"end":9', b'"end":1e999'))
    made = tables(file, events=True)
    row = rows(made.responses)[-1]
    assert (row["input_tokens"], row["output_tokens"], row["cache_read_tokens"]) == (None, 2**63 - 1, None)
    assert rows(made.events)[1]["content_block"] is None


def test_one_batch_says_what_each_of_its_files_says(tmp_path):
    """Message ids are remembered in one file, not from one file to the next."""
    for number in range(3):
        written(tmp_path / f"{number}.jsonl", recording(RECORDINGS["hello"].body))
    made = rows(tables(tmp_path).findings)
    alone = [{key: value for key, value in row.items() if key != "source"} for row in made]
    third = len(made) // 3
    assert alone[:third] == alone[third : 2 * third] == alone[2 * third :]
    assert third == len(report(load_all(tmp_path / "0.jsonl")[0]).findings)


def test_times_are_whole_microseconds(tmp_path):
    """Differences of times are not: 0.3 - 0.1 is 0.19999999999999998."""
    file = written(tmp_path / "all.jsonl", *RECORDINGS.values())
    made = tables(file, events=True)
    for table in (made.responses, made.findings, made.events):
        names = [
            name
            for name, kind in zip(table.schema.names, table.schema.types, strict=True)
            if kind == "double"
        ]
        assert names
        for name in names:
            times = [time for time in table[name].to_pylist() if time is not None]
            assert times == [round(time, 6) for time in times], name
