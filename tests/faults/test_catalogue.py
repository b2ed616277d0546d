"""Faults are pure edits of a recording: laws over every fault in every mode, then what each of them does."""

from __future__ import annotations

import copy
import io
import itertools
import json
import random
import re
import zlib

import hypothesis
import pytest
from fault_rows import ROWS
from hypothesis import strategies as st

import inspector
from inspector import faults
from inspector.errors import UsageError
from inspector.faults.edits import rebuilt, spliced
from inspector.http_library import ending_of, exception_for
from inspector.recording import Ending, Head, Recording, Request, Response, dump, recordings
from inspector.recording.bundled import bundled_names, bundled_recording

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)


def load(name):
    return inspector.load(bundled_recording(name))


def edit(name, fault, **options):
    return faults.apply(load(name), fault, **options)


def types(recording):
    return [event.type for event in recording.events()]


# The laws


@every_row
def test_the_laws_of_a_recording_hold(row):
    edited = edit(row.recording, row.fault)
    times = [t for t, _ in edited.chunks()]
    assert times == sorted(set(times))
    assert b"".join(chunk for _, chunk in edited.chunks()) == edited.body
    assert all(round(t, 6) == t for t in (*times, edited.end.t))
    assert edited.end.t >= max([edited.response.t if edited.response else 0.0, *times])
    if edited.response and times:
        assert times[0] >= edited.response.t


@every_row
def test_it_leaves_its_argument_as_it_was_and_does_something(row):
    before = load(row.recording)
    kept = copy.deepcopy(before)
    after = faults.apply(before, row.fault)
    assert before == kept
    assert (after.body, after.end, after.head.response, list(after.chunks())) != (
        before.body,
        before.end,
        before.head.response,
        list(before.chunks()),
    )
    assert after.request == before.request


@every_row
def test_it_does_the_same_again(row):
    assert edit(row.recording, row.fault, seed=7) == edit(row.recording, row.fault, seed=7)


@every_row
def test_it_comes_back_from_a_file(row):
    edited = edit(row.recording, row.fault)
    (read,) = recordings(io.BytesIO(b"".join(dump(edited))))
    assert read == edited
    assert list(read.chunks()) == list(edited.chunks())


@every_row
def test_it_is_replayed_as_it_stands(row, library):
    edited = edit(row.recording, row.fault)
    transport = inspector.replay(load(row.recording), fault=row.fault)
    request = library.Request("POST", "http://test/v1/messages", content=b'{"stream":true}')
    chunks, raised = [], None
    try:
        response = transport.handle_request(request)
        assert response.status_code == edited.response.status
        chunks.extend(response.stream)
    except library.TransportError as error:
        raised = error
    expected = exception_for(library, edited.end, edited.head, "")
    assert chunks == [chunk for _, chunk in edited.chunks()]
    assert (type(raised), str(raised)) == (type(expected), str(expected))
    assert raised is None or edited.response is None or ending_of(raised)[0] is edited.end.how


@every_row
def test_the_head_says_what_was_done(row):
    assert edit(row.recording, row.fault).head.extra == {"faults": [row.fault]}


@pytest.mark.parametrize("name", bundled_names())
def test_an_edit_that_changes_nothing_changes_nothing(name):
    for recording in inspector.load_all(bundled_recording(name)) if name != "broken/torn" else []:
        assert rebuilt(recording, recording.chunks()) == recording
        assert spliced(recording, []) == recording


def test_splices_are_what_they_would_be_in_the_bytes():
    chance = random.Random(20261121)
    body = bytes(range(40))
    for _ in range(300):
        points = sorted(chance.sample(range(1, 40), k=chance.randrange(0, 8)))
        reads = [(1.0 + n, body[a:b]) for n, (a, b) in enumerate(itertools.pairwise([0, *points, 40]), 1)]
        recording = rebuilt(Recording(Head("", Request(), Response(0.0))), reads)
        places = sorted(chance.sample(range(41), k=2 * chance.randrange(0, 4)))
        pairs = zip(places[::2], places[1::2], strict=True)
        splices = [(a, b, chance.randbytes(chance.randrange(5))) for a, b in pairs]
        expected, at = b"", 0
        for first, stop, new in splices:
            expected, at = expected + body[at:first] + new, stop
        edited = spliced(recording, splices)
        assert edited.body == expected + body[at:]
        assert {t for t, _ in edited.chunks()} <= {t for t, _ in reads}


