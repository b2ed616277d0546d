"""The badge: one line that never hides a failure."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from score_examples import CARD, UNREACHABLE, result

from inspector.conformance.scoring.badge import badge_json, badge_svg, badge_text

GOOD = replace(CARD, results=(result("text"), result("tool")))


@pytest.mark.parametrize(
    ("card", "message", "colour"),
    [
        (CARD, "2 of 4 passed, 2 failed, 1 not tested", "#b3231c"),
        (GOOD, "2 of 2 passed", "#1c7563"),
        (UNREACHABLE, "not tested", "#6b6659"),
    ],
    ids=["failures", "good", "unreachable"],
)
def test_a_badge_says_what_failed_and_what_was_not_tested(card, message, colour):
    assert badge_text(card) == ("Messages API 2026-11", message)
    badge = json.loads(badge_json(card))
    assert badge == {
        "schemaVersion": 1,
        "label": "Messages API 2026-11",
        "message": message,
        "color": colour,
    }
    svg = ElementTree.fromstring(badge_svg(card))
    assert svg.get("aria-label") == f"Messages API 2026-11: {message}"
    assert colour in badge_svg(card)
