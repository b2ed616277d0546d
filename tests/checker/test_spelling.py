"""A slip of the pen is told from a new name."""

from __future__ import annotations

import pytest

from inspector.checker.shape_table import table
from inspector.checker.spelling import meant
from inspector.protocol import BLOCK_TYPES, DELTA_TEXT, EVENT_TYPES, STOP_REASONS

KNOWN = ["text_delta", "stop_reason", "input_tokens", "id"]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        pytest.param("text_deltas", "text_delta", id="a letter more"),
        pytest.param("tex_delta", "text_delta", id="a letter less"),
        pytest.param("test_delta", "text_delta", id="another letter"),
        pytest.param("txet_delta", "text_delta", id="letters swapped"),
        pytest.param("text-delta", "text_delta", id="another sign"),
        pytest.param("TextDelta", "text_delta", id="another case"),
        pytest.param("inputTokens", "input_tokens", id="camel case"),
        pytest.param("xext_delta", "text_delta", id="the first letter"),
    ],
)
def test_a_slip_means_a_known_name(name, known):
    assert meant(name, KNOWN) == known


@pytest.mark.parametrize(
    "name",
    ["future_delta", "connector_text_delta", "text_delta_v2", "stop", "tokens", "", "ids", "x" * 10_000],
)
def test_another_name_is_new(name):
    assert meant(name, KNOWN) == ""


def test_another_number_is_a_new_version():
    assert meant("code_execution_20260826", ["code_execution_20250825"]) == ""


def test_no_name_of_the_api_is_a_slip_of_another_one():
    objects = table()["objects"].values()
    sets = [EVENT_TYPES, BLOCK_TYPES, set(DELTA_TEXT), STOP_REASONS]
    sets += [{key.removesuffix("?") for key in fields} for fields in objects]
    for names in sets:
        assert [(name, meant(name, names - {name})) for name in names if meant(name, names - {name})] == []
