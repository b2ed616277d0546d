"""A scorecard as a badge of one line: an SVG image, or the JSON that https://shields.io draws one of."""

from __future__ import annotations

import html

from inspector import _json
from inspector.conformance.scoring.scorecard import Scorecard, State

__all__ = ["badge_json", "badge_svg", "badge_text"]

_GREEN, _RED, _GREY = "#1c7563", "#b3231c", "#6b6659"
_CHARACTER = 6.6  # pixels, of the widest usual sans-serif font at 11 px
_MARGIN = 7


def badge_text(card: Scorecard) -> tuple[str, str]:
    """Return both halves of the badge. The score is never there without what failed or was not tested."""
    label = f"Messages API {card.set}"
    if not card.tested:
        return label, "not tested"
    parts = [f"{card.count(State.PASS)} of {card.tested} passed"]
    untested = card.count(State.NOT_TESTED)
    if card.failed:
        parts.append(f"{len(card.failed)} failed")
    if untested:
        parts.append(f"{untested} not tested")
    return label, ", ".join(parts)


def badge_json(card: Scorecard) -> str:
    """Return the badge as JSON for shields.io (https://shields.io/badges/endpoint-badge)."""
    label, message = badge_text(card)
    badge = {"schemaVersion": 1, "label": label, "message": message, "color": _colour(card)}
    return _json.dumps_text(badge, indent=2)


def badge_svg(card: Scorecard) -> str:
    """Return the badge as an SVG image."""
    label, message = map(html.escape, badge_text(card))
    left, right = (round(len(text) * _CHARACTER) + 2 * _MARGIN for text in badge_text(card))
    width = left + right
    middles = left / 2, left + right / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" '
        f'aria-label="{label}: {message}"><title>{label}: {message}</title>'
        f'<clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#55524a"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_colour(card)}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{middles[0]:g}" y="14" textLength="{left - 2 * _MARGIN}">{label}</text>'
        f'<text x="{middles[1]:g}" y="14" textLength="{right - 2 * _MARGIN}">{message}</text></g></svg>\n'
    )


def _colour(card: Scorecard) -> str:
    if card.failed:
        return _RED
    return _GREEN if card.tested else _GREY
