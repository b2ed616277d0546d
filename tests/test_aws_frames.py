"""The decoder of AWS's binary event stream: its laws, and botocore's decoder as the second opinion."""

from __future__ import annotations

import itertools
import struct
from binascii import crc32

import pytest
from aws_frame_bytes import EVENT, aws_frame, chunk_frame, exception_frame, frames_of, header
from conftest import CORPUS
from hypothesis import given
from hypothesis import strategies as st
from streams import GOOD

from inspector.aws_frames import FRAME_LIMIT, FrameDecoder, is_frame_start, parse_frame, with_payload

FRAMES = [*frames_of(GOOD), exception_frame()]
BODY = b"".join(FRAMES)
FILES = sorted(CORPUS.glob("eventstream/*/*.bin"))

names = st.text(min_size=1, max_size=12)
values = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.binary(max_size=40), st.text(max_size=40)
)
frames = st.builds(aws_frame, st.binary(max_size=200), st.dictionaries(names, values, max_size=5))


def decoded(*pieces):
    decoder = FrameDecoder()
    found = [frame for piece in pieces for frame in decoder.feed(piece)]
    rest = decoder.close()
    return found + ([rest] if rest else [])


def botocores(body):
    """What botocore makes of a body, and whether it raises at the end."""
    eventstream = pytest.importorskip("botocore.eventstream")
    buffer, found = eventstream.EventStreamBuffer(), []
    buffer.add_data(body)
    try:
        for message in buffer:
            found.append((message.headers, message.payload))
    except Exception as error:
        return found, type(error).__name__
    return found, None


def sound(found):
    """The frames before the first that is not sound, as botocore gives them."""
    bad = next((number for number, frame in enumerate(found) if frame.problem), len(found))
    return [(dict(frame.headers), frame.payload) for frame in found[:bad]]


# Laws


@given(st.lists(frames, max_size=5), st.binary(max_size=30), st.lists(st.integers(0, 2000), max_size=6))
def test_no_byte_is_lost_and_no_cut_matters(parts, tail, cuts):
    body = b"".join(parts) + tail
    whole = decoded(body)
    assert b"".join(frame.raw for frame in whole) == body
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    assert decoded(*(body[a:b] for a, b in itertools.pairwise(edges))) == whole
    assert decoded(*(body[at : at + 1] for at in range(len(body)))) == whole


@given(st.lists(frames, max_size=5))
def test_sound_frames_are_read_as_botocore_reads_them(parts):
    found = decoded(*parts)
    assert not any(frame.problem for frame in found)
    assert botocores(b"".join(parts)) == (sound(found), None)


@given(st.data())
def test_a_changed_byte_stops_both_decoders_at_the_same_frame(data):
    at = data.draw(st.integers(0, len(BODY) - 1))
    changed = BODY[:at] + bytes([BODY[at] ^ data.draw(st.integers(1, 255))]) + BODY[at + 1 :]
    theirs, error = botocores(changed)
    found = decoded(changed)
    assert sound(found) == theirs
    assert error is None or any(frame.problem for frame in found)
    assert b"".join(frame.raw for frame in found) == changed


@given(st.binary(max_size=300))
def test_any_bytes_are_read(body):
    found = decoded(body)
    assert b"".join(frame.raw for frame in found) == body
    assert [parse_frame(frame.raw) for frame in found] == found


@pytest.mark.parametrize("path", FILES or [None], ids=lambda path: path.name if path else "none")
def test_real_streams_are_read_as_botocore_reads_them(path):
    if path is None:
        pytest.skip("the streams of real servers are not here")
    body = path.read_bytes()
    found = decoded(body)
    assert botocores(body) == (sound(found), None)
    assert decoded(*(body[at : at + 7] for at in range(0, len(body), 7))) == found


# What is wrong


def test_a_wrong_crc_spoils_one_frame():
    broken = FRAMES[1][:-1] + bytes([FRAMES[1][-1] ^ 1])
    found = decoded(FRAMES[0] + broken + FRAMES[2])
    assert [bool(frame.problem) for frame in found] == [False, True, False]
    assert "the frame's CRC is" in found[1].problem
    assert not found[1].cut


def test_after_a_wrong_prelude_all_is_one_rest():
    found = decoded(FRAMES[0], b"garbage between frames", FRAMES[1])
    assert [frame.raw for frame in found] == [FRAMES[0], b"garbage between frames" + FRAMES[1]]
    assert "prelude is wrong" in found[1].problem


@pytest.mark.parametrize(
    ("length", "headers"), [(15, 0), (20, 5), (2**32 - 1, 0), (FRAME_LIMIT + 1, 0), (2**20, 2**18)]
)
def test_absurd_lengths_are_refused_before_anything_is_kept(length, headers):
    lengths = struct.pack("!II", length, headers)
    decoder = FrameDecoder()
    decoder.feed(lengths + struct.pack("!I", crc32(lengths)))
    assert decoder.lost
    assert "lengths are absurd" in decoder.close().problem


@pytest.mark.parametrize("size", [1, 11, 12, 50, len(FRAMES[0]) - 1])
def test_a_torn_frame_is_cut(size):
    *_, last = decoded(FRAMES[0] + FRAMES[0][:size])
    assert last.cut
    assert f"after {size} " in last.problem


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        (header("a", "b") * 2, "comes twice"),
        (b"\x01a\x0a", "unknown type 10"),
        (b"\x01a\x07\x00\x09b", "beyond their end"),
        (b"\x09a", "cannot be read"),
        (b"\x01\xff\x00", "cannot be read"),
    ],
)
def test_headers_that_cannot_be_read_spoil_one_frame(headers, problem):
    found = decoded(aws_frame(b"{}", headers), FRAMES[0])
    assert problem in found[0].problem
    assert not found[1].problem


def test_a_rest_is_bounded():
    found = decoded(b"x" * 12, *[b"y" * 2**20] * 33)
    assert [len(frame.raw) for frame in found] == [
        FRAME_LIMIT,
        FRAME_LIMIT,
        12 + 33 * 2**20 - 2 * FRAME_LIMIT,
    ]


# Frames that are made


@given(frames, st.binary(max_size=100))
def test_a_frame_with_another_payload_is_sound(raw, payload):
    made = parse_frame(with_payload(raw, payload))
    assert (made.payload, made.headers, made.problem) == (payload, parse_frame(raw).headers, "")
    assert with_payload(raw, parse_frame(raw).payload) == raw


def test_a_frame_is_known_by_its_prelude():
    assert is_frame_start(FRAMES[0][:12])
    assert not is_frame_start(FRAMES[0][:11])
    assert not is_frame_start(b"event: message_start")


def test_every_kind_of_header_value_is_read():
    kinds = {
        0: b"",
        1: b"",
        2: b"\xff",
        3: b"\xff\xfe",
        4: b"\0\0\1\0",
        5: b"\0" * 7 + b"\5",
        8: b"\0" * 7 + b"\6",
    }
    text = b"".join(b"\x01" + bytes([97 + kind, kind]) + data for kind, data in kinds.items())
    text += b"\x01u\x09" + b"0123456789abcdef" + header("t", "é") + header("x", b"\xff")
    (frame,) = decoded(aws_frame(b"", text))
    expected = [True, False, -1, -2, 256, 5, 6, b"0123456789abcdef", "é", b"\xff"]
    assert list(frame.headers.values()) == expected
    assert botocores(frame.raw) == ([(dict(frame.headers), b"")], None)


def test_a_chunk_has_the_headers_of_bedrock():
    (frame,) = decoded(chunk_frame(b"{}"))
    assert dict(frame.headers) == EVENT
