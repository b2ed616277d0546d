"""One example for each rule of `check`: a stream that breaks it, and what the SDK's caller sees of that."""

from __future__ import annotations

from example_parts import (
    DELTA,
    FIRST,
    JSON_HEADERS,
    Example,
    but,
    fine,
    lost,
    partial,
    tool,
    tool_input,
    usual,
    whole,
)
from message_examples import MESSAGES
from streams import (
    COMPAT,
    END,
    GOOD,
    STOP,
    TEXT,
    delta,
    event,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
)
from transport_examples import TRANSPORT

from inspector.recording import Ending

EXAMPLES: dict[str, Example] = {**TRANSPORT, **MESSAGES}
"""By the id of the rule."""

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
                start()
                + event("content_block_start", content_block={"type": "text", "text": ""})
                + delta(0)
                + stops(0)
                + END
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
"""Other forms of a breach, and breaches to which the SDK reacts in another way than is usual for the rule."""
