"""Rules about tool calls."""

from __future__ import annotations

import pytest
import sdk
from example_parts import tool
from streams import END, STOP, TEXT, event, message_delta, opens, recording, start, stops, tool_delta

from inspector.checker import Severity, check
from inspector.recording import Ending


def findings_of(sent, rule):
    return [(f.severity, f.message) for f in check(sent, select=[rule])]


def findings(body, rule):
    return findings_of(recording(body), rule)


@pytest.mark.parametrize("kind", ["tool_use", "server_tool_use", "mcp_tool_use"])
@pytest.mark.parametrize("value", ["", None, 7])
def test_every_kind_of_tool_has_an_id_and_a_name(kind, value):
    for field in ("id", "name"):
        block = opens(0, kind, **{"id": "t", "name": "f", "input": {}, field: value})
        ((_, message),) = findings(start() + block + stops(0) + END, f"tool-{field}-missing")
        assert message.endswith(f"has no {field}")


@pytest.mark.parametrize(
    ("value", "kind"),
    [([], "an array"), ([1], "an array"), ("", '""'), ("{}", "a string"), (0, "an integer")],
)
@pytest.mark.parametrize("texts", [(), ("{}",)])
def test_an_input_in_the_start_that_is_no_object_is_one_error(value, kind, texts):
    found = check(recording(tool(*texts, input=value)))
    message = f"block 0 (tool_use get_weather): the input in the start is {kind}, not an object"
    assert [(f.rule, f.severity, f.message) for f in found] == [
        ("tool-json-not-object", Severity.ERROR, message)
    ]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"id": "toolu_01-a", "name": "get-Weather_2"}, False),
        ({"id": "call:1"}, True),
        ({"name": "a.b"}, True),
        ({"name": "caf\xe9"}, True),
        ({"name": "a\n"}, True),
        ({"id": "", "name": ""}, False),
    ],
)
def test_ids_and_names_have_characters_that_the_api_takes(fields, found):
    assert bool(findings(tool("{}", **fields), "tool-name-refused")) is found
    server = start() + opens(0, "server_tool_use", **fields) + stops(0) + END
    assert findings(server, "tool-name-refused") == []


@pytest.mark.parametrize("value", [..., None])
def test_the_start_has_an_input(value):
    ((severity, message),) = findings(tool("{}", input=value), "tool-input-missing")
    assert severity is Severity.WARNING
    assert message == 'block 0 (tool_use get_weather) starts without "input": {}; strict clients fail on it'


def test_an_input_in_the_start_and_in_deltas_is_a_warning():
    whole = tool(input={"city": "Paris"})
    assert [severity for severity, _ in findings(whole, "tool-input-prefilled")] == [Severity.INFO]
    both = tool('{"city": "Rome"}', input={"city": "Paris"})
    assert [severity for severity, _ in findings(both, "tool-input-prefilled")] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("request_", "severity"),
    [
        ({}, Severity.ERROR),
        ({"body": b'{"tools": [{"name": "f", "eager_input_streaming": true}]}'}, Severity.WARNING),
        ({"body": b'{"tools": 7}'}, Severity.ERROR),
        (
            {"request": {"anthropic-beta": "fine-grained-tool-streaming-2025-05-14"}},
            Severity.WARNING,
        ),
    ],
)
def test_input_that_the_server_does_not_check_may_be_invalid(request_, severity):
    ((given, _),) = findings_of(recording(tool('{"keywords": Dave'), **request_), "tool-json-invalid")
    assert given is severity


@pytest.mark.parametrize(
    ("reason", "severity"), [("tool_use", Severity.ERROR), ("max_tokens", Severity.WARNING)]
)
def test_a_stop_reason_may_explain_a_cut_input(reason, severity):
    ((given, _),) = findings(tool('{"city": "Par', reason=reason), "tool-json-truncated")
    assert given is severity


def test_a_cut_input_is_reported_once_whatever_end_the_stream_has():
    cut = start() + opens(0, "tool_use") + tool_delta(0, '{"a') + stops(0)
    for body in (cut, cut + message_delta("tool_use"), tool('{"a')):
        for how in (Ending.COMPLETE, Ending.CUT, None):
            (finding,) = check(recording(body, how=how), select=["tool-json-truncated"])
            assert (finding.event, finding.more) == (4, 0)


