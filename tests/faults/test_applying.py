"""Applying faults: to which requests, in which order, and what is said when a fault does not apply."""

from __future__ import annotations

import pytest
from edited import edit, load

from inspector import faults
from inspector.errors import UsageError
from inspector.recording import Ending
from inspector.recording.bundled import bundled_recording


@pytest.mark.parametrize(
    ("on", "requests"), [("1", [1]), ("2", [2]), ("1..2", [1, 2]), ("2..", [2, 3, 4]), ("2..3", [2, 3])]
)
def test_a_fault_applies_to_the_requests_it_is_for(on, requests):
    hello = load("hello")
    changed = [n for n in range(1, 5) if faults.apply(hello, f"cut-fin,on={on}", request=n) is not hello]
    assert changed == requests


def test_several_faults_apply_in_order():
    edited = edit("hello", ["newlines=crlf", "cut-fin@ev:3"])
    assert edited.end.how is Ending.CUT
    assert edited.body.endswith(b"\r\n\r\n")
    assert edited.head.extra == {"faults": ["newlines=crlf", "cut-fin@ev:3"]}


def test_the_head_keeps_the_seed_and_earlier_faults():
    once = edit("hello", "rechunk=random", seed=3)
    assert once.head.extra == {"faults": ["rechunk=random"], "seed": 3}
    assert faults.apply(once, "cut-fin").head.extra == {"faults": ["rechunk=random", "cut-fin"], "seed": 3}


def test_a_parsed_fault_and_its_text_are_the_same():
    assert edit("hello", faults.parse("cut-fin@ev:7")) == edit("hello", ["cut-fin@ev:7"])


def test_a_recording_is_repeated_until_no_limited_fault_applies():
    hello, tool = load("hello"), load("tool_use")
    responses = faults.apply_in_turn([hello, tool], ["http-error,on=1..2", "rechunk=1"])
    assert [each.response.status for each in responses] == [529, 529, 200, 200]
    assert [each.message() == hello.message() for each in responses] == [False, False, True, False]


@pytest.mark.parametrize(
    ("texts", "ends", "every_request"),
    [
        ("cut-fin", ["cut", "cut"], True),
        (["cut-fin", "rechunk=1"], ["cut", "cut"], True),
        ("cut-fin,on=1", ["cut", "complete", "complete"], False),
        (["cut-fin", "rechunk=1,on=2.."], ["cut", "cut"], False),
    ],
)
def test_a_plan_says_whether_its_faults_apply_to_every_request(texts, ends, every_request):
    responses, every = faults.apply_plans([load("hello"), load("tool_use")], texts)
    assert ([each.end.how for each in responses], every) == (ends, every_request)


def test_a_preset_is_tried_fault_by_fault_on_all_recordings():
    tool = load("tool_use")
    responses, every_request = faults.apply_plans(iter([tool, tool]), "dirty-dozen")
    applied = [each.head.extra["faults"] for each in responses]
    assert applied == [[text] for text in faults.DIRTY_DOZEN for _ in range(2)]
    assert every_request


@pytest.mark.parametrize(
    ("name", "fault", "reason"),
    [
        ("hello", "cut-fin@ev:70", "it has 46 events"),
        ("hello", "cut-fin@byte:9999999", "its body has 6216 bytes"),
        ("hello", "cut-fin@time:9s", "its last byte came at 2.114 s"),
        ("hello", "drop@time:9s", "it has 46 events in 6216 bytes, the last at 2.114 s"),
        ("hello", "drop@byte:6216", "it has 46 events in 6216 bytes, the last at 2.114 s"),
        ("hello", "drop@end", "the last event is @ev:-1"),
        ("hello", "drop@type:nothing", "it has no event of type nothing; it has content_block_delta"),
        ("hello", "drop@type:ping#2", "ping occurs once"),
        ("hello", "drop@type:text_delta#99", "text_delta occurs 40 times"),
        ("hello", "drop@block:1", "it has no content block 1; its only content block is 0 text"),
        ("hello", "tool-json", "it has no tool call; its only content block is 0 text"),
        ("tools_parallel", "tool-json,block=3", "has no input; set block="),
        (
            "tools_parallel",
            "tool-json,block=0",
            "content block 0 is not a tool call; its content blocks are 0 text, 1",
        ),
        ("tool_use", "tool-json=truncate,keep=9999", "the tool's JSON has"),
        ("tool_use", "tool-shape=dup-id", "needs two tool calls"),
        ("hello", "thinking", "it has no thinking block"),
        ("thinking_omitted", "thinking=early", "has no thinking_delta"),
        ("hello", "reindex=gap", "needs two content blocks"),
        ("hello", "retarget", "has no other content block to go to"),
        ("hello", "overlap", "needs two content blocks"),
        ("hello", "stop=end_turn", "needs a tool_use block"),
        ("tool_use", "stop=tool_use", "without a tool_use block"),
        ("tools_parallel", "rechunk=utf8", "its body is ASCII"),
        ("error_529", "rechunk=frame", "its body has no event to cut after"),
        ("error_529", "cut-mid-frame", "no event at this position"),
        ("error_529", "drop", "it has no events"),
        ("error_529", "usage", "it has no message_delta"),
        ("error_529", "strip-event-lines", "no event with a name"),
        ("error_529", "no-final-blank", "does not end with a blank line"),
        ("error_529", "merge-frames", "it has 0 events, and this takes two"),
        ("error_529", "newlines", "no line end"),
        ("error_529", "no-space", "no space after a field's name"),
        ("error_529", "comment-inject", "it has 0 events"),
        ("error_529", "splice-retry", "it has no message_start"),
        ("hello", "comment-inject=100", "it has 46 events"),
        ("broken/no_response", "cut-fin", "it has no response"),
        ("web_fetch", "gzip", "compressed already: gzip"),
        ("web_fetch", "content-length", "was compressed"),
        ("hello", "content-length=0", "set delta= to at least -6216, but not to 0"),
        ("hello", "content-length=-6217", "set delta= to at least -6216, but not to 0"),
        ("hello", "cut-mid-frame,bytes=9999", "set bytes= below"),
        ("hello", "cut-mid-frame@end", "no event at this position"),
        ("hello", "keepalive-splice@end", "no event at this position"),
        ("hello", "corrupt-bytes@end", "its body has 6216 bytes"),
        ("hello", "big-frame@type:ping", "not a delta with text"),
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
def test_a_fault_that_does_not_apply_says_what_the_recording_has(name, fault, reason):
    with pytest.raises(UsageError) as error:
        edit(name, fault)
    assert reason in str(error.value)
    assert str(error.value).startswith(f"{fault} cannot be applied to {bundled_recording(name)}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("on", ["2", "2..", "3..4"])
def test_a_fault_that_begins_after_the_last_request_is_wrong_use(on):
    message = rf"on={on} applies to no request: the recordings answer 1 request, and the fault begins"
    with pytest.raises(UsageError, match=message):
        faults.apply_in_turn([load("hello")], f"cut-fin,on={on}")
