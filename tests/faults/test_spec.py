"""Faults as users write them: what is parsed, and how a text that cannot be parsed is pointed at."""

from __future__ import annotations

import hypothesis
import pytest
from edited import edit
from hypothesis import strategies as st

import inspector
from inspector import faults
from inspector.errors import UsageError


@pytest.mark.parametrize(
    ("text", "pointed", "message"),
    [
        ("cut-fn@ev:7", "cut-fn", "did you mean cut-fin"),
        ("xyz", "xyz", "`inspector faults` lists them"),
        ("", "", "no fault is called ''"),
        ("dirty-dozen", "dirty-dozen", "one after another: cut-clean, cut-fin"),
        ("fail-then-ok", "fail-then-ok", "write http-error=529,on=1..2"),
        ('fail-then-ok="cut-fin@ev:3",times=3', "fail-then-ok", "write http-error=529,on=1..2"),
        ("cut-fin@evv:7", "evv:7", "a position is ev:N"),
        ("cut-fin@ev:0", "ev:0", "a position is"),
        ("cut-fin@", "", "a position is"),
        ("gzip@ev:1", "@ev:1", "gzip takes no position"),
        ("cut-fin@mid@end", "@end", "a fault takes one position"),
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
        ("rechunk=N", "N", "one of random, utf8"),
        ("done-sentinel,named=perhaps", "perhaps", "expected yes or no"),
        ("rename-event=\x1b[2J", "\x1b", "printable characters"),
        ("error-event,mesage=x", "mesage", "did you mean message"),
        ("stall-ping,interval", "interval", "interval=SECONDS"),
        ("cut-fin,on=0", "0", "requests are written 1, 1..2 or 2.."),
        ("cut-fin,on=3..1", "3..1", "from 1 to 9999"),
        ("cut-fin,on=1..10000", "1..10000", "from 1 to 9999"),
        ("http-error@", "@", "takes no position"),
        ('error-event="a"b', "b", "not expected here"),
        ("error-event,message=you@work", "work", "put a value that contains @ in double quotes"),
        ("concat=you@work.jsonl", "@work.jsonl", "put a value that contains @ in double quotes"),
    ],
)
def test_a_text_that_cannot_be_parsed_is_pointed_at(text, pointed, message):
    with pytest.raises(UsageError) as error:
        faults.parse(text)
    said, shown, caret = str(error.value).split("\n")
    start = caret.index("^") - 2
    assert message in said
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
        ('concat="you@work.jsonl"', {"second": "you@work.jsonl"}),
        ("cut-rst", {"delay": 0.0}),
    ],
)
def test_values_are_parsed(text, values):
    assert values.items() <= faults.parse(text).values.items()


@pytest.mark.parametrize(
    "text",
    [
        "error-unnamed=anthropic@ev:6,event=message,on=1",
        "error-unnamed=anthropic,event=message@ev:6,on=1",
        "error-unnamed=anthropic,event=message,on=1@ev:6",
    ],
)
def test_the_position_may_stand_before_between_and_after_the_settings(text):
    fault = faults.parse(text)
    assert fault.position.text == "ev:6"
    assert fault.values == {"shape": "anthropic", "event": "message"}
    assert fault.on == (1, 1)
    assert edit("hello", fault).body == edit("hello", "error-unnamed,event=message@ev:6").body


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("cut-fin", (1, None)),
        ("cut-fin,on=2", (2, 2)),
        ("cut-fin,on=1..2", (1, 2)),
        ("cut-fin,on=2..", (2, None)),
        ("cut-fin,on_request=3", (3, 3)),
        ("cut-fin,on-request=3", (3, 3)),
    ],
)
def test_the_requests_of_a_fault_are_parsed(text, on):
    assert faults.parse(text).on == on


def test_a_preset_gives_a_plan_for_each_of_its_faults():
    plans = faults.plans(["rechunk=1", "dirty-dozen"])
    assert [[fault.text for fault in plan] for plan in plans] == [
        ["rechunk=1", text] for text in faults.DIRTY_DOZEN
    ]


def test_the_dirty_dozen_are_twelve_and_apply_to_one_recording():
    assert len(inspector.DIRTY_DOZEN) == 12
    for fault in inspector.DIRTY_DOZEN:
        edit("tool_use", fault)


PIECES = [*faults.FAULTS, *faults.POSITIONS, *'=@,:#."\\ 019-\n\x1b', "..", "on=", "1..2", "secs=", "é", "💥"]


@hypothesis.given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_a_fault_or_a_usage_error(text):
    try:
        fault = faults.parse(text)
    except UsageError as error:
        assert str(error).count("\n") == 2
    else:
        assert fault.text == text
