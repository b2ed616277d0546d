"""An example for each rule about the events of a message."""

from __future__ import annotations

from example_parts import (
    DELTA,
    ERROR,
    FIRST,
    PROSE,
    Example,
    but,
    fine,
    lost,
    partial,
    signed,
    text_of,
    thinking,
    thought,
    tool,
    tool_input,
    usual,
    whole,
)
from streams import (
    END,
    GOOD,
    STOP,
    TEXT,
    TOOL,
    delta,
    event,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector.recording import Ending

MESSAGES: dict[str, Example] = {
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
    "content-after-prefill": Example(
        recording(
            start(content=[{"type": "text", "text": "Hello there"}], stop_reason="end_turn") + TEXT + END
        ),
        lambda s: len(s.content) == 2 and text_of(s).count("Hello there") == 2,
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
    "tool-name-refused": Example(recording(tool("{}", name="get weather")), fine),
    "tool-input-missing": Example(recording(tool("{}", input=...)), fine),
    "tool-input-prefilled": Example(recording(tool(input={"city": "Paris"}))),
    "tool-args-empty": Example(recording(tool(""))),
    "tool-json-invalid": Example(recording(tool('{"keywords": Dave'))),
    "tool-json-truncated": Example(recording(tool('{"city": "Par')), tool_input({})),
    "tool-json-trailing": Example(recording(tool('{"a": 1}', '{"a": 2}')), tool_input({"a": 1})),
    "tool-json-not-object": Example(recording(tool("[1, 2]")), tool_input([1, 2])),
    "server-tool-mismatched": Example(
        recording(
            usual(
                opens(0, "server_tool_use"),
                tool_delta(0, '{"query": "x"}'),
                stops(0),
                opens(1, "web_search_tool_result", tool_use_id="srvtoolu_x", content=[]),
                stops(1),
            )
        ),
        fine,
        alone=False,
    ),
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
    "usage-cache-split": Example(
        recording(
            start(
                usage={
                    "input_tokens": 10,
                    "output_tokens": 1,
                    "cache_creation_input_tokens": 100,
                    "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
                }
            )
            + TEXT
            + END
        ),
        whole,
    ),
    "usage-thinking-exceeds": Example(
        recording(
            start()
            + TEXT
            + message_delta(usage={"output_tokens": 12, "output_tokens_details": {"thinking_tokens": 40}})
            + STOP
        ),
        whole,
    ),
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
    "stop-pause-turn-with-tool": Example(
        recording(start() + TOOL + message_delta("pause_turn") + STOP), fine
    ),
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
    "field-value-wrong": Example(recording(but(b'"input_tokens": 10', b'"input_tokens": -1')), whole),
    "name-misspelled": Example(recording(but(b'"text_delta"', b'"text_deltas"')), lost),
    "field-type-wrong": Example(recording(but(b'"input_tokens": 10', b'"input_tokens": "10"')), whole),
}
