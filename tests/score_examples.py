"""For the tests of what is made of a scorecard: one card of everything, and one of hostile texts."""

from __future__ import annotations

from inspector.conformance.scoring.scorecard import Deviation, Exchange, ProbeResult, Scorecard, State
from inspector.recording import Head, Recording, Request

KEY = "sk-ant-api03-" + "Ab1" * 31 + "-AAAAAAAA"
HOSTILE = (
    "<script>alert(1)</script> ]]> & \" ' ` ``` | \\| *b* _i_ [x](http://evil.example) ![i](//e) "
    "@everyone #12 www.evil.example a@evil.example ::error::x ##[error]x <!-- $1$ ~~s~~ "
    f"\x1b[31m\u202e\r\n| row | {KEY}"
)


def exchange(name, began=0.0, took=0.5):
    recording = Recording(Head("", Request()))
    return Exchange(name, recording, began=began, ended=began + took, file=f"kept/{name}.jsonl")


def result(name, state=State.PASS, **fields):
    runs = int(state in (State.PASS, State.FAIL))
    fields = {
        "passed": int(state is State.PASS),
        "runs": runs,
        "exchanges": (exchange(f"{name}-1"),),
        **fields,
    }
    fields.setdefault("sentence", f"What {name} needs holds.")
    return ProbeResult(name, state, source=f"https://docs.example/{name}", **fields)


STOPS = Deviation(
    'it stops for "end_turn"; with max_tokens 5 it should be "max_tokens"',
    "max-tokens-1",
    event=7,
    byte=865,
    client="anthropic 2.12.0 (stream): the whole message arrives\nget_final_message(): complete, end_turn",
)
USAGE = Deviation("usage says 7 output tokens, and the limit was 5", "max-tokens-1", rule="usage-missing")
SLOW = Deviation("all deltas arrive at once, after 2.1 s", "long-text-1", warns=True)

CARD = Scorecard(
    set="2026-11",
    endpoint="http://127.0.0.1:8080",
    model="my-model",
    results=(
        result("text"),
        result(
            "max-tokens",
            State.FAIL,
            failures=(STOPS, USAGE),
            seen=("https://github.com/example/gateway/issues/12",),
        ),
        result("long-text", warnings=(SLOW,)),
        result("tool", State.FAIL, passed=1, runs=3, failures=(Deviation("no call is made", "tool-1"),)),
        result("image", State.NOT_APPLICABLE, reason="the endpoint refuses images: invalid_request_error"),
        result("idle", State.NOT_TESTED, reason="the endpoint answers 429", exchanges=()),
    ),
    took=2.34,
    at="2026-11-22T06:50:00Z",
)

HOSTILE_CARD = Scorecard(
    set="2026-11",
    endpoint=HOSTILE,
    model=HOSTILE,
    results=(
        result(
            "text",
            State.FAIL,
            known=HOSTILE,
            failures=(Deviation(HOSTILE, "text-1", 1, 2, HOSTILE, client=f"{HOSTILE}\n{HOSTILE}"),),
            warnings=(Deviation(HOSTILE, warns=True),),
        ),
        result("tool", State.FAIL, failures=(Deviation(HOSTILE),)),
        result("image", State.NOT_APPLICABLE, reason=HOSTILE),
    ),
)

UNREACHABLE = Scorecard(
    "2026-11",
    "http://127.0.0.1:1",
    "m",
    (result("text", State.NOT_TESTED, reason="nothing listens", exchanges=()),),
    reason="http://127.0.0.1:1 cannot be reached: connection refused",
)