# The table itself


def test_every_fault_has_a_row():
    assert {faults.parse(row.fault).kind.name for row in ROWS} | {"http-error", "fail-then-ok"} == set(
        faults.FAULTS
    )


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_every_choice_has_a_row(kind):
    rows = " ".join(row.fault for row in ROWS if faults.parse(row.fault).kind is kind)
    for parameter in kind.parameters:
        for option in re.split(r"[|+](?!1)", parameter.shape):
            spelt = re.search(rf"[=+]{re.escape(option)}(?![\w-])", rows)
            is_word = option.islower() and parameter.shape not in ("yes|no", "SECONDS|forever")
            assert spelt or not is_word or option == parameter.default, (
                f"{kind.name} {parameter.name}={option}"
            )


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_every_fault_explains_itself(kind):
    assert kind.sentence.endswith(".")
    assert kind.sdk and kind.client
    assert not kind.incident or kind.incident.startswith("https://")
    assert all(parameter.doc and parameter.shape for parameter in kind.parameters)
    assert faults.parse(kind.name).kind is (
        faults.FAULTS["http-error"] if kind.name == "fail-then-ok" else kind
    )


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_every_default_can_be_written(kind):
    for parameter in kind.parameters:
        if parameter.default is not None:
            assert parameter.read(parameter.shown_default) == parameter.default


def test_the_dirty_dozen_are_twelve_and_strike_one_recording():
    assert len(inspector.DIRTY_DOZEN) == 12
    for fault in inspector.DIRTY_DOZEN:
        edit("tool_use", fault)


# How they are written


@pytest.mark.parametrize(
    ("text", "pointed", "words"),
    [
        ("cut-fn@ev:7", "cut-fn", "did you mean cut-fin"),
        ("xyz", "xyz", "`inspector faults` lists them"),
        ("", "", "no fault is called ''"),
        ("dirty-dozen", "dirty-dozen", "one after another: cut-clean, cut-fin"),
        ("cut-fin@evv:7", "evv:7", "a position is ev:N"),
        ("cut-fin@ev:0", "ev:0", "a position is"),
        ("cut-fin@", "", "a position is"),
        ("gzip@ev:1", "@ev:1", "gzip takes no position"),
        ("cut-clean=4", "=", "cut-clean takes no value"),
        ("usage=dorp", "dorp", "one of drop, null"),
        ("start-fields=id+nme", "id+nme", "one or more of usage"),
        ("http-error=200", "200", "a whole number from 400 to 599"),
        ("strip-event-lines=2", "2", "a number from 0 to 1"),
        ("strip-event-lines=x", "x", "a number from 0 to 1"),
        ("stall=5x", "5x", "a time such as 15s, 250ms or 2m, or forever"),
        ("burst=0s", "0s", "a time such as 2s"),
        ("burst=0.00s", "0.00s", "a time such as 2s"),
        ("rechunk=0", "0", "one of random, utf8"),
        ("done-sentinel,named=perhaps", "perhaps", "it is yes or no"),
        ("rename-event=\x1b[2J", "\x1b", "printable characters"),
        ("error-event,mesage=x", "mesage", "did you mean message"),
        ("stall-ping,interval", "interval", "interval=SECONDS"),
        ("cut-fin,on=0", "0", "requests are written 1, 1..2 or 2.."),
        ("cut-fin,on=3..1", "3..1", "from 1 to 9999"),
        ("cut-fin,on=1..10000", "1..10000", "from 1 to 9999"),
        ("http-error@", "@", "takes no position"),
        ('error-event="a"b', "b", "not expected here"),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text, pointed, words):
    with pytest.raises(UsageError) as error:
        faults.parse(text)
    message, shown, caret = str(error.value).split("\n")
    start = caret.index("^") - 2
    assert words in message
    assert len(shown) - 2 == len(text)
    assert text[start : start + len(pointed)] == pointed
    assert caret == " " * (start + 2) + "^" * max(len(pointed), 1)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("stall=250ms", {"secs": 0.25}),
        ("stall=2m@block:1", {"secs": 120.0}),
        ("stall=forever", {"secs": None}),
        ("big-frame=2M", {"bytes": 2_000_000}),
        ("content-length=-5", {"delta": -5}),
        ('error-event=api_error,message="Sorry, \\"busy\\" @ noon"', {"message": 'Sorry, "busy" @ noon'}),
        ("http-error,retry-after=3", {"status": 529, "retry_after": 3.0}),
    ],
)
def test_values_are_read(text, values):
    assert values.items() <= faults.parse(text).values.items()


