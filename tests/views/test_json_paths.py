"""Paths of members that a comparison leaves out."""

from __future__ import annotations

import copy

import pytest

from inspector import UsageError
from inspector.views.json_paths import json_path, replaced, without

BODY = {
    "model": "m",
    "system": "s",
    "messages": [{"role": "user", "content": [{"text": "a", "id": 1}, {"text": "b"}]}, {"content": "c"}],
}
SECOND = {"content": "c"}


@pytest.mark.parametrize(
    "text, steps",
    [
        ("metadata", ("metadata",)),
        ("body.metadata", ("metadata",)),
        ("$.metadata.user_id", ("metadata", "user_id")),
        ("messages[0].content", ("messages", 0, "content")),
        ("messages[*].content[].id", ("messages", "*", "content", "*", "id")),
        ("tools.*.description", ("tools", "*", "description")),
        ("body", ("body",)),
        ("$[0]", (0,)),
    ],
)
def test_a_path_is_spelt_as_a_miss_prints_it(text, steps):
    assert json_path(text) == steps


@pytest.mark.parametrize("text", ["", ".", "a..b", "a[", "a[x]", "a]", "a.", "a[0]b["])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(UsageError, match=r"ignore=.* is no path in a body; paths are such as metadata"):
        json_path(text)


@pytest.mark.parametrize(
    "text, left",
    [
        ("system", {"model": "m", "messages": BODY["messages"]}),
        ("messages", {"model": "m", "system": "s"}),
        ("messages[0]", {**BODY, "messages": [None, SECOND]}),
        ("messages[9]", BODY),
        ("nothing.at.all", BODY),
        ("model.name", BODY),
        ("*", {}),
        (
            "messages[0].content[*].id",
            {
                **BODY,
                "messages": [{"role": "user", "content": [{"text": "a"}, {"text": "b"}]}, SECOND],
            },
        ),
        ("messages[*].content", {**BODY, "messages": [{"role": "user"}, {}]}),
    ],
)
def test_what_a_path_names_is_left_out_and_the_value_stays_as_it_is(text, left):
    before = copy.deepcopy(BODY)
    assert without(BODY, json_path(text)) == left
    assert before == BODY


def test_what_a_path_names_is_replaced_and_the_value_stays_as_it_is():
    before = copy.deepcopy(BODY)
    assert replaced(BODY, json_path("messages[1].content"), "x")["messages"][1] == {"content": "x"}
    assert replaced(BODY, json_path("messages[0]"), "x")["messages"] == ["x", SECOND]
    assert replaced(BODY, json_path("nothing"), "x") is BODY
    assert before == BODY


@pytest.mark.parametrize("value", [None, 1, "text", [], {}])
def test_a_value_without_members_stays(value):
    assert without(value, json_path("a")) is value
