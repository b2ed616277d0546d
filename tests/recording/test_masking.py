"""No secret reaches a recording, however the stream spreads it over its deltas and its reads."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.recording import Recorder, dump_blocks
from inspector.recording.masking import BlockMask
from inspector.redact import Mask

OWN = "hush-hush-0123456789"
MASK = Mask([("x-api-key", OWN)])
KEY = "sk-ant-api03-" + "Abc123_-" * 5
FIELDS = {"text": "text_delta", "thinking": "thinking_delta", "partial_json": "input_json_delta"}


def delta(text, *, index=0, field="text", end=b"\n"):
    payload = {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": FIELDS[field], field: text},
    }
    data = json.dumps(payload, separators=(",", ":")).encode()
    return b"event: content_block_delta" + end + b"data: " + data + end * 2


def texts(blocks):
    found = {}
    for block in blocks:
        payload = json.loads(block.data)
        (text,) = [value for name, value in payload["delta"].items() if name != "type"]
        found[payload["index"]] = found.get(payload["index"], "") + text
    return found


def record(reads, batch=1):
    recorder = Recorder(MASK)
    timed = [(number / 1e3, read) for number, read in enumerate(reads)]
    blocks = []
    for start in range(0, len(timed), batch):
        blocks += recorder.feed(timed[start : start + batch])
    return blocks + recorder.close()


def pieces(text, size):
    return ["".join(piece) for piece in itertools.zip_longest(*[iter(text)] * size, fillvalue="")]


def longest_shown(secret, text):
    """Return the longest part of the secret that stands in the text."""
    return next(
        size
        for size in range(len(secret), -1, -1)
        if any(secret[at : at + size] in text for at in range(len(secret) - size + 1))
    )


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("batch", [1, 3, 1000])
@pytest.mark.parametrize("secret", [KEY, OWN, "ghp_" + "a1B2" * 9], ids=["key", "own", "GitHub"])
def test_a_secret_that_is_spread_over_deltas_is_masked(secret, batch, size, end, field):
    said = f"Your key is {secret}, keep it."
    blocks = record([delta(piece, field=field, end=end) for piece in pieces(said, size)], batch)
    (text,) = texts(blocks).values()
    assert len(text) == len(said)
    assert text.startswith("Your key is ") and text.endswith(", keep it.")
    body = b"".join(block.raw_bytes for block in blocks).decode()
    prefix = 13 if secret == KEY else 4
    assert longest_shown(secret, text) <= prefix + 4
    assert secret not in body


def test_a_secret_by_name_is_masked_in_the_input_of_a_tool():
    said = json.dumps({"user": "ann", "password": "correct horse", "n": 1})
    blocks = record([delta(piece, field="partial_json") for piece in pieces(said, 4)], 1000)
    (text,) = texts(blocks).values()
    assert json.loads(text) == {"user": "ann", "password": "*" * 13, "n": 1}


def test_deltas_of_two_content_blocks_that_alternate_are_two_texts():
    pairs = zip(
        pieces(f"a {KEY} b", 6), pieces("what another block says, at the same time, no key", 6), strict=False
    )
    reads = [delta(text, index=index) for pair in pairs for index, text in enumerate(pair)]
    for batch in (1, 4, 1000):
        found = texts(record(reads, batch))
        assert longest_shown(KEY, found[0]) <= 17
        assert "*" not in found[1]


@pytest.mark.parametrize(
    "said",
    [
        "The task-ant-design-system is a sk-learn estimator; see ghp and hf_model_name.",
        "Use `Authorization: Bearer <token>`, the bearer of the token, and basic understanding.",
        "A password is a secret. An API key begins with sk-ant- and is long.",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 7])
def test_ordinary_text_is_untouched_wherever_a_batch_ends(said, size):
    (text,) = texts(record([delta(piece) for piece in pieces(said, size)])).values()
    assert text == said


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_lines_are_those_of_the_blocks_for_any_cuts_and_batches(seed, reads_in_a_batch):
    chance = random.Random(seed)
    said = f'words {KEY} and \\" {OWN}{{"api_key": "opensesame"}} end'
    body = b"".join(delta(piece, index=chance.randrange(2)) for piece in pieces(said, chance.randrange(1, 9)))
    cuts = sorted(chance.sample(range(len(body)), k=chance.randrange(40)))
    reads = [(n / 1e3, body[a:b]) for n, (a, b) in enumerate(itertools.pairwise([0, *cuts, len(body)]))]
    fed, dumped = Recorder(MASK), Recorder(MASK)
    for start in range(0, len(reads), reads_in_a_batch):
        batch = reads[start : start + reads_in_a_batch]
        assert b"".join(dumped.dump(batch)) == b"".join(dump_blocks(fed.feed(batch)))


def test_an_unfinished_block_shows_no_piece_of_a_key():
    mask = BlockMask(MASK)
    first, second = delta(KEY[:20]), delta(KEY[20:])
    assert not mask.passes(first)
    recorder = Recorder(MASK)
    recorder.feed([(0.1, first), (0.2, second[: second.index(KEY[20:30].encode()) + 10])])
    assert KEY[20:30].encode() not in recorder.unfinished()


def test_a_stream_with_endless_indexes_needs_little_memory():
    mask = BlockMask(MASK)
    for index in range(1000):
        assert mask.passes(delta("x" * 10_000, index=index))
    assert sum(map(len, mask._texts.values())) < 100_000


def test_the_name_of_an_event_is_masked():
    (block,) = record([f"event: {KEY}\ndata: {{}}\n\n".encode()])
    assert (block.event, len(block.event)) == ("sk-ant-" + "*" * (len(KEY) - 7), len(KEY))


def test_a_comment_and_an_id_are_masked():
    (block,) = record([f": {KEY}\nid: {OWN}\ndata: {{}}\n\n".encode()])
    assert KEY.encode() not in block.raw and OWN.encode() not in block.raw


def content_block(index, texts, padding=""):
    start = f'{{"type":"content_block_start","index":{index},"content_block":{{"type":"text","text":""}}}}'
    stop = f'{{"type":"content_block_stop","index":{index}{padding}}}'
    events = [("content_block_start", start.encode()), ("content_block_stop", stop.encode())]
    first, last = (b"event: %b\ndata: %b\n\n" % (name.encode(), data) for name, data in events)
    return first + b"".join(delta(text, index=index) for text in texts) + last


@pytest.mark.parametrize("padding", ["", "     "])
def test_a_batch_of_whole_content_blocks_passes_without_a_look_at_each_event(padding):
    batch = b"".join(content_block(index, ["one ", "more"], padding) for index in (0, 1, 10, 11))
    assert BlockMask(MASK).passes(batch)


@pytest.mark.parametrize("place", range(3))
def test_a_key_in_one_of_the_content_blocks_of_a_batch_does_not_pass(place):
    keyed = [pieces(KEY, 5) if index == place else ["one ", "more"] for index in range(3)]
    assert not BlockMask(MASK).passes(b"".join(map(content_block, range(3), keyed)))


def test_a_batch_with_deltas_of_another_content_block_between_does_not_pass():
    batch = content_block(0, ["one "])[:-1] + delta("more", index=1) + content_block(2, ["two"])
    assert not BlockMask(MASK).passes(batch)


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("batch", [1, 4, 1000])
def test_a_secret_is_counted_once_wherever_a_batch_ends(batch, size):
    mask = Mask([("x-api-key", OWN)])
    recorder = Recorder(mask)
    said = f"{KEY} and {OWN} and " + "x" * 600 + f" {KEY}"
    reads = [(number / 1e3, delta(piece)) for number, piece in enumerate(pieces(said, size))]
    for start in range(0, len(reads), batch):
        recorder.dump(reads[start : start + batch])
    assert mask.counts == {"key": 3}
