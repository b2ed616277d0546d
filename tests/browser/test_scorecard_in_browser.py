"""The page of a scorecard in a real browser: wide and narrow, light and dark, and with hostile texts."""

from __future__ import annotations

import os

import pytest
from score_examples import CARD, HOSTILE_CARD

from inspector.conformance.scoring.score_html import score_html

VIEWS = {
    "laptop": {"width": 1280},
    "dark": {"width": 1280, "dark": True},
    "phone": {"width": 390, "height": 844, "phone": True},
}
CARDS = {"card": CARD, "hostile": HOSTILE_CARD}


@pytest.fixture
def opened_card(browser, tmp_path):
    """Open the page of a card. At the end, nothing may have gone wrong in it; the policy reports there."""

    def open_(name, **view):
        page = tmp_path / "card.html"
        page.write_text(score_html(CARDS[name]), "utf-8")
        browser.open(url=page.as_uri(), **view)
        return browser

    yield open_
    problems = browser.problems()
    assert problems["console"] == []
    assert problems["dialogs"] == []
    assert [url for url in problems["requests"] if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("name", CARDS)
@pytest.mark.parametrize("view", VIEWS)
def test_it_has_no_barriers_and_is_no_wider_than_the_screen(opened_card, name, view):
    page = opened_card(name, **VIEWS[view])
    assert page.axe() == []
    width = VIEWS[view]["width"]
    assert page.eval(code="document.documentElement.scrollWidth") <= width
    if folder := os.environ.get("SHOTS"):
        page.shot(path=f"{folder}/{name}-{view}.png", full=True)


def test_the_style_is_allowed_and_the_link_of_a_failure_leads_to_it(opened_card):
    page = opened_card("card")
    assert page.eval(code="getComputedStyle(document.querySelector('article')).borderRadius") == "8px"
    page.click(selector="a[href='#max-tokens']")
    assert page.eval(code="document.querySelector(':target h3').innerText") == "max-tokens"


def test_on_paper_it_is_light(opened_card):
    page = opened_card("card", dark=True)
    assert page.eval(code="getComputedStyle(document.body).backgroundColor") == "rgb(22, 21, 18)"
    page.media(type="print")
    assert page.eval(code="getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"
