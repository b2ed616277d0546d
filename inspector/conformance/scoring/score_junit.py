"""A scorecard as JUnit XML: a test case for each probe, for build services that draw tests."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from inspector.conformance.scoring.scorecard import Deviation, ProbeResult, Scorecard, State
from inspector.escaping import defused, escape
from inspector.redact import mask_text

__all__ = ["score_junit"]


def score_junit(card: Scorecard) -> str:
    """Return a scorecard as JUnit XML.

    What is not applicable, was not tested, or is a known failure counts as skipped. If the endpoint could not
    be judged at all, the first case is an error: a build service shows only skipped cases as a success.
    """
    cases = [*map(_case, card.results)]
    if card.reason and not any(each.runs for each in card.results):
        name = card.results[0].name if card.results else "endpoint"
        cases[:1] = [_nothing_tested(name, card.reason)]
    attributes = {
        "name": f"inspector probe {card.set}",
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "time": f"{card.took:.3f}",
    }
    suites = Xml.Element("testsuites", attributes)
    skipped = sum(case.find("skipped") is not None for case in cases)
    suite = Xml.SubElement(suites, "testsuite", attributes, skipped=str(skipped))
    if card.at:
        suite.set("timestamp", _text(card.at.removesuffix("Z")))
    properties = Xml.SubElement(suite, "properties")
    for name, value in (("endpoint", card.endpoint), ("model", card.model), ("set", card.set)):
        Xml.SubElement(properties, "property", name=name, value=_text(value))
    suite.extend(cases)
    Xml.indent(suites)
    document = Xml.tostring(suites, encoding="unicode").replace("##", "#&#35;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'


def _case(result: ProbeResult) -> Xml.Element:
    time = f"{result.waited:.3f}"
    case = Xml.Element("testcase", classname="inspector.probe", name=result.name, time=time)
    text = _text(*_lines(result))
    if result.state is State.FAIL and not result.known:
        message = result.failures[0].message if result.failures else result.sentence
        Xml.SubElement(case, "failure", message=_text(message), type="deviation").text = text
        return case
    if result.state is not State.PASS:
        known = f"known failure: {result.known}"
        reason = known if result.known else f"{result.state.value}: {result.reason}"
        Xml.SubElement(case, "skipped", message=_text(reason))
    if text:
        Xml.SubElement(case, "system-out").text = text
    return case


def _nothing_tested(name: str, reason: str) -> Xml.Element:
    case = Xml.Element("testcase", classname="inspector.probe", name=name, time="0")
    Xml.SubElement(case, "error", message=_text(reason), type="untested")
    return case


def _lines(result: ProbeResult) -> Iterator[str]:
    """Yield what a probe has to say beyond its state."""
    if result.failures:
        yield result.sentence
    elif result.state is State.PASS and result.reason:
        yield result.reason
    if result.runs > 1 and result.passed < result.runs:
        yield f"It passes {result.passed} of {result.runs} times."
    for failure in result.failures:
        yield from _deviation_lines(result, failure)
    for warning in result.warnings:
        yield f"warning: {_with_place(warning)}"
    if result.failures:
        yield from (f"{what}: {link}" for what, link in result.links)


def _deviation_lines(result: ProbeResult, failure: Deviation) -> Iterator[str]:
    yield _with_place(failure)
    for line in (failure.client or "").splitlines():
        yield f"  {line}"
    exchange = result.exchange(failure.exchange)
    if exchange and exchange.file:
        yield f"  {exchange.file}"


def _with_place(deviation: Deviation) -> str:
    rule = f" [{deviation.rule}]" if deviation.rule else ""
    return f"{deviation.where}: {deviation.message}{rule}" if deviation.where else deviation.message + rule


def _text(*lines: str) -> str:
    return "\n".join(defused(escape(mask_text(line))) for line in lines)