def test_a_preset_gives_a_plan_for_each_of_its_faults():
    plans = faults.plans(["rechunk=1", "dirty-dozen"])
    assert [[fault.text for fault in plan] for plan in plans] == [
        ["rechunk=1", text] for text in faults.DIRTY_DOZEN
    ]


# Where they strike


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ("cut-clean@ev:1", 0),
        ("cut-clean@ev:7", 6),
        ("cut-clean@ev:-1", 45),
        ("cut-clean@type:ping", 2),
        ("cut-clean@type:text_delta#3", 5),
        ("cut-clean@type:message_stop#-1", 45),
        ("cut-clean@block:0", 1),
        ("cut-clean@time:1s", 15),
        ("cut-clean@byte:0", 0),
        ("cut-clean@mid", 23),
    ],
)
def test_a_point_is_just_before_the_event_it_names(fault, left):
    assert types(edit("hello", fault)) == types(load("hello"))[:left]


@pytest.mark.parametrize(
    ("position", "numbers"),
    [
        ("ev:3..5", [3, 4, 5]),
        ("ev:-2..-1", [45, 46]),
        ("type:ping", [3]),
        ("type:text", [2]),
        ("type:text_delta#2", [5]),
        ("block:0", [2, *range(4, 45)]),
        ("byte:700", [3]),
        ("time:2.1s", [45]),
        ("mid", [24]),
    ],
)
def test_to_a_fault_that_changes_events_a_position_is_these(position, numbers):
    whole = [event.block.raw_bytes for event in load("hello").events()]
    left = [event.block.raw_bytes for event in edit("hello", f"drop@{position}").events()]
    expected = [raw for number, raw in enumerate(whole, 1) if number not in numbers]
    assert len(left) == len(expected)
    assert left == expected or position.startswith("byte")


def test_a_position_at_random_is_the_seeds():
    found = {len(types(edit("hello", "cut-clean@random", seed=seed))) for seed in range(20)}
    assert len(found) > 5


