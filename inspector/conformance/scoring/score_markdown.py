"""A scorecard as Markdown, for the summary of a job or a comment on a pull request.

Whatever an endpoint can have written stands in `<code>`, with each character that Markdown or GitHub reads as
an entity. So no text leaves its place, mentions a person, or links anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.conformance.scoring.same import Group, Groups, groups_of
from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, Scorecard, State
from inspector.escaping import escape
from inspector.redact import mask_text

__all__ = ["score_markdown"]

_SPECIAL = re.compile(
    r"[&<>|\\`*\[\]~$#]|:(?=//)|@(?=\w)|(?<=www)\."  # markup, links, people and issues
    r"|(?<![^\W_])_|_(?![^\W_])",  # an underscore within a word is none
    re.IGNORECASE,
)
_MARKS = {
    State.PASS: "✅ pass",
    State.FAIL: "❌ fail",
    State.NOT_APPLICABLE: "⚪ not applicable",
    State.NOT_TESTED: "⬜ not tested",
}


def score_markdown(card: Scorecard) -> str:
    """Return a scorecard as Markdown: the score, what is wrong, and a table of all probes."""
    return "\n".join(_lines(card))


def _lines(card: Scorecard) -> Iterator[str]:
    yield from (f"### Messages API {card.set}: {card.score}", "")
    times = f"{card.took:.1f} s, of which {card.waited:.1f} s waiting for the endpoint"
    yield from (f"{_code(card.endpoint)}, model {_code(card.model)}, {card.at or 'undated'}, {times}", "")
    if card.reason:
        yield from (f"**Nothing was tested**: {_code(card.reason)}", "")
        return
    groups = groups_of(card.results)
    for result in card.failed:
        yield from _failed(result, groups[result.name])
    warned = [(name, each) for name, shown in groups.items() for each in shown.warnings]
    if warned:
        yield from ("#### Warnings", "")
        yield from (f"- **{name}**: {_group(each)}" for name, each in warned)
        yield ""
    yield from ("| | probe | what must hold |", "| --- | --- | --- |")
    yield from (_row(result) for result in card.results)
    yield ""


def _row(result: ProbeResult) -> str:
    mark = "⚠️ known failure" if result.known else _MARKS[result.state]
    name = f"[{result.name}]({result.source})" if result.source else result.name
    notes = [result.sentence]
    if result.runs > 1 and result.passed < result.runs:
        notes.append(f"It passes {result.passed} of {result.runs} times.")
    if result.reason:
        notes.append(_code(result.reason))
    return f"| {mark} | {name} | {' '.join(notes)} |"


def _failed(result: ProbeResult, groups: Groups) -> Iterator[str]:
    yield from (f"#### {'⚠️' if result.known else '❌'} {result.name}", "", result.sentence, "")
    if result.known:
        yield from (f"Known: {_code(result.known)}", "")
    shown = set()
    for group in groups.failures:
        failure = group.first
        yield f"- {_group(group)}"
        if failure.client and failure.exchange not in shown:
            yield f"  <br>a client sees: {_code(' / '.join(failure.client.splitlines()))}"
        exchange = result.exchange(failure.exchange)
        if exchange and exchange.file and failure.exchange not in shown:
            yield f"  <br>recording: {_code(exchange.file)}"
        shown.add(failure.exchange)
    if groups.before:
        yield f"- the same as in {_code(', '.join(groups.before))}"
    yield ""
    if result.links:
        yield from ("<br>\n".join(f"{what}: <{link}>" for what, link in result.links), "")


def _group(group: Group) -> str:
    same = f"<br>{_code(group.said())}" if group.more else ""
    return f"{_deviation(group.first)}{same}"


def _deviation(deviation: Deviation) -> str:
    rule = f" ({_code(deviation.rule)})" if deviation.rule else ""
    return f"{_code(deviation.message)}{rule}" + (f" at {_code(deviation.where)}" if deviation.where else "")


def _code(text: str) -> str:
    """Return a text as it is read, whatever it says."""
    entity = _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", escape(mask_text(text)))
    return f"<code>{entity}</code>"
