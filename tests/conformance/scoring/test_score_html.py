"""A scorecard as a page: it has everything, its policy allows its own style alone, and texts stay texts."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import replace

from score_examples import CARD, HOSTILE, HOSTILE_CARD, KEY, UNREACHABLE
from test_score_markdown import Page

from inspector.conformance.scoring.score_html import score_html
from inspector.conformance.scoring.scorecard import Deviation
from inspector.escaping import escape
from inspector.redact import mask_text


def body(card):
    return Page(re.sub(r"(?s)<!doctype.*?</head>", "", score_html(card)).replace("</html>", ""))


def test_each_probe_has_a_row_and_each_failure_its_proof():
    page = body(CARD)
    text = " ".join(page.texts)
    assert [row[1] for row in page.rows[1:]] == [result.name for result in CARD.results]
    for part in ("2 of 4 probes passed", "max-tokens-1 ev 7 @865", "complete, end_turn", "passes 1 of 3"):
        assert part in text
    assert "kept/max-tokens-1.jsonl" in text
    assert "https://github.com/example/gateway/issues/12" in page.links


def test_the_policy_allows_the_style_and_nothing_else():
    text = score_html(CARD)
    style = re.search(r"(?s)<style>(.*?)</style>", text)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = html.unescape(re.search(r'Policy" content="([^"]*)"', text)[1])
    assert policy.split("; ")[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
    assert "style=" not in text


def test_what_an_endpoint_says_stays_text():
    page = body(HOSTILE_CARD)
    shown = escape(mask_text(HOSTILE))
    assert sum(shown in text for text in page.texts) >= 7
    assert {"script", "img", "iframe"}.isdisjoint(page.elements)
    assert {link for link in page.links if not link.startswith("#")} == {
        f"https://docs.example/{name}" for name in ("text", "tool")
    }
    assert KEY[:40] not in score_html(HOSTILE_CARD)


def test_an_endpoint_that_cannot_be_reached_has_one_sentence():
    assert "cannot be reached" in " ".join(body(UNREACHABLE).texts)


def test_what_is_between_backticks_is_code():
    sentence = "`system` and `<b>` may be a text; one ` is none, nor ` x ``` y"
    shown = "<code>system</code> and <code>&lt;b&gt;</code> may be a text; one ` is none, nor ` x ``` y"
    failing = replace(CARD.results[1], sentence=sentence, failures=(Deviation(sentence),))
    page = score_html(replace(CARD, results=(failing,)))
    assert f"<p>{shown}</p>" in page
    assert f"<td>{shown}</td>" in page
    assert f"<li>{shown}" in page