@pytest.mark.parametrize(
    ("name", "fault", "words"),
    [
        ("hello", "cut-fin@ev:70", "it has 46 events"),
        ("hello", "cut-fin@byte:9999999", "its body has 6216 bytes"),
        ("hello", "cut-fin@time:9s", "its last byte came at 2.114 s"),
        ("hello", "drop@time:9s", "it has 46 events in 6216 bytes, the last at 2.114 s"),
        ("hello", "drop@end", "say @ev:-1"),
        ("hello", "drop@type:nothing", "no event of type nothing; there are content_block_delta"),
        ("hello", "drop@type:ping#2", "ping occurs 1 times"),
        ("hello", "drop@block:1", "no content block 1; its only content block is 0 text"),
        ("hello", "tool-json", "there is no tool call; its only content block is 0 text"),
        ("tools_parallel", "tool-json,block=3", "has no input; say block="),
        (
            "tools_parallel",
            "tool-json,block=0",
            "content block 0 is no tool call; its content blocks are 0 text, 1",
        ),
        ("tool_use", "tool-json=truncate,keep=9999", "the tool's JSON has"),
        ("tool_use", "tool-shape=dup-id", "needs two tools"),
        ("hello", "thinking", "there is no thinking block"),
        ("thinking_omitted", "thinking=early", "has no thinking_delta"),
        ("hello", "reindex=gap", "needs two content blocks"),
        ("hello", "retarget", "cannot go to another content block"),
        ("hello", "overlap", "needs two content blocks"),
        ("hello", "stop=end_turn", "needs a tool_use block"),
        ("tool_use", "stop=tool_use", "without a tool_use block"),
        ("tools_parallel", "rechunk=utf8", "its body is ASCII"),
        ("error_529", "rechunk=frame", "there is no event to cut after"),
        ("error_529", "cut-mid-frame", "no event at this position"),
        ("error_529", "drop", "there is no event in it"),
        ("error_529", "usage", "there is no message_delta"),
        ("error_529", "strip-event-lines", "no event with a name"),
        ("error_529", "no-final-blank", "does not end with a blank line"),
        ("error_529", "merge-frames", "no two events"),
        ("error_529", "newlines", "no line end"),
        ("error_529", "no-space", "no blank after any field"),
        ("error_529", "comment-inject", "it has 0 events"),
        ("error_529", "splice-retry", "there is no message_start"),
        ("hello", "comment-inject=100", "it has 46 events"),
        ("broken/no_response", "cut-fin", "it has no response"),
        ("web_fetch", "gzip", "compressed already: gzip"),
        ("web_fetch", "content-length", "was compressed"),
        ("hello", "content-length=0", "difference that is not 0"),
        ("hello", "cut-mid-frame,bytes=9999", "say bytes= below"),
        ("hello", "cut-mid-frame@end", "no event at this position"),
        ("hello", "keepalive-splice@end", "no event at this position"),
        ("hello", "corrupt-bytes@end", "its body has 6216 bytes"),
        ("hello", "big-frame@type:ping", "no delta with text"),
        ("hello", "unicode-sep@type:ping", "has no text"),
        ("hello", "inject-unknown=delta@ev:2", "no content block is open"),
        ("hello", "swap@ev:-1", "no event 47"),
        ("hello", "swap@ev:3,with=3", "with itself"),
        ("hello", "move@ev:1", "there already"),
        ("hello", "stall-ping,interval=1ms,for=1000h", "more than 100000 times"),
        ("hello", "splice-retry,second=other.jsonl", "no recording can be read here (other.jsonl)"),
        ("crlf", "newlines=crlf", "it would change nothing"),
        ("hello", "strip-event-lines=0", "it would change nothing"),
    ],
)
def test_what_cannot_strike_says_what_there_is(name, fault, words):
    with pytest.raises(UsageError) as error:
        edit(name, fault)
    assert words in str(error.value)
    assert str(error.value).startswith(f"{fault} cannot be applied to {bundled_recording(name)}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", bundled_names())
@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")
def test_any_fault_on_any_recording_strikes_or_says_why_not(name):
    for recording in inspector.load_all(bundled_recording(name)):
        for row in ROWS:
            try:
                edited = faults.apply(recording, row.fault)
            except UsageError as error:
                assert "\n" not in str(error)
            else:
                assert [t for t, _ in edited.chunks()] == sorted({t for t, _ in edited.chunks()})


PIECES = [*faults.FAULTS, *faults.POSITIONS, *'=@,:#."\\ 019-\n\x1b', "..", "on=", "1..2", "secs=", "é", "💥"]


@hypothesis.given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_a_fault_or_wrong_use(text):
    try:
        fault = faults.parse(text)
    except UsageError as error:
        assert str(error).count("\n") == 2
    else:
        assert fault.text == text


# On which requests


@pytest.mark.parametrize(
    ("on", "struck"), [("1", [1]), ("2", [2]), ("1..2", [1, 2]), ("2..", [2, 3, 4]), ("2..3", [2, 3])]
)
def test_a_fault_strikes_the_requests_it_is_for(on, struck):
    hello = load("hello")
    found = [n for n in range(1, 5) if faults.apply(hello, f"cut-fin,on={on}", request=n) is not hello]
    assert found == struck


