"""Every kind of line is read, as a program or a person writes it; any other is refused with a reason."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording import (
    Head,
    Request,
    Response,
    TimedBlock,
    dump_block,
    dump_head,
    parse_line,
    parsing,
)
from inspector.recording.parsing import HEAD_START, NotJSONError, parse_plain, payload_of

BOM = b"\xef\xbb\xbf"


# Heads


BY_HAND = Head("", Request(), Response(0.0), extra={"untimed": True, "by_hand": True})


@pytest.mark.parametrize(
    "line, head",
    [
        pytest.param(b'{"recording":1}', BY_HAND, id="nothing but the version"),
        pytest.param(b'{"recording":1,"at":""}', Head("", Request()), id="a recorder's without a response"),
        pytest.param(
            b'{"recording":1,"request":null,"response":null}', replace(BY_HAND, response=None), id="nulls"
        ),
        pytest.param(
            b'{"recording":1,"response":{}}',
            BY_HAND,
            id="an answer without a time",
        ),
        pytest.param(
            b'{"request":{"headers":{"X-A":"1"},"x":2},"y":3,"recording":1}',
            replace(
                BY_HAND,
                request=Request(headers={"x-a": "1"}, extra={"x": 2}),
                extra={"untimed": True, "by_hand": True, "y": 3},
            ),
            id="keys in another order, names in capitals, unknown keys",
        ),
        pytest.param(
            b'{"recording":1,"request":{"body":{"a":1},"method":"GET","body": [ 1,2 ] }}',
            replace(BY_HAND, request=Request(method="GET", body=b"[ 1,2 ]")),
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
    "line, message",
    [
        pytest.param(b"[1]", "is a JSON object, this is an array", id="array"),
        pytest.param(b"null", "this is null", id="null"),
        pytest.param(b"event: a", "not JSON at column 1", id="not JSON"),
        pytest.param(
            b'{"t":1,}', "not JSON at column", id="trailing comma"
        ),  # 7 from Python 3.13 on, before 8
        pytest.param(b'{"t":1,2}', "not JSON at column 8", id="no name of a member"),
        pytest.param(b'{"t":1\n', "not JSON at column 7: Expecting", id="no bracket before the line end"),
        pytest.param(b'{"t":1\r\n', "not JSON at column 7: Expecting", id="no bracket before CR LF"),
        pytest.param(b'{"t":"\xff"}', "not UTF-8 at byte 7", id="not UTF-8"),
        pytest.param(b'{"t":1,"event":"\xff","data":1}', "not UTF-8 at byte 17", id="a name not UTF-8"),
        pytest.param(b'{"t":NaN,"raw":""}', "NaN is not JSON", id="NaN"),
        pytest.param(
            b'{"t":1,"data":' + b"[" * 1010 + b"]" * 1010 + b',"event":"a"}',
            "nested too deeply",
            id="deep",
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="`json` reads as deep as orjson"),
        ),
        pytest.param(
            b'{"t":1,"data":' + b"[" * 1100 + b"]" * 1100 + b',"event":"a"}', "nested deeper", id="deeper"
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
def test_what_is_no_line_of_a_recording_is_refused_with_the_reason(line, message):
    with pytest.raises(ValueError) as caught:
        parse_line(line + b"\n")
    assert message in str(caught.value)


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
    "part",
    "eol",
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
        assert type(error) in (ValueError, NotJSONError)


@pytest.mark.parametrize("eol", ["1", '"x"', "null", '["\\n"]'])
def test_a_line_end_is_one(eol):
    with pytest.raises(ValueError, match="`eol` must be the line end of `body`"):
        parse_line(b'{"t":1,"body":{},"eol":%b}' % eol.encode())


def test_base64_is_read_as_it_is():
    text = base64.b64encode(b"data: 1\n\n").decode()
    assert parse_line(b'{"t":1,"raw":{"base64":"%b"}}' % text.encode()) == TimedBlock(
        1.0, None, b"1", b"data: 1\n\n"
    )


# The plain form


@pytest.mark.parametrize(
    "line, plain",
    [
        pytest.param(b'{"t":1.5,"event":"a","data":{"n":1 }}\n', True, id="as it is written"),
        pytest.param(b'{"t":0,"event":"a b","data":[1]} \r\n', True, id="with blanks behind it"),
        pytest.param('{"t":1,"event":"é","data":"\u2028"}'.encode(), True, id="not ASCII"),
        pytest.param(b'{"t":2,"cuts":[[3,1.5],[4,2]],"event":"a","data":1}\n', True, id="of several reads"),
        pytest.param(b'{"t":2,"cuts":[[3,1.5,9]],"event":"a","data":1}\n', False, id="of wrong reads"),
        pytest.param(b'{"t":1,"event":"a","data":{"n":1},"note":2}', False, id="a member behind it"),
        pytest.param(b'{"t":1,"event":"a","data":1\r}', False, id="a CR in the payload"),
        pytest.param(b'{"t":1,"event":"a","data":"\\ud800"}', False, id="a payload that orjson refuses"),
        pytest.param(b'{"t":1,"event":"\xff","data":1}', False, id="a name that is not UTF-8"),
        pytest.param(b'{"t":01,"event":"a","data":1}', False, id="a time that is no number"),
        pytest.param(b'{"t":1,"raw":"a"}', False, id="another kind of line"),
    ],
)
def test_the_plain_form_is_read_on_a_short_way(line, plain):
    block = parse_plain(line)
    assert (block is not None) is plain
    assert block is None or type(block) is TimedBlock


@given(
    st.sampled_from(
        [
            b'{"t":1,"event":"%b","data":%b}',
            b'{"t":%b,"event":"a","data":%b}\n',
            b'{"t":9,"cuts":[[1,%b]],"event":"a","data":%b}\n',
        ]
    ),
    st.binary(max_size=3)
    | st.sampled_from([b"a", b"1.5", b"0", b"1e3", b"2],[3,4", b"1,1", b"1234567890123"]),
    st.binary(max_size=3) | st.sampled_from([b'"\\ud800"', b"1e400", b" 1 ", b'1,"t":2', b'{"a":1}', b"NaN"]),
)
def test_the_short_way_reads_what_the_long_way_reads(form, value, data):
    line = form % (value, data)
    block = parse_plain(line)
    if block is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parsing, "parse_plain", lambda line: None)
            assert parse_line(line) == block


def test_a_payload_has_its_value_whether_it_was_read_last_or_not():
    first, second = (parse_plain(b'{"t":1,"event":"a","data": {"n":%d} }' % n).data for n in (1, 2))
    assert payload_of(second) is payload_of(second) == {"n": 2}
    assert payload_of(first) == {"n": 1}
    with pytest.raises(ValueError):
        payload_of(b"{")


def test_a_head_begins_as_it_is_written():
    assert dump_head(Head("", Request())).startswith(HEAD_START)


# The body of a request

BODIES = [
    b'{"a":1}',
    b'{"x":"\\",\\"body\\":2},\\"response\\":"}',
    b'[{"body":1},"response"]',
    b'"text"',
    b"1.0",
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    "form",
    [
        b'{"recording":1,"at":"","request":{"url":"","body":%b},"response":{"status":200}}',
        b'{"recording":1,"at":"","request":{"url":"","body": %b },"response":null,"recorder":{}}',
        b'{"recording":1,"at":"","request":{"url":"","body":%b},"recorder":{"x":{},"response":{}}}',
        b'{"recording":1,"at":"","request":{"url":"","body":%b,"withheld":["a"]},"response":{}}',
        b'{"recording":1,"at":"","request":{"url":"","body":%b},"response":{},"note":{"request":{},"response":{}}}',
        b'{"recording":1,"at":"","note":{"a":1,"body":{"b":2}},"request":{"url":"","body":%b},"response":{}}',
        b'{"recording":1,"at":"","request":{"body":%b}}',
        b'{ "recording" : 1 , "at" : "" , "request" : { "body" : %b } , "response" : { } }',
    ],
)
def test_a_request_has_its_body_verbatim_wherever_it_stands(form, body):
    assert parse_line(form % body + b"\n").request.body == body
