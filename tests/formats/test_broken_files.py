"""Files that are broken, torn or hostile: an error with the file and the line, or a recording."""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
import time

import pytest
from conftest import ROOT
from format_texts import (
    BODY,
    SAME_BODY,
    aimock,
    go_vcr,
    har,
    har_events,
    httpmock,
    ruby_vcr,
    vcrpy,
    yaml_text,
)

from inspector.errors import RecordingError
from inspector.formats import recordings
from inspector.recording import dump

OF_OTHERS = ROOT.parent / "shared" / "formats"
STRANGERS = sorted(OF_OTHERS.glob("*.*")) if OF_OTHERS.is_dir() else []


def outcome(text, name="x.yaml"):
    """How many recordings a file has, or the error about it; any other exception is a failure of the test."""
    try:
        loaded = list(recordings(io.BytesIO(text), name))
    except RecordingError as error:
        assert str(error).startswith(name), error
        return error
    for recording in loaded:
        b"".join(dump(recording))
        recording.message()
    return len(loaded)


DOCUMENTS = {
    "vcrpy": vcrpy(),
    "go-vcr": go_vcr(),
    "Ruby's VCR": ruby_vcr({"encoding": "UTF-8", "string": BODY.decode()}),
    "HAR": har(),
    "HAR with events": har_events(),
    "httpmock": httpmock(),
    "aimock": aimock(),
}
WRONG = [None, True, 0, -1, 10**30, 1.5, "", "x", "\ud800", [], [None], [[]], {}, {"": None}, {"string": 5}]


def places(value, at=()):
    yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*at, key))


def changed(document, at, wrong):
    if not at:
        return wrong
    copied = copy.deepcopy(document)
    inside = copied
    for key in at[:-1]:
        inside = inside[key]
    inside[at[-1]] = wrong
    return copied


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_wrong_type_at_any_place_is_no_crash(name):
    for at in places(DOCUMENTS[name]):
        for wrong in WRONG:
            outcome(json.dumps(changed(DOCUMENTS[name], at, wrong)).encode(), "x.json")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_member_that_is_missing_is_no_crash(name):
    for at in places(DOCUMENTS[name]):
        if at and isinstance(at[-1], str):
            without = changed(DOCUMENTS[name], at, None)
            inside = without
            for key in at[:-1]:
                inside = inside[key]
            del inside[at[-1]]
            outcome(json.dumps(without).encode(), "x.json")


def mutations(text, seed, count):
    chance = random.Random(seed)
    for _ in range(count):
        at, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        yield chance.choice(
            [
                text[:at],
                text[at:],
                text[:at] + chance.randbytes(chance.randrange(1, 5)) + text[at:],
                text[:at]
                + chance.choice([b"\xff", b"\0", b'"', b"\n", b"- ", b"{", b"*a", b"&a ", b"!!x "])
                + text[end:],
                text[:at] + text[end:],
                text[:at] + text[at:end] * 2 + text[end:],
            ]
        )


@pytest.mark.parametrize("name", SAME_BODY)
def test_a_mutated_file_is_no_crash(name):
    for text in mutations(SAME_BODY[name], name, 60):
        outcome(text, name)


@pytest.mark.skipif(not STRANGERS, reason="other people's files are not here")
@pytest.mark.parametrize("path", STRANGERS, ids=lambda path: path.name)
def test_a_mutated_file_of_other_people_is_no_crash(path):
    text = path.read_bytes()[:40_000]
    for mutated in mutations(text, path.name, 15):
        outcome(mutated, path.name)


@pytest.mark.parametrize("name", SAME_BODY)
def test_a_file_that_breaks_off_names_its_line_or_says_what_is_missing(name):
    text = SAME_BODY[name]
    for size in range(len(text) // 10, len(text), len(text) // 7):
        error = outcome(text[:size], name)
        if not isinstance(error, int):
            assert getattr(error, "line", 1) <= text.count(b"\n") + 1


def test_a_compressed_file_that_breaks_off_is_an_error():
    packed = gzip.compress(SAME_BODY["vcrpy.json"])
    assert isinstance(outcome(packed[: len(packed) // 2], "x.json.gz"), RecordingError)


HOSTILE = {
    "deep sequences": b"interactions:\n" + b"- " * 100_000 + b"a",
    "deep flow": b"interactions: " + b"[" * 100_000,
    "deep mappings": b"interactions: " + b"{a: " * 100_000,
    "deep JSON": b'{"interactions": ' + b"[" * 100_000,
    "deep TOML": b"[[interactions]]\na = " + b"[" * 100_000,
    "aliases": b"interactions: &a0 [1,1,1,1,1,1,1,1,1,1]\n"
    + b"".join(b"b%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 30)),
    "an alias of itself": b"interactions: &a [*a]",
    "a tag": b"interactions: !!python/object/apply:os.system ['touch /tmp/pwned']",
    "binary": bytes(range(256)) * 40,
    "UTF-16": "interactions: []".encode("utf-16"),
    "not UTF-8": b"interactions:\n- request: \xff\xfe\n",
    "a control character": b"interactions:\n- request: \x01\n",
    "not base64": b"interactions:\n- request: {}\n  response: {body: {string: !!binary '@'}}\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_an_error_in_a_moment(name):
    before = time.process_time()
    assert isinstance(outcome(HOSTILE[name]), RecordingError)
    assert time.process_time() - before < 10


def test_a_body_that_expands_without_end_stays_as_it_is():
    bomb = gzip.compress(gzip.compress(bytes(16 << 20)))
    assert outcome(yaml_text(vcrpy(bomb, **{"content-encoding": "gzip, gzip"}))) == 1
