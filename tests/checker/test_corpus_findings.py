"""Streams that real servers sent: no false alarms. Skipped if the corpus is not beside the repository."""

from __future__ import annotations

import captures
import pytest

from inspector.checker import Severity, report

pytestmark = pytest.mark.skipif(not captures.rows(), reason="the corpus is not here")

NOT_SEPARATED = ["frame-missing-blank-line"]
OVERLOADED = ["error-event"]
LEGACY = ["foreign-stream"]
CUT_SHORT = ["frame-unterminated"]

AGREED = {
    # The old completions API is no Messages stream.
    "test_completions_async_api.000.sse": LEGACY,
    "test_completions_async_api.001.sse": LEGACY,
    "test_completions_sync_api.000.sse": LEGACY,
    "test_completions_sync_api.001.sse": LEGACY,
    # Stubs whose blank lines were taken out: the SDK yields no event of them.
    "http__stubs__anthropic_compaction_streaming.sse": NOT_SEPARATED,
    "http__stubs__anthropic_tools_no_params_streaming.sse": NOT_SEPARATED,
    "http__stubs__anthropic_streaming.sse": NOT_SEPARATED,
    "http__stubs__anthropic_reasoning_streaming.sse": NOT_SEPARATED,
    "http__stubs__anthropic_tools_streaming.sse": NOT_SEPARATED,
    # An error without the blank line at its end: clients discard it.
    "Helpers__Streams__MessagesCompletionCreateError.sse": ["frame-unterminated"],
    # Errors in the stream.
    "can_use_tools_with_multi-turn_streaming_conversations.001~05edc28.sse": OVERLOADED,
    "supports_streaming_error_chunks~c8252b1.sse": OVERLOADED,
    "supports_streaming_error_events~2f21938.sse": OVERLOADED,
    "sample_events~b7727b0.jsonl": OVERLOADED,
    "sample_events~d5a5b47.jsonl": OVERLOADED,
    # `event: data` with OpenAI's [DONE]: the SDK raises JSONDecodeError.
    "anthropic__streaming__gateway_message_delta_metadata.sse": ["done-sentinel"],
    # A gateway that starts a block while another is open.
    "vercel-gateway-deepseek-overlapping-blocks.sse": ["block-overlap"],
    # Edited by hand: blocks were taken out, and three indexes stand twice.
    "anthropic-code-execution-pdf-skill.1~0f1be60.jsonl": ["index-duplicate"] * 3,
    # Edited by hand: no `content_block_stop` for a tool whose JSON is cut off.
    "lib__fixtures__incomplete_partial_json_response.sse": ["block-unclosed"],
    # Edited by hand: no signature.
    "creates-a-streaming-chat-span-with-thinking~f404604.sse": ["thinking-unsigned"],
    # Saved with a byte order mark: the SDK loses message_start.
    "chat_stream_response~61bfd83.sse": ["bom"],
    # Made up: parts that the protocol requires are missing.
    "fixtures__anthropic__message_start_deltas_stop.sse": [
        "frame-event-missing",
        "start-field-missing",
        "index-missing",
        "message-stop-missing",
    ],
    "fixtures__anthropic__partial_without_message_stop.sse": [
        "frame-event-missing",
        "start-field-missing",
        "index-missing",
        "message-stop-missing",
    ],
    "fixtures__anthropic__thinking_and_text.sse": [
        "frame-event-missing",
        "start-field-missing",
        "index-missing",
        "message-stop-missing",
        "usage-missing",
    ],
    "llm__tests__response_stream-anthropic_tool~28bac7d.sse": ["tool-id-missing"],
    "response__anthropic__stream_tool.sse": CUT_SHORT,
    "response__anthropic__stream_tool_empty_args.sse": CUT_SHORT,
    "anthropic__messages-streaming-with-cache.sse": ["type-missing"],
    "anthropic__messages-streaming-with-tool-use.sse": ["start-field-missing", "frame-unterminated"],
    "protocol-conversion__anthropic-mismatch.sse": ["type-missing"],
    "e2e__cassettes__runSession-51b131c4d2171f2b~75a35cf.jsonl": ["message-delta-missing"],
    "e2e__cassettes__runSession-8aba9fc100c37cfa~6894fb6.jsonl": [
        "thinking-unsigned",
        "message-delta-missing",
    ],
    "e2e__cassettes__runSession-e11ab8cd798a920a.jsonl": [
        "message-start-missing",
        "index-missing",
    ],
    "chat_stream_with_empty_tool_input.jsonl": ["start-field-missing"],
    "issue-18331-sequential-messages.001~c724c5e.jsonl": ["start-field-missing"],
}
"""The errors that a person would agree with, by the end of the file's name."""


STREAMS = [pytest.param(row, sent, id=row["path"]) for row, sent in captures.streams()]


def errors(whole):
    return [finding.rule for finding in whole.findings if finding.severity is Severity.ERROR]


@pytest.mark.parametrize(("row", "sent"), STREAMS)
def test_a_real_stream_has_no_error_that_a_person_would_not_agree_with(row, sent):
    agreed = next((rules for end, rules in AGREED.items() if row["path"].endswith(end)), [])
    assert sorted(errors(report(sent))) == sorted(agreed)


FIRST_PARTY = [p for p in STREAMS if (p.values[0]["provider"] or "").startswith("anthropic")]


@pytest.mark.parametrize(("row", "sent"), FIRST_PARTY)
def test_the_fields_of_anthropics_own_streams_are_those_of_the_table(row, sent):
    assert [f for f in report(sent).findings if f.rule in ("field-missing", "field-type-wrong")] == []


def test_what_is_agreed_on_is_in_the_corpus():
    paths = [row["path"] for row in captures.rows()]
    assert [end for end in AGREED if not any(path.endswith(end) for path in paths)] == []


def test_errors_instead_of_streams_are_reported_as_such():
    for row in captures.rows("errors/"):
        if row.get("status"):
            whole = report(captures.captured(row, (captures.CORPUS / row["path"]).read_bytes()))
            assert errors(whole) == ["http-status"]
            assert whole.verdict == "failed"
