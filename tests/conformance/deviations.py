"""What an endpoint may do wrong, one thing at a time: the probe that sees it, and what that says."""

from __future__ import annotations

import copy

import pytest
from right_endpoint import Reply, error

DEVIATIONS = []


def deviation(name, said):
    """Register a function of a request and its right reply, which returns the reply that is sent."""

    def register(function):
        def deviate(asked, reply):
            changed = function(asked, copy.deepcopy(reply))
            return reply if changed is None else changed

        what = function.__name__.strip("_")
        DEVIATIONS.append(pytest.param(name, deviate, said, id=f"{name}-{what}"))
        return function

    return register


def only(reply, kind):
    return [event for event in reply.events or [] if event.get("type") == kind]


def without(reply, kind):
    reply.events = [event for event in reply.events if event.get("type") != kind]
    return reply


def is_message(asked):
    return asked.path == "/v1/messages" and asked.method == "POST" and asked.body is not None


def with_stop(reply, **members):
    for event in only(reply, "message_delta"):
        event["delta"] |= members
    return reply


def stream_without_message_stop(asked, reply):
    return without(reply, "message_stop") if reply.events else None


for _name in ("text", "max-tokens", "stop-sequence", "tool", "thinking"):
    deviation(_name, "without message_stop")(stream_without_message_stop)


@deviation("text", 'it should be "end_turn"')
def another_stop_reason(asked, reply):
    return with_stop(reply, stop_reason="pause_turn")


@deviation("text", "how many tokens went in")
def no_input_tokens(asked, reply):
    for event in only(reply, "message_start"):
        event["message"]["usage"]["input_tokens"] = 0
    for event in only(reply, "message_delta"):
        event["usage"]["input_tokens"] = 0
    return reply


@deviation("text", "a short answer has no stop reason")
def no_stop_reason(asked, reply):
    return with_stop(reply, stop_reason=None)


@deviation("text", "counts no output tokens")
def no_output_tokens(asked, reply):
    for event in only(reply, "message_start"):
        event["message"]["usage"]["output_tokens"] = 0
    for event in only(reply, "message_delta"):
        event["usage"]["output_tokens"] = 0
    return reply


@deviation("long-text", "its deltas repeat")
def text_in_the_start_and_in_the_deltas(asked, reply):
    whole = "".join(event["delta"]["text"] for event in only(reply, "content_block_delta"))
    only(reply, "content_block_start")[0]["content_block"]["text"] = whole
    return reply


@deviation("same-answer-unstreamed", "no member `stop_sequence`")
def whole_message_without_stop_sequence(asked, reply):
    if reply.body and not asked.stream:
        del reply.body["stop_sequence"]
    return reply


@deviation("same-answer-unstreamed", "event stream")
def always_a_stream(asked, reply):
    if is_message(asked) and not asked.stream:
        reply.events, reply.body = [{"type": "ping"}], None
    return reply


@deviation("same-answer-unstreamed", "`model` is")
def another_model_in_the_stream(asked, reply):
    for event in only(reply, "message_start"):
        event["message"]["model"] = "another"
    return reply


@deviation("max-tokens", 'it should be "max_tokens"')
def limit_reached_and_not_said(asked, reply):
    return with_stop(reply, stop_reason="end_turn") if asked.body and asked.body["max_tokens"] == 5 else None


@deviation("max-tokens", "the limit was 5")
def limit_ignored(asked, reply):
    for event in only(reply, "message_delta"):
        event["usage"]["output_tokens"] = 80
    return reply


@deviation("stop-sequence", 'not "stop_sequence"')
def stop_sequence_called_end_turn(asked, reply):
    return with_stop(reply, stop_reason="end_turn", stop_sequence=None)


@deviation("stop-sequence", "stop_sequence is null")
def stop_sequence_not_named(asked, reply):
    return with_stop(reply, stop_sequence=None)


@deviation("stop-sequence", "the text holds")
def stop_sequence_in_the_text(asked, reply):
    only(reply, "content_block_delta")[-1]["delta"]["text"] += "five"
    return reply


@deviation("system-forms", "a system prompt of blocks is refused")
def system_as_text_only(asked, reply):
    return error(400, "invalid_request_error") if isinstance(asked.body.get("system"), list) else None


