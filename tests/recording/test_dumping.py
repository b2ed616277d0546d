"""Every kind of line is written so that it is read back as it was, and holds its bytes exactly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording import (
    End,
    Ending,
    Head,
    Recorder,
    Request,
    Response,
    TimedBlock,
    dump_block,
    dump_end,
    dump_head,
    parse_line,
)

# Every kind of thing that a body may be made of; put together at random they make every kind of block.
BOM = b"\xef\xbb\xbf"
BODIES = {
    "plain": b'event: a\ndata: {"x": 1}\n\n',
    "padding, escapes, key order and number forms": rb"event: a"
    b"\n"
    rb'data: {"b":1.10,"a":"\u00e9\/"   }'
    b"\n\n",
    "several": b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n",
    "CRLF": b"event: a\r\ndata: 1\r\n\r\n",
    "CR": b"event: a\rdata: 1\r\r",
    "mixed line ends": b"event: a\rdata: 1\n\r\n",
    "byte order mark": BOM + b"event: a\ndata: 1\n\n",
    "byte order mark later": b"event: a\ndata: 1\n\n" + BOM + b"event: a\ndata: 1\n\n",
    "comment": b": keepalive\n\n",
    "comment inside": b"event: a\n: note\ndata: 1\n\n",
    "blank lines": b"\n\n\n",
    "several data lines": b"event: a\ndata: {\ndata: }\n\n",
    "data over lines that is no JSON": b"event: a\ndata: x\ndata: y\n\n",
    "no name": b"data: 1\n\n",
    "an empty name": b"event:\ndata: 1\n\n",
    "no space": b"event:a\ndata:1\n\n",
    "id and retry": b"id: 1\nretry: 2\nevent: a\ndata: 1\n\n",
    "data before the name": b"data: 1\nevent: a\n\n",
    "not JSON": b"event: a\ndata: [DONE]\n\n",
    "empty data": b"event: a\ndata: \n\n",
    "blank data": b"event: a\ndata:   \n\n",
    "data with blanks around": b"event: a\ndata:  1 \n\n",
    "data with a blank before": b"event: a\ndata:  1\n\n",
    "data with a blank behind": b"event: a\ndata: 1 \n\n",
    "data with a tab around": b"event: a\ndata: 1\t\n\n",
    "NaN": b"event: a\ndata: NaN\n\n",
    "a number beyond a double": b"event: a\ndata: 1e400\n\n",
    "lone surrogate": b'event: a\ndata: "\\ud83d"\n\n',
    "control bytes": b"event: \x00\x01\x7f\ndata: \x02\x1b[0m\n\n",
    "bad UTF-8 in data": b'event: a\ndata: "\xff"\n\n',
    "bad UTF-8 in the name": b"event: a\xff\ndata: 1\n\n",
    "bad UTF-8 in a comment": b": \xc3\n\n",
    "quotes in the name": b'event: a"b\\c\ndata: 1\n\n',
    "a name like a key": b'event: x","data":"y\ndata: 1\n\n',
    "U+2028 and U+0085": 'event: a\ndata: "\u2028\u0085"\n\n'.encode(),
    "keys of the format inside data": b'event: a\ndata: {"data":{"data":1},"raw":"x","end":"complete"}\n\n',
    "data that ends like a line": b'event: a\ndata: {"a":1}}\n\n',
    "unfinished tail": b"event: a\ndata: 1\n\nevent: b\ndata: {",
    "unfinished only by the blank line": b"event: a\ndata: 1\n",
    "JSON body": b'{"type":"error","error":{"type":"rate_limit_error"}}',
    "HTML body": b"<html>\n<p>502</p>\n\n<hr>\n</html>\n",
    "binary body": bytes(range(256)),
    "nested as deep as a parser goes": b"event: a\ndata: " + b"[" * 1000 + b"]" * 1000 + b"\n\n",
}
PARTS = [
    *BODIES.values(),
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"event: a\n",
    b"data: 1\n",
    b"data: {\n",
    b"data: }\n",
    b"data:",
    b":",
    b"\xff",
    b"\x00",
    b'"',
    b"{}",
]
MICROSECONDS = st.integers(0, 10**12).map(lambda n: n / 1e6)
EXTRAS = st.none() | st.dictionaries(
    st.sampled_from(["note", "x-y", "", "é", "data2", "Raw"]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
        lambda v: st.lists(v, max_size=3),
    ),
    min_size=1,
    max_size=3,
)
NAMES = st.text(st.characters(codec="utf-8"), max_size=8).map(str.lower).filter(lambda s: s == s.lower())
HEADERS = st.dictionaries(NAMES, st.text(max_size=8), max_size=3)
WITHHELD = st.lists(NAMES, max_size=2).map(tuple)


def blocks_of(body, **options):
    recorder = Recorder(**options)
    return recorder.feed([(0.5, body)]) + recorder.close()


def reread(blocks):
    return [parse_line(dump_block(block), first=number == 0) for number, block in enumerate(blocks)]


# The byte law


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_bytes_of_the_lines_put_together_are_the_body(body):
    blocks = blocks_of(body)
    assert b"".join(block.raw_bytes for block in blocks) == body
    assert reread(blocks) == blocks


@given(st.lists(st.sampled_from(PARTS), max_size=8))
def test_any_body_is_written_and_read_back_as_it_was(parts):
    blocks = blocks_of(b"".join(parts))
    assert reread(blocks) == blocks
    assert b"".join(block.raw_bytes for block in reread(blocks)) == b"".join(parts)


@given(st.binary())
def test_any_bytes_are_written_and_read_back_as_they_were(body):
    blocks = blocks_of(body)
    assert reread(blocks) == blocks


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_line_is_one_line_of_json_that_everybody_reads(body):
    for block in blocks_of(body):
        line = dump_block(block)
        assert line.endswith(b"}\n") and line.count(b"\n") == 1 and b"\r" not in line
        assert isinstance(json.loads(line.decode("utf-8")), dict)


def test_a_plain_block_is_its_time_its_name_and_its_payload_verbatim():
    (block,) = blocks_of(BODIES["padding, escapes, key order and number forms"])
    assert dump_block(block) == rb'{"t":0.500000,"event":"a","data":{"b":1.10,"a":"\u00e9\/"   }}' b"\n"


def test_a_line_with_raw_shows_the_event_it_dispatches_too():
    (block,) = blocks_of(b"event: a\r\ndata: {\r\ndata: }\r\n\r\n")
    line = json.loads(dump_block(block))
    assert line == {"t": 0.5, "raw": "event: a\r\ndata: {\r\ndata: }\r\n\r\n", "event": "a", "data": {}}


def test_a_payload_of_several_lines_that_was_made_by_hand_is_one_line_too():
    block = TimedBlock(0.0, "a", b"[\n1]")
    line = dump_block(block)
    assert line.count(b"\n") == 1
    assert parse_line(line).raw_bytes == block.raw_bytes


def test_a_payload_that_is_no_json_is_shown_in_raw_alone():
    (block,) = blocks_of(b"event: a\ndata: [DONE]\n\n")
    assert json.loads(dump_block(block)) == {"t": 0.5, "raw": "event: a\ndata: [DONE]\n\n"}


@pytest.mark.parametrize(
    "raw, kind",
    [
        pytest.param(b"<p>\n", str, id="text"),
        pytest.param("é\u2028\U0001f600".encode(), str, id="text in every plane"),
        pytest.param(b"\x1b[0m" + b"text" * 20, str, id="text with a few control bytes"),
        pytest.param(b"\x00" * 100, dict, id="mostly control bytes"),
        pytest.param(b"\xff", dict, id="not UTF-8"),
        pytest.param(b"\xed\xa0\x80", dict, id="an encoded surrogate"),
    ],
)
def test_raw_is_text_where_it_can_be_and_base64_where_it_must(raw, kind):
    block = TimedBlock(0.0, None, None, raw)
    value = json.loads(dump_block(block))["raw"]
    assert isinstance(value, kind)
    assert parse_line(dump_block(block)) == block


@pytest.mark.parametrize("eol", ["", "\n", "\r\n", "\n\n", "\r"])
@pytest.mark.parametrize("text", ['{"type":"error","n":1.10 ,"s":"\\u00e9é"}', "[ 1,2 ]", "{}"])
def test_a_body_that_is_one_json_document_stands_as_json_verbatim(text, eol):
    block = TimedBlock(0.5, None, None, (text + eol).encode(), ((3, 0.25),))
    line = dump_block(block)
    assert f'"body":{text}'.encode() in line
    expected = {"t": 0.5, "cuts": [[3, 0.25]], "body": json.loads(text)}
    assert json.loads(line) == (expected | {"eol": eol} if eol else expected)
    assert parse_line(line) == block


@pytest.mark.parametrize(
    "text", ["12", '"text"', '{"a":\n1}', '{"a":1} ', ' {"a":1}', '{"a":1}{"a":2}', "{" * 300]
)
def test_any_other_body_stands_in_raw(text):
    block = TimedBlock(0.5, None, None, text.encode())
    assert json.loads(dump_block(block)) == {"t": 0.5, "raw": text}
    assert parse_line(dump_block(block)) == block


@pytest.mark.parametrize(
    "unit", [b"\x00", b"\x1f\n", b'"', b"\\", b"\xff", "é".encode(), b"a", b"\n\r", b"\x00a"]
)
def test_the_line_of_a_long_block_is_at_most_three_times_as_long(unit):
    """What LINE_LIMIT counts on: the raw twice at most, and the payload once."""
    for body in (unit * 10_000, b'data: "' + unit * 10_000 + b'"\r\n\r\n'):
        for block in blocks_of(body):
            assert len(dump_block(block)) <= 3 * len(block.raw_bytes) + 200


def test_bytes_that_a_mask_changed_are_what_is_written():
    (block,) = blocks_of(b"event: a\r\ndata: 12345\r\n\r\n", mask=lambda text: text.replace(b"345", b"***"))
    assert block.raw_bytes == b"event: a\r\ndata: 12***\r\n\r\n"
    assert reread([block]) == [block]


# Every field


@given(
    st.sampled_from(list(BODIES.values())),
    MICROSECONDS,
    st.lists(st.tuples(st.integers(0, 10**9), MICROSECONDS), max_size=3).map(tuple),
    EXTRAS,
)
def test_every_field_of_a_block_comes_back(body, t, cuts, extra):
    for number, block in enumerate(blocks_of(body)):
        block = block._replace(t=t, cuts=cuts, extra=extra)
        assert parse_line(dump_block(block), first=number == 0) == block


@given(MICROSECONDS, st.sampled_from(Ending), st.none() | st.text(), EXTRAS)
def test_every_field_of_an_end_comes_back(t, how, error, extra):
    end = End(t, how, error, extra)
    assert parse_line(dump_end(end)) == end


TEXT_OR_JSON = (
    st.none()
    | st.binary()
    | st.sampled_from(
        [
            b'{"a": 1.10 }',
            b' {"a":1}',
            b'{\r\n  "a": 1\n}\n',
            b"1",
            b"",
            b"null",
            b"NaN",
            b"\xff",
            b'{"body":{"body":1}}',
        ]
    )
)
REQUESTS = st.builds(
    Request,
    method=st.text(max_size=5),
    url=st.text(max_size=9),
    headers=HEADERS,
    body=TEXT_OR_JSON,
    withheld=WITHHELD,
    extra=EXTRAS,
)
RESPONSES = st.builds(
    Response,
    t=MICROSECONDS,
    status=st.integers(100, 599),
    headers=HEADERS,
    http=st.sampled_from(["HTTP/1.1", "HTTP/2"]),
    withheld=WITHHELD,
    extra=EXTRAS,
)


@given(
    st.builds(
        Head,
        at=st.text(max_size=9),
        request=REQUESTS,
        response=st.none() | RESPONSES,
        recorder=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        extra=EXTRAS,
    )
)
def test_every_field_of_a_head_comes_back(head):
    line = dump_head(head)
    assert line.count(b"\n") == 1 and b"\r" not in line
    assert parse_line(line) == head


def test_the_body_of_a_request_stands_in_its_head_verbatim():
    line = dump_head(Head("", Request(body=b'{"b": 1.10,  "a":"\\u00e9"}')))
    assert b',"body":{"b": 1.10,  "a":"\\u00e9"}}' in line


def test_a_request_body_of_several_lines_is_shown_on_one_and_kept():
    head = Head("", Request(body=b'{\n "a": 1\n}\n'))
    request = json.loads(dump_head(head))["request"]
    assert (request["body"], request["raw"]) == ({"a": 1}, '{\n "a": 1\n}\n')


def test_a_head_without_a_response_has_none():
    assert "response" not in json.loads(dump_head(Head("", Request())))
