"""The names of the protocol include every name that the installed SDK knows."""

from __future__ import annotations

import typing

import pytest

from inspector.protocol.events import (
    BLOCK_DELTAS,
    BLOCK_TYPES,
    DELTA_TEXT,
    EVENT_TYPES,
    STOP_REASONS,
    TOOL_BLOCKS,
    UNFINISHED_STOPS,
)

beta = pytest.importorskip("anthropic.types.beta")


def members(union):
    """The classes of a union, by the value of their field `type`."""
    if typing.get_origin(union) is typing.Annotated:
        union = typing.get_args(union)[0]
    return {typing.get_args(each.model_fields["type"].annotation)[0]: each for each in typing.get_args(union)}


def field(model, name):
    return members(model.model_fields[name].annotation)


DELTAS = field(beta.BetaRawContentBlockDeltaEvent, "delta")


def test_every_event_of_the_sdk_is_known():
    assert members(beta.BetaRawMessageStreamEvent).keys() <= EVENT_TYPES
    assert EVENT_TYPES - members(beta.BetaRawMessageStreamEvent).keys() == {"ping", "error"}  # it hides these


def test_every_content_block_of_the_sdk_is_known():
    blocks = field(beta.BetaRawContentBlockStartEvent, "content_block")
    assert blocks.keys() <= BLOCK_TYPES


def test_every_delta_of_the_sdk_belongs_to_a_block():
    assert DELTAS.keys() <= frozenset().union(*BLOCK_DELTAS.values())


@pytest.mark.parametrize(("delta", "text"), DELTA_TEXT.items(), ids=DELTA_TEXT)
def test_the_text_of_a_delta_is_a_field_of_the_sdks_class(delta, text):
    if delta not in DELTAS:
        pytest.skip("this SDK does not know it")
    assert text in DELTAS[delta].model_fields


def test_every_stop_reason_of_the_sdk_is_known():
    assert set(typing.get_args(beta.BetaStopReason)) <= STOP_REASONS


def test_the_tables_agree_with_each_other():
    assert BLOCK_DELTAS.keys() <= BLOCK_TYPES
    assert TOOL_BLOCKS <= BLOCK_TYPES
    assert UNFINISHED_STOPS.keys() <= STOP_REASONS
    assert {*DELTA_TEXT, "citations_delta"} == frozenset().union(*BLOCK_DELTAS.values())
