"""Known failures of an endpoint: the file of `inspector probe --expect`, and what it makes of a scorecard.

The file is TOML, a table for each probe that is known to fail:

    [tool]
    reason = "the input of a tool is sent as one delta"
    link = "https://github.com/example/gateway/issues/12"

Rule 1: a probe that fails and is not in the file fails the run.
Rule 2: a probe in the file that does not fail any more fails the run too, until it is taken out. So the file
never says of an endpoint what is no longer true.
Rule 3: a probe in the file that did not run, or was not tested, changes nothing.
Rule 4: if nothing could be judged, as when another protocol is spoken, nothing is a known failure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from inspector import _json
from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, Scorecard, State
from inspector.errors import UsageError

__all__ = ["Expected", "dump_expectations", "expected_of", "load_expectations", "with_expectations"]

_HEADING = """\
# Known failures, for `inspector probe --expect FILE`. An entry whose probe passes fails the run: take it out.
"""


@dataclass(frozen=True, slots=True)
class Expected:
    """Why a probe is known to fail, and a link to where that is followed up; both may be empty."""

    reason: str = ""
    link: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, [self.reason, self.link])) or "no reason is given"


def load_expectations(text: str, name: str, probes: Iterable[str]) -> dict[str, Expected]:
    """Read a file of known failures. `name` is the file's, and `probes` are those that there are.

    Raises `UsageError` if it is not TOML, or has something else than known failures of such probes.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not TOML: {error}") from error
    known = set(probes)
    for probe, table in tables.items():
        if probe not in known:
            raise UsageError(f"{name}: there is no probe {probe!r}; `inspector probe --list` lists them")
        if not isinstance(table, dict):
            raise UsageError(f"{name}: write [{probe}] as a table, with `reason` and `link` in it")
        for key, value in table.items():
            if key not in ("reason", "link") or not isinstance(value, str):
                raise UsageError(f"{name}: [{probe}] may have the texts `reason` and `link`, and not {key!r}")
    return {probe: Expected(**table) for probe, table in tables.items()}


def with_expectations(card: Scorecard, expected: Mapping[str, Expected], name: str) -> Scorecard:
    """Return the scorecard with its known failures marked, and with a failure for each that is none any more.

    `name` is the file of the known failures, for the messages.
    """
    if card.reason:
        return card
    return replace(card, results=tuple(_with_expected(each, expected, name) for each in card.results))


def _with_expected(result: ProbeResult, expected: Mapping[str, Expected], name: str) -> ProbeResult:
    entry = expected.get(result.name)
    if entry is None or result.state is State.NOT_TESTED:
        return result
    if result.state is State.FAIL:
        return replace(result, known=str(entry))
    outcome = "passes" if result.state is State.PASS else f"is {result.state.value}"
    message = f"it {outcome}, and {name} has it as a known failure: take it out of the file"
    return replace(result, state=State.FAIL, reason="", failures=(Deviation(message),))


def expected_of(card: Scorecard, before: Mapping[str, Expected]) -> dict[str, Expected]:
    """Return what fails in a scorecard as known failures, with the reasons and links that they had `before`.

    A known failure that could not be tested now stays one.
    """
    untested = {name for name in before if _is_untested(card.result(name))}
    failing = {result.name for result in card.failed} | untested
    order = [result.name for result in card.results]
    ordered = sorted(failing, key=lambda name: order.index(name) if name in order else len(order))
    return {name: before.get(name, Expected()) for name in ordered}


def _is_untested(result: ProbeResult | None) -> bool:
    return result is None or result.state is State.NOT_TESTED


def dump_expectations(expected: Mapping[str, Expected]) -> str:
    """Write known failures as `load_expectations` reads them."""
    tables = [_HEADING]
    for probe, entry in expected.items():
        lines = [f"[{probe}]", f"reason = {_quoted(entry.reason)}"]
        tables.append(
            "\n".join([*lines, f"link = {_quoted(entry.link)}", ""] if entry.link else [*lines, ""])
        )
    return "\n".join(tables)


def _quoted(text: str) -> str:
    """Write a basic string of TOML, whose escapes are those of JSON, but for DEL."""
    return _json.dumps_text(text).replace("\x7f", "\\u007f")