def test_fail_then_ok_is_short_for_another_fault_on_the_first_requests():
    fault = faults.parse('fail-then-ok="cut-fin@ev:3",times=3')
    assert (fault.kind.name, fault.on, fault.position) == (
        "cut-fin",
        (1, 3),
        faults.parse("cut-fin@ev:3").position,
    )


def test_a_recording_is_asked_for_again_until_its_fault_is_over():
    hello, tool = load("hello"), load("tool_use")
    found = faults.edited([hello, tool], ["http-error,on=1..2", "rechunk=1"])
    assert [each.response.status for each in found] == [529, 529, 200, 200]
    assert [each.message() == hello.message() for each in found] == [False, False, True, False]


def test_several_faults_strike_in_order():
    edited = edit("hello", ["newlines=crlf", "cut-fin@ev:3"])
    assert edited.end.how is Ending.CUT
    assert edited.body.endswith(b"\r\n\r\n")
    assert edited.head.extra == {"faults": ["newlines=crlf", "cut-fin@ev:3"]}
    assert edit("hello", "rechunk=random", seed=3).head.extra == {"faults": ["rechunk=random"], "seed": 3}


# What each does: how it ends


@pytest.mark.parametrize(
    ("fault", "how", "wait"),
    [
        ("cut-clean", Ending.COMPLETE, 0),
        ("cut-fin", Ending.CUT, 0),
        ("cut-rst", Ending.RESET, 0),
        ("cut-rst=2s", Ending.RESET, 2),
        ("cut-mid-frame", Ending.COMPLETE, 0),
        ("stall", Ending.TIMEOUT, 600),
        ("stall-ping,interval=10,for=30", Ending.TIMEOUT, 630),
        ("stall-comment,interval=10,for=30", Ending.TIMEOUT, 630),
        ("error-event", Ending.COMPLETE, 0),
        ("error-event=api_error,close=fin", Ending.CUT, 0),
        ("error-event=api_error,close=open", Ending.TIMEOUT, 600),
    ],
)
def test_it_ends_so_when_the_next_event_would_have_come(fault, how, wait):
    (_, *_, at) = list(load("hello").events())[:24]
    edited = edit("hello", fault)
    assert edited.end.how is how
    assert edited.end.t == pytest.approx(at.t + wait, abs=1e-5)


@pytest.mark.parametrize(
    ("fault", "how", "error"),
    [
        ("stall-headers=30s", Ending.TIMEOUT, "ReadTimeout"),
        ("cut-fin@head", Ending.CUT, "RemoteProtocolError"),
        ("cut-rst@head", Ending.RESET, "ReadError"),
        ("stall@head", Ending.TIMEOUT, "ReadTimeout"),
    ],
)
def test_before_the_head_there_is_no_response(fault, how, error):
    edited = edit("hello", fault)
    assert (edited.response, edited.blocks, edited.end.how) == (None, (), how)
    assert edited.end.error.startswith(error)


def test_a_stall_moves_what_comes_after_it():
    before, after = load("hello"), edit("hello", "stall=5s@ev:24")
    at = list(before.events())[23].t
    expected = [(t + 5 if t >= at else t, chunk) for t, chunk in before.chunks()]
    assert [(pytest.approx(t), chunk) for t, chunk in expected] == list(after.chunks())
    assert after.end.t == pytest.approx(before.end.t + 5)


def test_pings_come_at_their_interval_for_as_long_as_told():
    edited = edit("hello", "stall-ping@ev:5,interval=10,for=30")
    pings = list(edited.events())[4:]
    assert [ping.type for ping in pings] == ["ping"] * 3
    gaps = [b.t - a.t for a, b in itertools.pairwise(pings)]
    assert gaps == pytest.approx([10, 10])


@pytest.mark.parametrize("after", ["stop", "delta"])
def test_a_message_may_be_whole_and_its_body_not_end(after):
    edited = edit("hello", f"hang-after-stop={after}")
    assert types(edited)[-1] == f"message_{after}"
    assert (edited.end.how, round(edited.end.t)) == (Ending.TIMEOUT, 602)


