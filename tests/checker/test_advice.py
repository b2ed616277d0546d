"""Every group of rules has advice, and no other group."""

from __future__ import annotations

from inspector.checker import RULES
from inspector.checker.advice import ADVICE


def test_every_group_has_advice_for_servers_and_clients():
    assert set(ADVICE) == {rule.group for rule in RULES.values()}
    for text in ADVICE.values():
        assert text.startswith("A server ")
        assert ". A client " in text
