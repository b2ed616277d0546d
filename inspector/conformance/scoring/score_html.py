"""A scorecard as one HTML page that needs no network and no script.

Every text is escaped, and the page's own policy forbids all but its own style. So whatever an endpoint wrote,
it is shown and does nothing.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from inspector._version import __version__
from inspector.conformance.scoring.same import Group, Groups, groups_of
from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, Scorecard, State
from inspector.escaping import escape
from inspector.redact import mask_text

__all__ = ["score_html"]

_CLASSES = {State.PASS: "pass", State.FAIL: "fail", State.NOT_APPLICABLE: "dim", State.NOT_TESTED: "dim"}

_CODE = re.compile(r"`([^`\s][^`]*)`")


def score_html(card: Scorecard) -> str:
    """Return a scorecard as a page."""
    return "\n".join(_page(card))


def _page(card: Scorecard) -> Iterator[str]:
    style, policy = _style()
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{card.count(State.PASS)} of {card.tested} passed: {_text(card.endpoint)}</title>"
    yield '<link rel="icon" href="data:,">'
    yield f"<style>{style}</style>"
    yield "</head>"
    yield "<body>"
    yield from _header(card)
    yield "<main>"
    groups = groups_of(card.results)
    yield from _failures(card, groups)
    yield from _warnings(card, groups)
    yield from _table(card)
    yield "</main>"
    yield f"<footer>Made by inspector {__version__}. Set {_text(card.set)} names the probes.</footer>"
    yield "</body>"
    yield "</html>"


def _header(card: Scorecard) -> Iterator[str]:
    passed = (
        f"{card.count(State.PASS)} of {card.tested} probes passed" if card.tested else "Nothing was tested"
    )
    bad = "pass" if card.tested and not card.failed else "fail"
    yield "<header>"
    yield "<div>"
    yield f'<h1 class="{bad}">{passed}</h1>'
    yield f"<p><b>{_text(card.endpoint)}</b> · {_text(card.model)}</p>"
    times = f"{card.took:.1f} s, of which {card.waited:.1f} s waiting for the endpoint"
    facts = [f"Messages API, set {_text(card.set)}", _text(card.at), times]
    if card.interrupted:
        facts.append("the run was interrupted")
    yield f"<p>{' · '.join(filter(None, facts))}</p>"
    yield "</div>"
    counts = [(state.value, card.count(state), _CLASSES[state]) for state in State]
    counts.append(("warnings", card.warned, "warning"))
    yield '<dl id="counts">'
    for name, count, style in counts:
        yield f'<div><dt>{name}</dt><dd class="{style if count else "dim"}">{count}</dd></div>'
    yield "</dl>"
    yield "</header>"
    if card.reason:
        yield f'<p class="fail">{_text(card.reason)}</p>'


def _failures(card: Scorecard, groups: Mapping[str, Groups]) -> Iterator[str]:
    if not card.failed:
        return
    yield "<h2>What fails</h2>"
    for result in card.failed:
        yield f'<article{" class=known" if result.known else ""} id="{_text(result.name)}">'
        yield f"<h3>{_text(result.name)}</h3>"
        yield f"<p>{_prose(result.sentence)}</p>"
        if result.known:
            yield f'<p class="warning">A known failure: {_text(result.known)}</p>'
        if result.runs > 1 and result.passed < result.runs:
            yield f"<p>It passes {result.passed} of {result.runs} times.</p>"
        yield "<ul>"
        shown: set[str | None] = set()
        for group in groups[result.name].failures:
            yield from _failure(result, group, proof=group.first.exchange not in shown)
            shown.add(group.first.exchange)
        if before := groups[result.name].before:
            yield f'<li class="dim">the same as in {_text(", ".join(before))}</li>'
        yield "</ul>"
        if result.links:
            links = "<br>".join(f"{what}: {_link(link)}" for what, link in result.links)
            yield f'<p class="dim">{links}</p>'
        yield "</article>"


def _failure(result: ProbeResult, group: Group, *, proof: bool) -> Iterator[str]:
    failure = group.first
    yield f"<li>{_group(group)}"
    if proof and failure.client:
        seen = "<br>".join(_text(line.strip()) for line in failure.client.splitlines())
        yield f"<p>What a client sees: {seen}</p>"
    exchange = result.exchange(failure.exchange)
    if proof and exchange and exchange.file:
        yield f"<p>Recording: <code>{_text(exchange.file)}</code></p>"
    yield "</li>"


def _group(group: Group) -> str:
    same = f'<br><span class="dim">{_text(group.said())}</span>' if group.more else ""
    return f"{_deviation(group.first)}{same}"


def _deviation(deviation: Deviation) -> str:
    rule = f" <code>{_text(deviation.rule)}</code>" if deviation.rule else ""
    return f"{_prose(deviation.message)}{rule}" + (
        f' <span class="dim">{_text(deviation.where)}</span>' if deviation.where else ""
    )


def _warnings(card: Scorecard, groups: Mapping[str, Groups]) -> Iterator[str]:
    if not card.warned:
        return
    yield "<h2>Warnings</h2>"
    for name, shown in groups.items():
        if shown.warnings:
            yield f'<article class="known"><h3>{_text(name)}</h3>'
            yield "<ul>"
            yield from (f"<li>{_group(each)}</li>" for each in shown.warnings)
            yield "</ul></article>"


def _table(card: Scorecard) -> Iterator[str]:
    yield "<h2>All probes</h2>"
    yield "<table>"
    heads = "<th>state</th><th>probe</th><th>what must hold</th>"
    yield f'<thead><tr>{heads}<th class="number">waited</th></tr></thead>'
    yield "<tbody>"
    for result in card.results:
        state, style = result.state.value, _CLASSES[result.state]
        if result.known:
            state, style = "known failure", "warning"
        reason = f'<br><span class="dim">{_text(result.reason)}</span>' if result.reason else ""
        name = _text(result.name)
        linked = f'<a href="#{name}">{name}</a>' if result.state is State.FAIL else name
        yield f'<tr><td class="{style}">{state}</td><td>{linked}</td>'
        yield f"<td>{_prose(result.sentence)}{reason}</td>"
        yield f'<td class="number dim">{f"{result.waited:.1f} s" if result.exchanges else ""}</td></tr>'
    yield "</tbody>"
    yield "</table>"


def _link(url: str) -> str:
    return f'<a href="{_text(url)}">{_text(url.removeprefix("https://"))}</a>'


def _text(text: str) -> str:
    return html.escape(escape(mask_text(text)))


def _prose(text: str) -> str:
    """Return a sentence, with what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", _text(text))  # after escaping, which makes no backtick


@functools.cache
def _style() -> tuple[str, str]:
    """Return the page's style, and the policy that allows only that."""
    style = Path(__file__).with_name("score.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; img-src data:"
    return style, f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