@deviation("system-forms", "something is lost")
def system_blocks_dropped(asked, reply):
    if isinstance(asked.body.get("system"), list):
        for event in [*only(reply, "message_start"), *only(reply, "message_delta")]:
            (event.get("usage") or event["message"]["usage"])["input_tokens"] = 5
    return reply


@deviation("unicode", "U+FFFD")
def characters_split(asked, reply):
    for event in only(reply, "content_block_delta"):
        event["delta"]["text"] = event["delta"]["text"].replace("漢", "\ufffd\ufffd")
    return reply


@deviation("tool", "it should be {}")
def input_in_the_start(asked, reply):
    for event in only(reply, "content_block_start"):
        event["content_block"]["input"] = {"city": "Paris"}
    return reply


@deviation("tool", 'it should be "tool_use"')
def call_with_end_turn(asked, reply):
    return with_stop(reply, stop_reason="end_turn")


@deviation("tool", "the input is cut")
def tool_json_cut_short(asked, reply):
    reply.events.remove(only(reply, "content_block_delta")[-1])
    return reply


@deviation("tool-without-arguments", "no JSON object")
def null_for_no_arguments(asked, reply):
    only(reply, "content_block_delta")[-1]["delta"]["partial_json"] = "null"
    return reply


@deviation("text-and-tool", "block 0 starts again")
def one_index_for_two_blocks(asked, reply):
    for event in reply.events:
        if "index" in event:
            event["index"] = 0
    return reply


@deviation("parallel-tools", "id")
def one_id_for_two_calls(asked, reply):
    for event in only(reply, "content_block_start"):
        event["content_block"]["id"] = "toolu_1"
    return reply


@deviation("tool-round-trip", "a result as blocks is refused")
def results_as_text_only(asked, reply):
    result = asked.body["messages"][-1]["content"][0]
    return (
        error(400, "invalid_request_error")
        if isinstance(result, dict) and isinstance(result.get("content"), list)
        else None
    )


@deviation("tool-round-trip", "the request is refused: 500")
def a_crash_at_a_result(asked, reply):
    return error(500, "api_error") if len(asked.body["messages"]) > 1 else None


@deviation("thinking", "no signature")
def thinking_without_signature(asked, reply):
    reply.events = [
        event for event in reply.events if event.get("delta", {}).get("type") != "signature_delta"
    ]
    return reply


@deviation("thinking", "it should follow")
def text_before_thinking(asked, reply):
    blocks = [event for event in reply.events if "index" in event]
    first = [event for event in blocks if event["index"] == 0]
    second = [event for event in blocks if event["index"] == 1]
    for event in blocks:
        event["index"] = 1 - event["index"]
    reply.events = [reply.events[0], *second, *first, *reply.events[-2:]]
    return reply


@deviation("thinking-round-trip", "is refused when it comes back")
def own_thinking_refused(asked, reply):
    return error(400, "invalid_request_error", "signature") if len(asked.body["messages"]) > 1 else None


@deviation("image", "500")
def a_crash_at_a_picture(asked, reply):
    return error(500, "api_error") if b'"image"' in asked.content else None


@deviation("document", "the request is refused: 400")
def a_document_refused_in_another_form(asked, reply):
    return Reply(400, {"detail": "unknown block"}) if b'"document"' in asked.content else None


@deviation("count-tokens", "they do not count")
def tools_not_counted(asked, reply):
    return Reply(body={"input_tokens": 7}) if asked.path.endswith("count_tokens") else None


@deviation("count-tokens", "above 0")
def no_count(asked, reply):
    return Reply(body={"tokens": 7}) if asked.path.endswith("count_tokens") else None


@deviation("errors", "is refused, but with status 200")
def errors_with_status_200(asked, reply):
    reply.status = 200
    return reply


@deviation("errors", "an unknown path is refused, but with status 200")
def an_error_as_a_stream(asked, reply):
    if reply.status == 404:
        return Reply(events=[{"type": "error", "error": {"type": "not_found_error", "message": "no"}}])
    return None


