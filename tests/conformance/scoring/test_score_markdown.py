"""A scorecard as Markdown, read by a parser of Markdown: it says what the card says, and nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from score_examples import CARD, HOSTILE, HOSTILE_CARD, KEY, UNREACHABLE

from inspector.conformance.scoring.score_markdown import score_markdown
from inspector.escaping import escape
from inspector.redact import mask_text


class Page(HTMLParser):
    """The texts of a page by their elements, and all elements and links."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.links, self.codes, self.texts, self.rows = [], [], [], [], []
        self._open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]
        if tag == "code":
            self.codes.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if "code" in self._open:
            self.codes[-1] += data
        if self.rows and ("td" in self._open or "th" in self._open):
            self.rows[-1][-1] += data


def read(card):
    return Page(MarkdownIt("commonmark").enable("table").render(score_markdown(card)))


def test_the_heading_is_the_score_with_its_failures():
    assert score_markdown(CARD).splitlines()[0] == (
        "### Messages API 2026-11: 2 of 4 passed; failed: max-tokens, tool; 1 not applicable; 1 not tested"
    )


def test_each_probe_has_a_row():
    _, *rows = read(CARD).rows
    assert [row[1] for row in rows] == [result.name for result in CARD.results]
    assert [row[0].split(" ", 1)[1] for row in rows] == [result.state.value for result in CARD.results]
    assert "passes 1 of 3 times" in rows[3][2]
    assert "refuses images" in rows[4][2]


def test_a_failure_has_its_place_its_client_its_recording_and_its_links():
    page = read(CARD)
    text = "".join(page.texts)
    for part in ("max-tokens-1 ev 7 @865", "complete, end_turn", "kept/max-tokens-1.jsonl", "usage-missing"):
        assert part in text
    assert text.count("kept/max-tokens-1.jsonl") == 1
    assert "https://github.com/example/gateway/issues/12" in page.links


def test_what_an_endpoint_says_stays_text():
    page = read(HOSTILE_CARD)
    assert page.codes.count(escape(mask_text(HOSTILE))) >= 7
    assert set(page.links) == {f"https://docs.example/{name}" for name in ("text", "tool", "image")}
    assert set(page.elements) <= {
        "h3", "h4", "p", "code", "strong", "ul", "li", "br", "a", "table", "thead", "tbody", "tr", "th", "td"
    }  # fmt: skip
    assert all(len(row) == 3 for row in page.rows)


@pytest.mark.parametrize("pattern", [r"@\w", r"(?<!&)#\d", r"www\.", "http://evil", "^::", r"##\[", KEY[:40]])
def test_github_sees_nothing_that_it_links_or_runs(pattern):
    assert not re.search(pattern, score_markdown(HOSTILE_CARD), re.MULTILINE)


def test_an_endpoint_that_cannot_be_reached_has_one_sentence():
    text = score_markdown(UNREACHABLE)
    assert "**Nothing was tested**" in text
    assert "| probe |" not in text
