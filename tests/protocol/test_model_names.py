"""Aliases and dated snapshots are one family; other families are not."""

from __future__ import annotations

import pytest

from inspector.protocol import model_family


@pytest.mark.parametrize(
    "name, family",
    [
        ("claude-sonnet-4-5", "sonnet"),
        ("claude-sonnet-4-5-20250929", "sonnet"),
        ("claude-3-5-sonnet-latest", "sonnet"),
        ("claude-3-7-sonnet-20250219", "sonnet"),
        ("claude-3-opus-20240229", "opus"),
        ("claude-opus-4-8[1m]", "opus"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "haiku"),
        ("anthropic/claude-haiku-4.5", "haiku"),
        ("claude-opus-4-1@20250805", "opus"),
        ("claude-newname-9", "newname"),
        ("claude-2.1", "claude-2.1"),
        ("My-Model-20250101", "my-model"),
        ("my-model", "my-model"),
        ("", ""),
    ],
)
def test_the_family_of_a_model(name, family):
    assert model_family(name) == family
