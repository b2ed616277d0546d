"""Faults inside a tool call and inside thinking."""

from __future__ import annotations

import pytest
from edited import edit, load, payloads

from inspector.errors import UsageError

WHOLE = '{"location": "Tromsø, Norway", "date": "2026-11-21", "unit": "celsius"}'


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("tool-json", WHOLE[: len(WHOLE) // 2]),
        ("tool-json=truncate,keep=0", ""),
        ("tool-json=invalid", WHOLE.replace('"Troms', "Troms")),
        ("tool-json=trailing", WHOLE + '{"a":1}'),
        ("tool-json=non-object", "[1, 2]"),
        ("tool-json=surrogate", WHOLE.replace("Troms", "\ud83dTroms")),
    ],
)
def test_the_json_of_a_tool_is_broken_in_each_mode(fault, text):
    deltas = payloads(edit("tool_use", fault), "content_block_delta")
    assert "".join(each["delta"]["partial_json"] for each in deltas) == text


def test_a_tool_call_is_chosen_by_its_index():
    before, after = load("tools_parallel"), edit("tools_parallel", "tool-json=non-object,block=2")
    pairs = zip(before.events(), after.events(), strict=True)
    assert {new.data["index"] for old, new in pairs if old.data != new.data} == {2}


@pytest.mark.parametrize(
    ("name", "mode", "change"),
    [
        ("tool_use", "no-input", {"input": ...}),
        ("tool_use", "prefill", {"input": {"prefilled": True}}),
        ("tool_use", "no-id", {"id": ...}),
    ],
)
def test_the_start_of_a_tool_call_is_wrong_in_each_mode(name, mode, change):
    (before,), (after,) = (
        payloads(each, "content_block_start") for each in (load(name), edit(name, f"tool-shape={mode}"))
    )
    expected = {**before["content_block"], **change}
    assert after["content_block"] == {key: value for key, value in expected.items() if value is not ...}


def test_a_tool_call_has_the_id_of_another():
    starts = payloads(edit("tools_parallel", "tool-shape=dup-id"), "content_block_start")
    ids = [each["content_block"]["id"] for each in starts if each["content_block"]["type"] == "tool_use"]
    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]


def deltas(fault):
    edited = edit("thinking", fault)
    return [each["delta"] for each in payloads(edited, "content_block_delta") if each["index"] == 0]


def test_thinking_lacks_its_signature():
    assert "signature_delta" not in [delta["type"] for delta in deltas("thinking=no-signature")]


def test_the_signature_of_thinking_comes_early():
    kinds = [delta["type"] for delta in deltas("thinking=early")]
    assert (kinds[0], kinds.count("signature_delta")) == ("signature_delta", 1)


def test_thinking_has_two_signatures():
    *_, first, second = deltas("thinking=double")
    assert (first["type"], second) == (
        "signature_delta",
        {"type": "signature_delta", "signature": "c2Vjb25k"},
    )


def test_the_text_of_thinking_is_in_a_wrong_field():
    delta = deltas("thinking=wrong-field")[0]
    assert delta.keys() == {"type", "text"} and delta["type"] == "thinking_delta"


def test_thinking_has_no_text():
    assert {delta["type"] for delta in deltas("thinking=omit-text")} == {"signature_delta"}


def test_a_tool_call_without_an_id_cannot_lose_it():
    with pytest.raises(UsageError, match="its content_block_start has no id"):
        edit("tool_use", ["tool-shape=no-id", "tool-shape=no-id"])