@pytest.mark.parametrize(("delta", "how"), [(100, Ending.CUT), (-200, Ending.COMPLETE)])
def test_the_content_length_is_wrong(delta, how):
    before, after = load("hello"), edit("hello", f"content-length={delta}")
    assert int(after.response.headers["content-length"]) == len(before.body) + delta
    assert after.end.how is how
    assert before.body.startswith(after.body)
    assert len(after.body) == len(before.body) + min(delta, 0)


def test_a_content_length_goes_when_it_is_no_longer_true():
    with_length = edit("hello", "content-length=5")
    assert "content-length" not in faults.apply(with_length, "dup").response.headers
    assert "content-length" in faults.apply(with_length, "rechunk=1").response.headers


def test_gzip_in_its_modes():
    body = load("hello").body
    packed = {mode: edit("hello", f"gzip={mode}") for mode in ("ok", "lie", "hidden", "cut")}
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
    assert packed["ok"].body == packed["lie"].body == body
    assert unpack(packed["hidden"].body) == body
    assert body.startswith(unpack(packed["cut"].body)) and unpack is not None
    encodings = {mode: each.response.headers.get("content-encoding") for mode, each in packed.items()}
    assert encodings == {"ok": "gzip", "lie": "gzip", "hidden": None, "cut": "gzip"}
    undecoded = {mode for mode, each in packed.items() if (each.response.extra or {}).get("undecoded")}
    assert undecoded == {"lie", "cut"}


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("http-error", 529, "overloaded_error"),
        ("http-error=429", 429, "rate_limit_error"),
        ("http-error=418", 418, "invalid_request_error"),
        ("http-error=599", 599, "api_error"),
    ],
)
def test_an_http_error_has_the_apis_own_body(fault, status, kind):
    edited = edit("hello", f"{fault},retry_after=3")
    body = json.loads(edited.body)
    assert (edited.response.status, body["error"]["type"]) == (status, kind)
    assert body["request_id"] == load("hello").response.headers["request-id"]
    assert edited.response.headers["retry-after"] == "3"
    assert edited.response.headers["content-type"] == "application/json"


def test_an_http_error_of_a_body_that_was_not_decoded_can_be_read():
    assert faults.apply(edit("hello", "gzip=lie"), "http-error").response.extra is None


# What each does: pace and pieces


def gaps(recording):
    return [b - a for a, b in itertools.pairwise([recording.response.t, *(t for t, _ in recording.chunks())])]


def test_slow_makes_every_wait_longer():
    assert gaps(edit("hello", "slow=10")) == pytest.approx(
        [10 * gap for gap in gaps(load("hello"))], abs=1e-4
    )
    assert max(gaps(edit("hello", "slow=10,max=300ms"))) == pytest.approx(0.3)
    assert min(gaps(edit("hello", "slow=1,min=100ms"))) == pytest.approx(0.1)
    jitter = [
        b - a for a, b in zip(gaps(load("hello")), gaps(edit("hello", "slow=1,jitter=1s")), strict=True)
    ]
    assert 0 <= min(jitter) < 0.3 < 0.7 < max(jitter) <= 1
    assert edit("hello", "slow,jitter=1s", seed=1) != edit("hello", "slow,jitter=1s", seed=2)


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("burst", lambda reads: len(reads) == 1 and reads[0][0] == pytest.approx(2.113744)),
        ("burst=1s", lambda reads: [int(t) for t, _ in reads] == [0, 1, 2]),
        ("burst=1000", lambda reads: all(len(chunk) >= 1000 for _, chunk in reads[:-1])),
        ("rechunk=1", lambda reads: {len(chunk) for _, chunk in reads} == {1}),
        ("rechunk=7", lambda reads: {len(chunk) for _, chunk in reads[:-1]} == {7}),
        ("rechunk=random,most=3", lambda reads: {len(chunk) for _, chunk in reads} == {1, 2, 3}),
        (
            "rechunk=frame",
            lambda reads: all(chunk.endswith(b"\n\n") for _, chunk in reads) and len(reads) == 46,
        ),
        ("rechunk=coalesce,most=6", lambda reads: len(reads) == 6),
        ("rechunk=crlf", lambda reads: sum(chunk.endswith(b"}\n") for _, chunk in reads) == 46),
        ("rechunk=utf8", lambda reads: any(0xC2 <= chunk[-1] <= 0xF4 for _, chunk in reads)),
    ],
)
def test_the_same_bytes_come_in_other_pieces(fault, check):
    edited = edit("hello", fault)
    assert edited.body == load("hello").body
    assert next(iter(edited.events())).data == next(load("hello").events()).data
    assert check(list(edited.chunks()))


