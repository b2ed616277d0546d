"""`python -m tests.interop.scoreboard`: what `inspector probe` says of real software, as the manual's tables.

With the ids of subjects it probes only those, prints their scorecards, and leaves the manual as it is. The
recordings of every exchange are in `.interop/conformance/SUBJECT/recordings/`, named by probe.
"""

from __future__ import annotations

import datetime
import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]  # as pytest does for the tests

import pytest  # noqa: E402
from conftest import ROOT  # noqa: E402
from gateways.scoring import score  # noqa: E402
from gateways.subjects import SUBJECTS  # noqa: E402
from packages import PLACE  # noqa: E402
from verdict_manual import replace_part  # noqa: E402

import inspector  # noqa: E402
from inspector.conformance.scoring.score_text import score_lines  # noqa: E402
from inspector.conformance.scoring.scorecard import State  # noqa: E402
from inspector.escaping import escape  # noqa: E402

PAGE = ROOT / "docs" / "conformance.md"
FOLDER = PLACE / "conformance"
SHOWN = 2  # failures of one probe
LONGEST = 200  # characters of a sentence
MARKS = {State.PASS: "pass", State.FAIL: "**fail**", State.NOT_APPLICABLE: "–", State.NOT_TESTED: "?"}


def scored(subject):
    """Probe a subject; return its scorecard, or None if it cannot be had here."""
    folder = FOLDER / subject.id
    shutil.rmtree(folder, ignore_errors=True)
    try:
        return score(subject, folder)
    except (pytest.skip.Exception, RuntimeError) as error:
        print(f"{subject.id}: left out, {error}", file=sys.stderr)
        return None


def page_text(cards):
    """The generated part of the manual. `cards` are the scorecards by subject."""
    first = next(iter(cards.values()))
    today = datetime.datetime.now(datetime.UTC).date()
    parts = [f"Made on {today} by inspector {inspector.__version__} with the set {first.set} of probes."]
    parts.append(subject_table(cards))
    for title, chosen in (
        ("Gateways: what a hop does to a stream", {s: card for s, card in cards.items() if s.behind}),
        ("Servers that answer by themselves", {s: card for s, card in cards.items() if not s.behind}),
    ):
        if chosen:
            parts += [f"## {title}", score_table(chosen)]
            parts += [finding_list(subject, card) for subject, card in chosen.items()]
    return "\n\n".join(parts)


def subject_table(cards):
    rows = [["subject", "program", "version", "how it is set up", "what answers behind it"]]
    for subject in cards:
        behind = {"anthropic": "Messages API", "openai": "Chat Completions"}.get(subject.behind, "nothing")
        rows.append([f"`{subject.id}`", subject.name, subject.version(), subject.settings, behind])
    return table(rows)


def score_table(cards):
    """A row for each probe and a column for each subject, or the other way round, whichever is narrower."""
    names = list(dict.fromkeys(result.name for card in cards.values() for result in card.results))
    rows = [["probe", *(f"`{subject.id}`" for subject in cards)]]
    rows += [[f"`{name}`", *(mark(card.result(name)) for card in cards.values())] for name in names]
    rows.append(["passed of tested", *(f"{card.count(State.PASS)}/{card.tested}" for card in cards.values())])
    return table(zip(*rows, strict=True) if len(cards) > len(names) else rows)


def mark(result):
    """What the table says of one probe: its state, and whether there are warnings."""
    if result is None:
        return ""
    return MARKS[result.state] + (" !" if result.warnings else "")


def finding_list(subject, card):
    """What was found at a subject, a line a finding, with the recordings that prove it."""
    lines = [f"### `{subject.id}`: {subject.name} {subject.version()}", ""]
    if card.reason:
        lines.append(f"Nothing could be judged: {plain(card.reason)}")
    warned = set()  # a server that counts no tokens does so in every answer
    for result in card.results if not card.reason else ():
        lines += [f"- `{result.name}` {line}" for line in findings_of(result, warned)]
    return "\n".join(lines if len(lines) > 2 else [*lines, "Nothing was found."])


def findings_of(result, warned):
    """What the manual says of one probe: some failures, whether a client sees them, and one new warning.

    `warned` has the sentences of the warnings so far.
    """
    for each in result.failures[:SHOWN]:
        yield f"**fails**: {located(each)}"
    if len(result.failures) > SHOWN:
        yield f"**fails**: and {len(result.failures) - SHOWN} more of this kind"
    unseen = [each for each in result.failures if "messages.stream() raises nothing" in (each.client or "")]
    if unseen:
        yield f"**fails** without a trace: the SDK raises nothing (`{unseen[0].exchange}`)"
    new = [each for each in result.warnings if each.message not in warned]
    warned |= {each.message for each in new}
    if new:
        yield f"warns: {located(new[0])}" + (f", and {len(new) - 1} more" if len(new) > 1 else "")
    if result.state in (State.NOT_APPLICABLE, State.NOT_TESTED):
        yield f"is {result.state.value}: {plain(result.reason)}"
    elif result.reason and not result.warnings:
        yield f"says: {plain(result.reason)}"


def located(deviation):
    where = " ".join(filter(None, [f"`{deviation.exchange}`", deviation.place]))
    return f"{plain(deviation.message)} ({where})"


def table(rows):
    """Rows as a table of Markdown; the first is its head."""
    first, *others = rows
    lines = [first, ["---"] * len(first), *others]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def plain(text):
    """A sentence of a scorecard, not too long, without the names of this machine, and without markup."""
    text = escape(text).replace(str(ROOT), "…")
    text = re.sub(r"(127\.0\.0\.1|localhost):\d+", r"\1:PORT", text)
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return re.sub(r"([\\|<*_`\[])", r"\\\1", text)


def main():
    chosen = [SUBJECTS[name] for name in sys.argv[1:]] or list(SUBJECTS.values())
    cards = {}
    for subject in chosen:
        card = scored(subject)
        if card is not None:
            cards[subject] = card
            print(f"== {subject.id}", *(line.text for line in score_lines(card)), sep="\n", file=sys.stderr)
    if not sys.argv[1:]:
        replace_part("scores", page_text(cards), PAGE)


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(SUBJECTS):
        sys.exit(f"no such subject: {', '.join(unknown)}. Known are {', '.join(SUBJECTS)}.")
    main()