@deviation("count-tokens", "max_tokens: Field required")
def a_limit_demanded_for_a_count(asked, reply):
    message = "max_tokens: Field required"
    return error(400, "invalid_request_error", message) if asked.path.endswith("count_tokens") else None


@deviation("models", "the request is refused: 400")
def a_bad_request_for_the_models(asked, reply):
    return error(400, "invalid_request_error", "limit: too large") if asked.path == "/v1/models" else None


@deviation("errors", "gets 422; it should be 400")
def another_status(asked, reply):
    return error(422, "invalid_request_error") if reply.status == 400 else None


@deviation("errors", "a body that is not JSON, an unknown path, GET in place of POST, a wrong key is not {")
def error_without_its_type(asked, reply):
    if reply.status >= 400:
        del reply.body["type"]
    return reply


@deviation("errors", "is text/html, and not application/json")
def error_as_html(asked, reply):
    return (
        Reply(404, b"<h1>Not Found</h1>", headers={"content-type": "text/html"})
        if (reply.status == 404)
        else None
    )


@deviation("errors", "no error has a request id")
def error_without_request_id(asked, reply):
    if reply.status >= 400:
        del reply.body["request_id"]
        reply.headers["request-id"] = ""
    return reply


@deviation("errors", "a body that is not JSON is accepted")
def broken_json_accepted(asked, reply):
    return Reply(body={"ok": True}) if asked.content == b'{"model": ' else None


@deviation("headers", "the key is refused in `x-api-key`")
def bearer_tokens_only(asked, reply):
    return error(401, "authentication_error") if asked.headers.get("x-api-key") else None


@deviation(
    "headers", "the key is refused as `Authorization: Bearer`, where Anthropic's SDKs from 2.0 on send it"
)
def no_bearer_tokens(asked, reply):
    return error(401, "authentication_error") if "authorization" in asked.headers else None


@deviation("headers", "`anthropic-version: 2026-10-21` is refused: 400 invalid_request_error: old only")
def only_the_old_version(asked, reply):
    new = asked.headers.get("anthropic-version") == "2026-10-21"
    return error(400, "invalid_request_error", "old only") if new else None


@deviation("headers", "content-length")
def a_length_on_a_stream(asked, reply):
    if reply.events:
        size = sum(map(len, reply.pieces()))
        reply.headers = {"transfer-encoding": "", "content-length": str(size)}
    return reply


@deviation("headers", "the content type")
def another_content_type(asked, reply):
    if reply.events:
        reply.headers["content-type"] = "text/plain"
    return reply


@deviation("headers", "an unknown beta gets 500")
def a_crash_at_a_beta(asked, reply):
    return error(500, "api_error") if "anthropic-beta" in asked.headers else None


def _second_of_a_connection():
    seen = []

    def broken(asked, reply):
        seen.append(asked)
        if len(seen) == 3:  # the first is `text`, which runs before
            return Reply(events=[], end="reset", headers={"transfer-encoding": "", "content-length": "9"})
        return None

    return broken


deviation("keep-alive", "")(_second_of_a_connection())


@deviation("same-answer-unstreamed", "`model` is null, and ")
def no_model_without_a_stream(asked, reply):
    if reply.body and not asked.stream:
        reply.body["model"] = None
    return reply


@deviation("models", "the model 7 of the list has the type true")
def models_of_an_odd_type(asked, reply):
    if asked.path == "/v1/models":
        reply.body["data"][0] |= {"type": True, "id": 7}
    return reply


@deviation("concurrent", "which another request named")
def streams_that_mix(asked, reply):
    if "bullfinch" in asked.prompt:
        only(reply, "content_block_delta")[-1]["delta"]["text"] += " albatross"
    return reply


@deviation("concurrent", "have one id")
def one_id_for_all(asked, reply):
    for event in only(reply, "message_start"):
        event["message"]["id"] = "msg_1"
    return reply


@deviation("models", "OpenAI's form")
def models_in_openais_form(asked, reply):
    return Reply(body={"object": "list", "data": []}) if asked.path == "/v1/models" else None


@deviation("models", "lacks display_name")
def model_without_a_name(asked, reply):
    if asked.path == "/v1/models":
        del reply.body["data"][0]["display_name"]
    return reply
