"""One example for each rule of `check`: a stream that breaks it, and what the SDK's caller sees of that.

`alone` is False where a breach cannot come without another finding. `sees` compares the words of the
prediction with what the SDK did; the exceptions are compared for every rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from streams import (
    COMPAT,
    END,
    GOOD,
    HEADERS,
    PING,
    STOP,
    TEXT,
    TOOL,
    delta,
    event,
    events_of,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector.checker import Checker, Report
from inspector.recording import Ending, Recording


class Example(NamedTuple):
    recording: Recording
    sees: Callable[[Any], bool] | None = None
    alone: bool = True
    earlier: Recording | None = None
    new_only: bool = False

    def report(self, **options: Any) -> Report:
        """Check it, after the earlier recording of its session if it has one; options are a `Checker`'s."""
        ids: dict[str, int] = {}
        for each in filter(None, (self.earlier, self.recording)):
            checker = Checker(each.head, ids=ids, **options)
            checker.feed(each.blocks)
            report = checker.close(each.end)
        return report


def text_of(seen):
    return "".join(block.get("text", "") for block in seen.content)


def whole(seen):
    """The message came with its text and its stop reason."""
    return text_of(seen) == "Hello there" and seen.message["stop_reason"] == "end_turn"


def partial(seen):
    return seen.message["stop_reason"] is None


def fine(seen):
    return seen.message is not None and seen.message["stop_reason"] is not None


def lost(seen):
    """A `delta` was dropped."""
    return text_of(seen) != "Hello there" and seen.message["stop_reason"] == "end_turn"


def tool_input(expected):
    return lambda seen: next(b for b in seen.content if b["type"] == "tool_use")["input"] == expected


def thinking(*middle):
    return opens(0, "thinking") + b"".join(middle) + stops(0)


def signed(text="sig"):
    return delta(0, text, "signature_delta")


def thought(text="Hmm"):
    return delta(0, text, "thinking_delta")


def tool(*texts, reason="tool_use", **fields):
    return (
        start()
        + opens(0, "tool_use", **fields)
        + b"".join(tool_delta(0, t) for t in texts)
        + stops(0)
        + message_delta(reason)
        + STOP
    )


def usual(*middle):
    """A good message around what is given."""
    return start() + b"".join(middle) + END


def but(old, new, count=1):
    assert old in GOOD
    return GOOD.replace(old, new, count)


def headers(**changes):
    named = {**HEADERS, **{key.replace("_", "-"): value for key, value in changes.items()}}
    return {key: value for key, value in named.items() if value is not None}


