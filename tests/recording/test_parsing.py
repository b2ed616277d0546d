"""A line of a recording: every kind is written and read back as it was, and holds its bytes exactly."""

from __future__ import annotations

import base64
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
WORDS = [
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


@given(st.lists(st.sampled_from(WORDS), max_size=8))
def test_any_body_is_written_and_read_back_as_it_was(words):
    blocks = blocks_of(b"".join(words))
    assert reread(blocks) == blocks
    assert b"".join(block.raw_bytes for block in reread(blocks)) == b"".join(words)


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


@pytest.mark.parametrize(
    "line, head",
    [
        pytest.param(b'{"recording":1}', Head("", Request()), id="nothing but the version"),
        pytest.param(b'{"recording":1,"request":null,"response":null}', Head("", Request()), id="nulls"),
        pytest.param(
            b'{"recording":1,"response":{}}',
            Head("", Request(), Response(0.0)),
            id="an answer without a time",
        ),
        pytest.param(
            b'{"request":{"headers":{"X-A":"1"},"x":2},"y":3,"recording":1}',
            Head("", Request(headers={"x-a": "1"}, extra={"x": 2}), extra={"y": 3}),
            id="keys in another order, names in capitals, unknown keys",
        ),
        pytest.param(
            b'{"recording":1,"request":{"body":{"a":1},"method":"GET","body": [ 1,2 ] }}',
            Head("", Request(method="GET", body=b"[ 1,2 ]")),
            id="the last of two bodies",
        ),
    ],
)
def test_a_head_as_a_person_may_write_it(line, head):
    assert parse_line(line) == head


# Lines edited by hand

SPELLINGS = [
    b'{"a":1}',
    b'{ "a" : 1.10  }',
    b'"\\u00e9,\\"data\\":1}"',
    b"[1, 2 ]",
    b"0.0",
    b'{"data":{"data":2}}',
    b"null",
]


@pytest.mark.parametrize("data", SPELLINGS)
@pytest.mark.parametrize(
    "form, extra",
    [
        pytest.param(b'{"t":1,"event":"a","data":%b}', None, id="compact"),
        pytest.param(b'{"t":1,"event":"a","data": %b }\r\n', None, id="blanks around the payload"),
        pytest.param(b'  { "t" : 1 , "event" : "a" , "data" : %b }  \n', None, id="pretty"),
        pytest.param(b'{"data":%b,"event":"a","t":1}', None, id="another order"),
        pytest.param(b'{"t":1,"data":%b,"event":"a"}', None, id="payload in the middle"),
        pytest.param(
            b'{"t":1,"event":"a","data":%b,"note":{"data":3}}', {"note": {"data": 3}}, id="keys behind it"
        ),
        pytest.param(
            b'{"note":{"data":3},"t":1,"event":"a","data":%b}', {"note": {"data": 3}}, id="keys before it"
        ),
        pytest.param(
            b'{"note":",\\"data\\":4","t":1,"event":"a","data":%b}',
            {"note": ',"data":4'},
            id="a text like a key",
        ),
        pytest.param(b'{"t":1,"event":"a","data":7,"data":%b}', None, id="two payloads"),
        pytest.param(b'{"t":1,"event":"a","data":7 , "data" : %b}', None, id="two payloads with blanks"),
        pytest.param(b'{"t":9,"event":"b","data":%b,"t":1,"event":"a"}', None, id="duplicate keys behind it"),
        pytest.param(b'{"t":1,"event":"a","data":%b,"t":1}', None, id="a duplicate time behind it"),
        pytest.param(b'{"t":1,"\\u0065vent":"a","d\\u0061ta":%b}', None, id="escaped keys"),
        pytest.param(b'{"t":1,"event":"\\u0061","data":%b}', None, id="escaped name"),
        pytest.param(b'{"t":1e0,"event":"a","data":%b}', None, id="another form of number"),
    ],
)
def test_the_payload_of_an_edited_line_keeps_its_own_spelling(form, extra, data):
    assert parse_line(form % data) == TimedBlock(1.0, "a", data, extra=extra)


def test_of_raw_and_payload_it_is_raw_that_counts():
    line = b'{"t":1,"raw":"event: a\\ndata: 1\\n\\n","event":"b","data":2}'
    assert parse_line(line) == TimedBlock(1.0, "a", b"1")


def test_an_empty_raw_is_no_bytes():
    assert parse_line(b'{"t":1,"raw":""}').raw_bytes == b""


def test_a_byte_order_mark_is_one_only_in_the_first_block():
    line = dump_block(TimedBlock(0.0, "a", b"1", BOM + b"event: a\ndata: 1\n\n"))
    assert (parse_line(line, first=True).event, parse_line(line).event) == ("a", None)


def test_a_line_without_a_time_is_at_the_beginning():
    assert parse_line(b'{"event":"a","data":1}').t == 0.0


@pytest.mark.parametrize("line", [b'{"note":"x"}', b"{}", b'{"t":1}', b'{"event":"a"}'])
def test_a_kind_of_line_that_is_not_known_is_none(line):
    assert parse_line(line) is None


@pytest.mark.parametrize(
    "line, words",
    [
        pytest.param(b"[1]", "is a JSON object, this is an array", id="array"),
        pytest.param(b"null", "this is null", id="null"),
        pytest.param(b"event: a", "not JSON at column 1", id="not JSON"),
        pytest.param(b'{"t":1,}', "not JSON at column 8", id="trailing comma"),
        pytest.param(b'{"t":"\xff"}', "not UTF-8 at byte 7", id="not UTF-8"),
        pytest.param(b'{"t":NaN,"raw":""}', "NaN is not JSON", id="NaN"),
        pytest.param(
            b'{"t":1,"data":' + b"[" * 1010 + b"]" * 1010 + b',"event":"a"}', "nested too deeply", id="deep"
        ),
        pytest.param(b'{"t":-1,"raw":""}', "`t` must be a number of seconds, this is -1", id="negative time"),
        pytest.param(
            b'{"t":"1","raw":""}', "`t` must be a number of seconds, this is '1'", id="time as text"
        ),
        pytest.param(b'{"t":null,"raw":""}', "`t` must be", id="time null"),
        pytest.param(b'{"t":true,"raw":""}', "`t` must be", id="time true"),
        pytest.param(b'{"t":1e400,"raw":""}', "`t` must be", id="infinite time"),
        pytest.param(b'{"t":1' + b"0" * 400 + b',"raw":""}', "`t` must be", id="time beyond a double"),
        pytest.param(b'{"t":-1,"event":"a","data":1}', "`t` must be", id="negative time of an event"),
        pytest.param(b'{"t":1,"end":"complete","t":[]}', "`t` must be", id="time of an end"),
        pytest.param(b'{"t":1,"cuts":1,"raw":""}', "`cuts` must be a list", id="cuts a number"),
        pytest.param(b'{"t":1,"cuts":[1],"raw":""}', "`cuts` must be a list", id="cuts of numbers"),
        pytest.param(b'{"t":1,"cuts":[[1]],"raw":""}', "`cuts` must be a list", id="a cut without a time"),
        pytest.param(b'{"t":1,"cuts":[["1",1]],"raw":""}', "`cuts` must be a list", id="a cut of text"),
        pytest.param(b'{"t":1,"cuts":[[1,"nan"]],"raw":""}', "`cuts` must be a list", id="a cut at a text"),
        pytest.param(b'{"t":1,"cuts":[[-1,1]],"raw":""}', "`cuts` must be a list", id="a negative cut"),
        pytest.param(b'{"t":1,"cuts":[[1.5,1]],"raw":""}', "`cuts` must be a list", id="half a byte"),
        pytest.param(b'{"t":1,"cuts":[[1e400,1]],"raw":""}', "`cuts` must be a list", id="an infinite cut"),
        pytest.param(b'{"t":1,"cuts":{"12":1},"raw":""}', "`cuts` must be a list", id="cuts an object"),
        pytest.param(b'{"t":1,"raw":1}', "`raw` must be text or", id="raw a number"),
        pytest.param(b'{"t":1,"raw":{}}', "`raw` must be text or", id="raw an object"),
        pytest.param(b'{"t":1,"raw":{"base64":"a"}}', "`raw` is not base64", id="bad padding"),
        pytest.param(b'{"t":1,"raw":{"base64":"ab c="}}', "`raw` is not base64", id="a blank in base64"),
        pytest.param('{"t":1,"raw":{"base64":"é"}}'.encode(), "`raw` is not base64", id="base64 not ASCII"),
        pytest.param(
            b'{"t":1,"end":"done"}', "unknown end 'done'; known are complete, cut,", id="unknown end"
        ),
        pytest.param(b'{"t":1,"end":[]}', "unknown end []", id="an end that is no text"),
        pytest.param(b'{"t":1,"data":1}', "needs the event's name", id="no name"),
        pytest.param(b'{"t":1,"event":"","data":1}', "needs the event's name", id="an empty name"),
        pytest.param(b'{"t":1,"event":7,"data":1}', "needs the event's name", id="a name that is no text"),
        pytest.param(b'{"t":1,"event":"a\\nb","data":1}', "needs the event's name", id="a name of two lines"),
        pytest.param(
            b'{"t":1,"event":"\\ud800","data":1}', "needs the event's name", id="a name beyond UTF-8"
        ),
        pytest.param(b'{"t":1,"event":"a","data":{\r}}', "one line", id="a payload of two lines"),
        pytest.param(b'{"recording":2}', "recording format 2; this inspector reads 1", id="newer"),
        pytest.param(b'{"recording":"x"}', "recording format 'x'", id="no version"),
        pytest.param(
            b'{"recording":1,"request":[1]}', "`request` must be an object, this is an array", id="request"
        ),
        pytest.param(
            b'{"recording":1,"response":"x"}', "`response` must be an object, this is text", id="response"
        ),
        pytest.param(
            b'{"recording":1,"recorder":1}', "`recorder` must be an object, this is a number", id="recorder"
        ),
        pytest.param(
            b'{"recording":1,"request":{"headers":[1]}}', "`headers` must be an object", id="headers"
        ),
        pytest.param(
            b'{"recording":1,"request":{"withheld":5}}', "`withheld` must be an array", id="withheld"
        ),
        pytest.param(b'{"recording":1,"request":{"raw":5}}', "`raw` must be text or", id="request body"),
        pytest.param(b'{"recording":1,"response":{"status":"ok"}}', "`status` must be a number", id="status"),
        pytest.param(b'{"recording":1,"response":{"t":-1}}', "`t` must be", id="time of the answer"),
    ],
)
def test_what_is_no_line_of_a_recording_is_said_in_words(line, words):
    with pytest.raises(ValueError) as caught:
        parse_line(line + b"\n")
    assert words in str(caught.value)


KEYS = [
    "recording",
    "t",
    "event",
    "data",
    "raw",
    "cuts",
    "end",
    "error",
    "request",
    "response",
    "headers",
    "withheld",
    "body",
    "base64",
    "status",
]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=20,
)


@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_any_line_is_read_or_refused(line):
    try:
        parse_line(line)
    except ValueError as error:
        assert type(error) is ValueError


def test_base64_is_read_as_it_is():
    text = base64.b64encode(b"data: 1\n\n").decode()
    assert parse_line(b'{"t":1,"raw":{"base64":"%b"}}' % text.encode()) == TimedBlock(
        1.0, None, b"1", b"data: 1\n\n"
    )