# What each does: to the events


def test_an_answer_that_is_tried_again_follows_in_its_own_time():
    before, edited = load("hello"), edit("hello", "splice-retry")
    assert types(edited) == types(before)[:23] + types(before)
    ids = [event.data["message"]["id"] for event in edited.events() if event.type == "message_start"]
    assert len(set(ids)) == 2 and len(ids[0]) == len(ids[1])
    assert edited.end.t == pytest.approx(list(before.events())[23].t + before.end.t - before.response.t)


def test_another_recording_may_follow():
    asked = []

    def read(path):
        asked.append(path)
        return load("broken/cut_text")

    edited = edit("hello", "concat,second=other.jsonl", load=read)
    assert asked == ["other.jsonl"]
    assert edited.body == load("hello").body + load("broken/cut_text").body
    assert edited.end.how is Ending.CUT


def payloads(recording, kind):
    return [event.data for event in recording.events() if event.type == kind]


def test_tool_json_is_broken_as_told():
    def text(fault):
        deltas = payloads(edit("tool_use", fault), "content_block_delta")
        return "".join(each["delta"]["partial_json"] for each in deltas)

    whole = '{"location": "Tromsø, Norway", "date": "2026-11-21", "unit": "celsius"}'
    assert text("tool-json") == whole[: len(whole) // 2]
    assert text("tool-json=truncate,keep=0") == ""
    assert text("tool-json=invalid") == whole.replace('"Troms', "Troms")
    assert text("tool-json=trailing") == whole + '{"a":1}'
    assert text("tool-json=non-object") == "[1, 2]"
    assert text("tool-json=surrogate") == whole.replace("Troms", "\ud83dTroms")


def test_payloads_keep_their_padding_and_the_other_events_their_bytes():
    before, after = list(load("hello").events()), list(edit("hello", "usage=null").events())
    changed = [one.number for one, other in zip(before, after, strict=True) if one.block != other.block]
    assert changed == [45]
    assert after[44].block.data.endswith(b'"usage":null       }')


def test_a_dialect_is_kept_where_a_payload_changes():
    edited = edit("crlf", "stop=null")
    assert b'"stop_reason":null' in edited.body
    assert b"\n" not in edited.body.replace(b"\r\n", b"")


def test_mixed_line_ends_hold_the_sdk_up_and_no_event_is_lost():
    edited = edit("hello", "newlines=mixed")
    assert edited.body.count(b"\n\r\n") == 46
    assert types(edited) == types(load("hello"))


@pytest.mark.parametrize("shape", ["anthropic", "openai", "vllm", "text"])
def test_an_error_without_a_name_is_the_last_that_comes(shape):
    *_, last = edit("hello", f"error-unnamed={shape}").events()
    assert last.name is None
    assert b"overloaded" in last.block.data


def test_an_event_that_moves_later_comes_with_what_it_comes_before():
    edited = edit("hello", "move=30@type:ping")
    assert types(edited).index("ping") == 28
    assert list(edited.events())[28].t == list(load("hello").events())[29].t


def test_notes_of_a_person_stay_at_the_blocks_that_stay():
    hello = load("hello")
    block = hello.blocks[3]._replace(extra={"note": "look"})
    noted = Recording(
        hello.head, (*hello.blocks[:3], block, *hello.blocks[4:]), hello.end, others=((40, b"{}\n"),)
    )
    edited = faults.apply(noted, "cut-fin@ev:7")
    assert edited.blocks[3].extra == {"note": "look"}
    assert edited.others == ((6, b"{}\n"),)