ERROR = frame("error", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
DELTA = delta(0, " there")
PROSE = "A sentence of more than twenty characters."
JSON_HEADERS = headers(content_type="application/json")
FIRST = start() + opens(0) + delta(0)

EXAMPLES: dict[str, Example] = {
    # transport
    "no-response": Example(recording(status=None, how=Ending.RESET, error="Connection refused")),
    "http-status": Example(
        recording(
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            status=529,
            headers=JSON_HEADERS,
        )
    ),
    "body-not-sse": Example(
        recording(b"<html>Sign in</html>", headers=headers(content_type="text/html")), lambda s: not s.events
    ),
    "body-not-streamed": Example(
        recording(b'{"type":"message"}', headers=JSON_HEADERS, body=b'{"model":"m"}')
    ),
    "body-empty": Example(recording(), lambda s: not s.events),
    "body-truncated": Example(recording(FIRST, how=Ending.CUT)),
    "body-timeout": Example(recording(FIRST, how=Ending.TIMEOUT, end=300.5)),
    "reader-stopped": Example(recording(FIRST, how=Ending.ABANDONED)),
    "recording-unfinished": Example(recording(FIRST, how=None)),
    "body-close-delimited": Example(recording(GOOD, headers=headers(transfer_encoding=None))),
    "content-length-on-stream": Example(recording(GOOD, headers=headers(content_length="1043")), whole),
    "content-encoding-mismatch": Example(
        recording(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K-K\xcd+\xb1R\n\xff\n")
    ),
    "content-encoding-undecoded": Example(
        recording(GOOD, headers=headers(content_encoding="gzip"), extra={"undecoded": True})
    ),
    "content-encoding-present": Example(recording(GOOD, headers=headers(content_encoding="gzip"))),
    "charset-nonutf8": Example(
        recording(GOOD, headers=headers(content_type="text/event-stream; charset=iso-8859-1")), whole
    ),
    "request-id-missing": Example(recording(GOOD, headers=headers(request_id=None))),
    "chunk-splits-utf8": Example(
        recording(
            start()
            + opens(0)
            + b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"caf\xc3',  # noqa: E501
            b'\xa9"}}\n\n' + stops(0) + END,
        )
    ),
    # framing
    "frame-event-missing": Example(recording(but(b"event: content_block_delta\n", b"")), lost),
    "frame-event-mismatch": Example(recording(but(b"event: content_block_delta", b"event: ping")), lost),
    "frame-unterminated": Example(recording(start() + TEXT + message_delta()[:-2]), partial),
    "frame-missing-blank-line": Example(
        recording(start() + opens(0) + delta(0)[:-1] + DELTA + stops(0) + END)
    ),
    "data-multiline": Example(
        recording(
            but(b'data: {"type": "content_block_stop", ', b'data: {"type": "content_block_stop",\ndata: ')
        ),
        whole,
    ),
    "data-no-space": Example(recording(GOOD.replace(b"data: ", b"data:"), url=COMPAT), whole),
    "data-empty": Example(
        recording(
            start() + opens(0) + delta(0) + b"event: content_block_delta\ndata:\n\n" + DELTA + stops(0) + END
        ),
        whole,
        new_only=True,
    ),
    "line-ending-nonlf": Example(recording(GOOD.replace(b"\n", b"\r\n")), whole),
    "line-ending-mixed": Example(recording(*events_of(GOOD.replace(b"\n\n", b"\n\r\n"))), fine, alone=False),
    "bom": Example(recording(b"\xef\xbb\xbf" + GOOD), lambda s: len(s.events) == 6),
    "utf8-invalid": Example(recording(but(b"Hello", b"Hell\xff"))),
    "unicode-line-separator": Example(
        recording(but(b"Hello", "Hel\u2028lo".encode())), lambda s: text_of(s) == "Hel\u2028lo there"
    ),
    "keepalive-spliced": Example(recording(but(b'"Hello"', b'"Hel: keepalive\n\nlo"'))),
    "comment-present": Example(recording(start() + b": OPENROUTER PROCESSING\n\n" + TEXT + END)),
    "comment-with-id": Example(
        recording(start() + b"id: 7\n" + opens(0) + b": ping\n\n" + delta(0) + stops(0) + END)
    ),
    "frame-unknown-field": Example(recording(start() + b'error: {"code":500}\n\n' + TEXT + END)),
    "id-or-retry": Example(recording(b"retry: 3000\n" + GOOD)),
    "done-sentinel": Example(recording(GOOD + b"data: [DONE]\n\n"), whole),
    "frame-oversize": Example(recording(start() + opens(0) + delta(0, "x" * 70_000) + stops(0) + END), fine),
    "error-unnamed": Example(
        recording(FIRST + b'data: {"error": {"message": "upstream failed", "type": "api_error"}}\n\n'),
        partial,
    ),
    # json
    "json-invalid": Example(recording(but(b'"Hello"', b'"Hel"lo"'))),
    "json-not-object": Example(
        recording(start() + opens(0) + frame("content_block_delta", None) + DELTA + stops(0) + END),
        lambda s: None in s.events,
    ),
    "type-missing": Example(recording(but(b'"type": "content_block_delta", ', b"")), lost, new_only=True),
    "surrogate-lone": Example(recording(but(b"Hello", b"Hel\\ud83dlo")), fine),
    "number-nonfinite": Example(
        recording(but(b'"output_tokens": 12', b'"output_tokens": 12, "cost": NaN')), whole
    ),
    # sequence
    "foreign-stream": Example(
        recording(b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[]}\n\n' * 2),
        lambda s: not s.events,
        alone=False,
    ),
    "message-start-missing": Example(recording(TEXT + END), lambda s: len(s.events) == 6),
    "message-start-not-first": Example(
        recording(opens(0) + start() + delta(0) + stops(0) + END), alone=False
    ),
    "message-start-duplicate": Example(recording(start() + start() + TEXT + END), whole),
    "message-start-spliced": Example(
        recording(FIRST + start("msg_2") + TEXT + END),
        lambda s: text_of(s) != "Hello there" and s.message["id"] == "msg_1",
    ),
    "message-start-after-stop": Example(
        recording(GOOD + GOOD.replace(b"msg_1", b"msg_2")), lambda s: len(s.content) == 2
    ),
    "message-stop-missing": Example(
        recording(start() + opens(0, "tool_use") + tool_delta(0, '{"city": "Par')),
        lambda s: partial(s) and tool_input({})(s),
    ),
    "message-stop-duplicate": Example(recording(GOOD + STOP), whole),
    "event-after-message-stop": Example(
        recording(GOOD + delta(0, "!")), lambda s: text_of(s) == "Hello there!"
    ),
    "content-after-message-delta": Example(
        recording(start() + TEXT + message_delta() + opens(1) + delta(1, "!") + stops(1) + STOP), fine
    ),
    "error-event": Example(recording(FIRST + ERROR)),
    "error-shape": Example(
        recording(FIRST + frame("error", {"type": "error", "error": "boom"})), alone=False
    ),
    "event-after-error": Example(recording(FIRST + ERROR + STOP), alone=False),
    "event-unknown": Example(recording(start() + event("vertex_event", usage=1) + TEXT + END)),
    "ping-shape": Example(recording(start() + frame("ping", {}) + TEXT + END)),
    # start
    "start-field-missing": Example(recording(start(usage=...) + TEXT + END)),
    "start-content-nonempty": Example(
        recording(start(content=[{"type": "text", "text": "So: "}]) + TEXT + END),
        lambda s: s.content[0]["text"] == "So: Hello there",
    ),
    "start-stop-reason-set": Example(
        recording(start(stop_reason="end_turn") + opens(0) + delta(0) + stops(0), how=Ending.COMPLETE),
        lambda s: s.message["stop_reason"] == "end_turn",
        alone=False,
    ),
    "message-prefilled": Example(
        recording(
            start(
                content=[{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}],
                stop_reason="tool_use",
            )
            + STOP
        )
    ),
    "message-id-reused": Example(recording(GOOD), whole, earlier=recording(GOOD)),
    "message-empty": Example(recording(start() + message_delta(output=0) + STOP), fine),
    # blocks
    "index-missing": Example(recording(but(b'"index": 0, "delta"', b'"delta"'))),
    "index-duplicate": Example(
        recording(start() + TEXT + TOOL + message_delta("tool_use") + STOP), tool_input({})
    ),
    "index-gap": Example(recording(usual(TEXT.replace(b'"index": 0', b'"index": 1')))),
    "block-overlap": Example(
        recording(start() + opens(0) + delta(0) + opens(1) + delta(0, " there") + stops(0) + stops(1) + END),
        whole,
    ),
    "block-unclosed": Example(recording(start() + opens(0) + delta(0) + DELTA + END), whole),
    "block-stop-unstarted": Example(recording(start() + TEXT + stops(1) + END)),
    "block-stop-duplicate": Example(
        recording(start() + TOOL + stops(0) + message_delta("tool_use") + STOP),
        lambda s: s.helper_events.count("content_block_stop") == 2,
    ),
    "block-invalid": Example(
        recording(start() + event("content_block_start", index=0, content_block=None) + stops(0) + END)
    ),
    "block-type-unknown": Example(recording(start() + TEXT + opens(1, "sketch") + stops(1) + END)),
    "block-no-deltas": Example(recording(usual(opens(0) + stops(0)))),
    "text-start-nonempty": Example(
        recording(usual(opens(0, text="Hello") + delta(0) + stops(0))), lambda s: text_of(s) == "HelloHello"
    ),
    # deltas
    "delta-unstarted": Example(recording(start() + TEXT + delta(1) + END)),
    "delta-after-stop": Example(recording(start() + opens(0) + delta(0) + stops(0) + DELTA + END), whole),
    "delta-type-mismatch": Example(
        recording(
            start()
            + opens(0, "tool_use")
            + tool_delta(0, "{}")
            + delta(0, "\n")
            + stops(0)
            + message_delta("tool_use")
            + STOP
        ),
        lambda s: "text" not in s.content[0],
    ),
    "delta-type-unknown": Example(
        recording(start() + opens(0) + delta(0) + delta(0, None, "future_delta") + stops(0) + END)
    ),
    "delta-field-missing": Example(
        recording(
            usual(
                thinking(
                    event("content_block_delta", index=0, delta={"type": "thinking_delta", "text": "Hmm"}),
                    signed(),
                )
            )
        )
    ),
    "delta-empty": Example(recording(usual(opens(0) + delta(0) + delta(0, "") + stops(0)))),
    "delta-snapshot": Example(
        recording(usual(opens(0) + delta(0, PROSE[:25]) + delta(0, PROSE[:30]) + delta(0, PROSE) + stops(0))),
        lambda s: text_of(s).count(PROSE[:20]) == 3,
    ),
    "delta-duplicate-frame": Example(
        recording(usual(opens(0) + delta(0) + delta(0, PROSE) * 2 + stops(0))),
        lambda s: text_of(s).count(PROSE) == 2,
    ),
    # tools
    "tool-id-missing": Example(recording(tool("{}", id=...)), fine),
    "tool-name-missing": Example(recording(tool("{}", name="")), fine),
    "tool-id-duplicate": Example(
        recording(
            start() + TOOL + opens(1, "tool_use", id="toolu_0") + stops(1) + message_delta("tool_use") + STOP
        ),
        fine,
    ),
    "tool-input-missing": Example(recording(tool("{}", input=...)), fine),
    "tool-input-prefilled": Example(recording(tool(input={"city": "Paris"}))),
    "tool-args-empty": Example(recording(tool(""))),
    "tool-json-invalid": Example(recording(tool('{"keywords": Dave'))),
    "tool-json-truncated": Example(recording(tool('{"city": "Par')), tool_input({})),
    "tool-json-trailing": Example(recording(tool('{"a": 1}', '{"a": 2}')), tool_input({"a": 1})),
    "tool-json-not-object": Example(recording(tool("[1, 2]")), tool_input([1, 2])),
    "server-tool-unpaired": Example(
        recording(start() + opens(0, "server_tool_use") + tool_delta(0, '{"query": "x"}') + stops(0) + END)
    ),
    # thinking
    "thinking-unsigned": Example(recording(usual(thinking(thought()))), fine),
    "signature-not-last": Example(
        recording(usual(thinking(thought(), signed(), thought(" so")))),
        lambda s: s.content[0]["thinking"] == "Hmm so",
    ),
    "signature-multiple": Example(
        recording(usual(thinking(thought(), signed("a"), signed("b")))),
        lambda s: s.content[0]["signature"] == "b",
    ),
    "thinking-start-no-signature": Example(
        recording(usual(opens(0, "thinking", signature=...) + thought() + signed() + stops(0)))
    ),
    "thinking-omitted": Example(recording(usual(thinking(signed())))),
    "redacted-data-missing": Example(recording(usual(opens(0, "redacted_thinking") + stops(0))), fine),
    # usage
    "usage-missing": Example(
        recording(start() + TEXT + message_delta(usage=None) + STOP), lambda s: len(s.events) == 7
    ),
    "usage-misplaced": Example(
        recording(
            start()
            + TEXT
            + message_delta(**{"usage": None}).replace(
                b'"stop_sequence": null', b'"stop_sequence": null, "usage": {"output_tokens": 3}'
            )
            + STOP
        ),
        lambda s: len(s.events) == 7,
    ),
    "usage-input-zero": Example(recording(but(b'"input_tokens": 10', b'"input_tokens": 0')), whole),
    "usage-output-decreasing": Example(
        recording(start() + TEXT + message_delta(output=50) + message_delta(output=5) + STOP),
        lambda s: s.message["usage"]["output_tokens"] == 5,
    ),
    "usage-output-zero": Example(recording(start() + TEXT + message_delta(output=0) + STOP), whole),
    "usage-null": Example(
        recording(
            start(usage={"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": None})
            + TEXT
            + END
        )
    ),
    "usage-changed": Example(
        recording(start() + TEXT + message_delta(usage={"input_tokens": 4727, "output_tokens": 12}) + STOP)
    ),
    # stop
    "message-delta-missing": Example(recording(start() + TEXT + STOP), partial),
    "message-delta-invalid": Example(
        recording(
            start() + TEXT + message_delta() + event("message_delta", usage={"output_tokens": 12}) + STOP
        )
    ),
    "message-delta-multiple": Example(recording(start() + TEXT + message_delta() * 2 + STOP)),
    "stop-reason-null": Example(recording(start() + TEXT + message_delta(None) + STOP), partial),
    "stop-reason-erased": Example(
        recording(start() + TEXT + message_delta() + message_delta(None) + STOP), partial
    ),
    "stop-reason-unknown": Example(
        recording(start() + TEXT + message_delta("eos") + STOP), lambda s: s.message["stop_reason"] == "eos"
    ),
    "stop-notable": Example(recording(start() + TEXT + message_delta("max_tokens") + STOP)),
    "stop-tool-use-without-tool": Example(recording(start() + TEXT + message_delta("tool_use") + STOP), fine),
    "stop-end-turn-with-tool": Example(recording(start() + TOOL + END), fine),
    "stop-sequence-mismatch": Example(
        recording(start() + TEXT + message_delta(stop_sequence="END") + STOP), whole
    ),
    "stop-sequence-absent": Example(
        recording(
            but(
                b', "stop_sequence": null}, "usage": {"output_tokens": 12',
                b'}, "usage": {"output_tokens": 12',
            )
        )
    ),
    # structure
    "field-missing": Example(recording(usual(opens(0, text=...) + delta(0) + stops(0)))),
    "field-type-wrong": Example(recording(but(b'"input_tokens": 10', b'"input_tokens": "10"')), whole),
    # timing
    "gap-idle": Example(recording(FIRST, (190.0, DELTA), stops(0) + END), whole),
    "gap-content": Example(
        recording(FIRST, *[(30.0 * n, PING) for n in range(1, 6)], (160.0, DELTA), stops(0) + END), whole
    ),
    "first-event-slow": Example(recording((23.4, GOOD))),
    "burst-delivery": Example(
        recording(
            (30.0, start() + opens(0)),
            *[(30.0 + n / 100, delta(0, f"word {n} ")) for n in range(20)],
            stops(0) + END,
        ),
        fine,
    ),
    "open-after-stop-reason": Example(recording(start() + TEXT + message_delta(), (21.0, STOP)), whole),
    "open-after-message-stop": Example(recording(GOOD, end=30.5), whole),
    "ping-cadence": Example(recording(start(), (1.0, PING), (2.0, PING), (4.0, PING), (4.5, TEXT + END))),
    "comment-keepalive-only": Example(
        recording(
            FIRST, (10.0, b": keepalive\n\n"), (20.0, b": keepalive\n\n"), (21.0, DELTA), stops(0) + END
        )
    ),
}


VARIANTS: list[tuple[str, Example]] = [
    ("no-response", Example(recording(status=None, how=Ending.TIMEOUT, end=600.0))),
    ("body-not-sse", Example(recording(GOOD, headers=JSON_HEADERS), whole)),
    ("body-truncated", Example(recording(FIRST, how=Ending.RESET))),
    ("body-truncated", Example(recording(GOOD, how=Ending.CUT))),
    ("body-truncated", Example(recording(FIRST + DELTA[:40], how=Ending.CUT))),
    (
        "frame-event-missing",
        Example(
            recording(GOOD.replace(b"event: message_start\n", b"")),
            lambda s: len(s.events) == 6,
            new_only=True,
        ),
    ),
    ("frame-event-mismatch", Example(recording(but(b"event: content_block_delta", b"event: error")))),
    (
        "frame-event-mismatch",
        Example(recording(but(b"event: content_block_delta", b"event: content_block_stop")), whole),
    ),
    ("frame-unterminated", Example(recording(GOOD[:-1]), lambda s: len(s.events) == 6 and whole(s))),
    ("frame-unterminated", Example(recording(FIRST + DELTA[:60]), partial)),
    ("frame-missing-blank-line", Example(recording(GOOD.replace(b"\n\n", b"\n")), lambda s: not s.events)),
    (
        "line-ending-mixed",
        Example(
            recording(start() + opens(0) + (delta(0) + DELTA).replace(b"\n", b"\r\n") + stops(0) + END),
            whole,
            alone=False,
        ),
    ),
    (
        "json-invalid",
        Example(recording(but(b'event: content_block_delta\ndata: {"type"', b"data: {type")), lost),
    ),
    ("done-sentinel", Example(recording(start() + TEXT + message_delta() + b"data: [DONE]\n\n"), whole)),
    ("done-sentinel", Example(recording(GOOD + frame("done", b"[DONE]")))),
    ("done-sentinel", Example(recording(GOOD + frame("message_stop", b"[DONE]")))),
    ("message-stop-missing", Example(recording(start() + TEXT + message_delta()), whole)),
    ("start-field-missing", Example(recording(start(model=...) + TEXT + END), whole)),
    ("start-field-missing", Example(recording(start(content=...) + TEXT + END))),
    ("start-field-missing", Example(recording(event("message_start") + TEXT + END))),
    (
        "index-missing",
        Example(
            recording(
                start() + event("content_block_start", content_block={"type": "text", "text": ""}) + END
            ),
            fine,
        ),
    ),
    (
        "block-invalid",
        Example(
            recording(start() + opens(0, "").replace(b'"type": ""', b'"kind": ""') + stops(0) + END), fine
        ),
    ),
    (
        "block-overlap",
        Example(recording(start() + opens(0) + opens(1) + stops(0) + stops(1) + END, url=COMPAT), fine),
    ),
    (
        "delta-field-missing",
        Example(
            recording(
                usual(opens(0, "thinking", signature="s") + delta(0, None, "signature_delta") + stops(0))
            ),
            fine,
        ),
    ),
    (
        "delta-field-missing",
        Example(
            recording(
                usual(opens(0) + event("content_block_delta", index=0, delta={"text": "x"}) + stops(0))
            ),
            fine,
        ),
    ),
    (
        "delta-field-missing",
        Example(
            recording(
                start()
                + opens(0, "tool_use")
                + event("content_block_delta", index=0, delta={"type": "input_json_delta"})
                + stops(0)
                + message_delta("tool_use")
                + STOP
            )
        ),
    ),
    (
        "block-invalid",
        Example(
            recording(start() + event("content_block_start", index=0, content_block="x") + stops(0) + END)
        ),
    ),
    ("field-type-wrong", Example(recording(start(content="x") + TEXT + END))),
    ("field-type-wrong", Example(recording(start(usage=[]) + TEXT + END))),
    (
        "field-missing",
        Example(
            recording(
                but(b'"usage": {"output_tokens": 12}', b'"usage": {"output_tokens": 12, "iterations": [{}]}')
            ),
            whole,
        ),
    ),
    (
        "tool-input-prefilled",
        Example(recording(tool('{"city": "Rome"}', input={"city": "Paris"})), tool_input({"city": "Rome"})),
    ),
    (
        "tool-json-truncated",
        Example(recording(tool('{"a": 1, "b": "x', reason="max_tokens")), tool_input({"a": 1})),
    ),
    ("usage-missing", Example(recording(start() + TEXT + message_delta(usage={}) + STOP), fine)),
    (
        "error-unnamed",
        Example(
            recording(
                FIRST
                + b'event: message\ndata: {"type": "error", "error": {"type": "api_error", "message": "m"}}\n\n'  # noqa: E501
            )
        ),
    ),
]
"""The breaches that the SDK takes in another way than the rule's usual one, and other forms of a breach."""