@pytest.mark.parametrize("state", ["7", "null", '"x"', "[]"])
def test_an_input_is_an_object(state):
    ((_, message),) = findings(tool(state), "tool-json-not-object")
    assert message.startswith("block 0 (tool_use get_weather): the input is ")


@pytest.mark.parametrize(("reason", "count"), [("end_turn", 1), ("pause_turn", 0), ("max_tokens", 0)])
def test_the_result_of_a_server_tool_may_come_in_another_turn(reason, count):
    call = opens(0, "server_tool_use") + tool_delta(0, "{}") + stops(0)
    body = start() + call + message_delta(reason) + END[len(message_delta()) :]
    assert len(findings(body, "server-tool-unpaired")) == count


def test_a_result_in_the_same_message_is_found_by_its_id():
    call = opens(0, "server_tool_use") + tool_delta(0, "{}") + stops(0)
    block = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_0", "content": []}
    result = event("content_block_start", index=1, content_block=block) + stops(1)
    assert findings(start() + call + result + END, "server-tool-unpaired") == []


def test_text_is_no_tool():
    assert findings(start() + TEXT + END, "tools") == []


PIECES = [
    [" "],
    [" ", "{}"],
    [" {}"],
    ["nu", "ll"],
    ['{"a": NaN}'],
    ['{"a": -Infinity}'],
    ['{"a": 1e999}'],
    ['{"a": "\\ud83d"}'],
    ['{"a": "\\ud83d', '\\ude00"}'],
    ['{"a": "\\ude00"}'],
    ['{"keywords": Dave'],
    ['{"a": 01}'],
    ['{"a"', ": 1}"],
    ['{"a":' * 250 + "1" + "}" * 250],
    ['{"a": ' + "9" * 5000 + "}"],
    ['{"a": ' + "9" * 400 + "}"],
]
ENDS = {
    "stopped": (stops(0) + message_delta("tool_use") + STOP, Ending.COMPLETE),
    "left open": (message_delta("tool_use") + STOP, Ending.COMPLETE),
    "another message": (start("msg_2") + TEXT + END, Ending.COMPLETE),
    "an error": (event("error", error={"type": "api_error", "message": "m"}), Ending.COMPLETE),
    "the reader stopped": (b"", Ending.ABANDONED),
    "the connection was cut": (b"", Ending.CUT),
    "nobody saw the end": (b"", None),
}


@pytest.mark.parametrize("pieces", PIECES, ids=lambda pieces: "".join(pieces)[:20])
@pytest.mark.parametrize("end", ENDS)
def test_the_json_of_a_tool_is_judged_however_the_stream_ended(pieces, end):
    body = start() + opens(0, "tool_use") + b"".join(tool_delta(0, piece) for piece in pieces)
    found = findings_of(recording(body + ENDS[end][0], how=ENDS[end][1]), "tools")
    whole = [finding for finding in findings(tool(*pieces), "tools") if finding[0] is Severity.ERROR]
    assert found == whole
    assert found or "ValueError" not in sdk.run(recording(body)).stream


def test_json_that_is_cut_because_the_reader_stopped_is_not_wrong():
    body = start() + opens(0, "tool_use") + tool_delta(0, '{"city": "Par')
    assert findings_of(recording(body, how=Ending.ABANDONED), "tools") == []


def server_call(index):
    return opens(index, "server_tool_use") + tool_delta(index, '{"query": "x"}') + stops(index)


def result(index, answers):
    return opens(index, "web_search_tool_result", tool_use_id=answers, content=[]) + stops(index)


@pytest.mark.parametrize(
    ("content", "count"),
    [
        pytest.param(server_call(0) + result(1, "srvtoolu_0"), 0, id="its own result"),
        pytest.param(result(0, "srvtoolu_of_the_turn_before"), 0, id="a result of the turn before"),
        pytest.param(server_call(0), 0, id="a result in the next turn"),
        pytest.param(server_call(0) + result(1, "srvtoolu_9"), 1, id="another result"),
        pytest.param(
            result(0, "srvtoolu_before") + server_call(1) + result(2, "srvtoolu_1"), 0, id="both kinds"
        ),
    ],
)
def test_a_result_answers_a_call(content, count):
    assert len(findings(start() + content + END, "server-tool-mismatched")) == count
