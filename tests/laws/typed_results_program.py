"""A program that looks into every result, with the types of `inspector.types`. `test_typing.py` checks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import assert_type

import inspector
from inspector.types import (
    Answer,
    BlockStatistics,
    Buffering,
    BufferingKind,
    Conclusion,
    Deviation,
    Distribution,
    Exchange,
    Gaps,
    IncomingRequest,
    Kind,
    LongestGap,
    Match,
    Measure,
    Note,
    Part,
    Pings,
    Playback,
    Probe,
    ProbeResult,
    Program,
    Rates,
    Share,
    Silence,
    Silences,
    Source,
    Standing,
    State,
    TokenInterval,
    Tokens,
    UsagePoint,
    VirtualTime,
    WatchdogResult,
    Window,
)


def look_at(recording: inspector.Recording) -> None:
    assert_type(recording.head, inspector.Head)
    assert_type(recording.end, inspector.End | None)
    for event in recording.events():
        assert_type(event, inspector.Event)
        assert_type(event.block, inspector.TimedBlock)


def measure(recording: inspector.Recording) -> float:
    statistics = inspector.stats(recording)
    assert_type(statistics, inspector.Statistics)
    assert_type(statistics.silences, Silences)
    assert_type(statistics.silences.listed, tuple[Silence, ...])
    assert_type(statistics.event_gaps, Gaps | None)
    assert_type(statistics.rates, Rates)
    assert_type(statistics.pings, Pings | None)
    assert_type(statistics.shares, tuple[Share, ...])
    assert_type(statistics.usage, tuple[UsagePoint, ...])
    assert_type(statistics.rates.windows, tuple[Window, ...])
    assert_type(statistics.rates.intervals, tuple[TokenInterval, ...])
    return longest(statistics.event_gaps) if statistics.event_gaps else 0.0


def longest(gaps: Gaps) -> float:
    assert_type(gaps.longest, LongestGap)
    return gaps.longest.seconds


def say(
    block: BlockStatistics, tokens: Tokens, buffering: Buffering, watchdog: WatchdogResult, by: Measure
) -> str:
    assert_type(buffering.kind, BufferingKind)
    assert_type(block.gaps, Distribution | None)
    return f"{block.index} {tokens.output} {watchdog} {by.value}"


def judge(recording: inspector.Recording) -> list[str]:
    inspector.assert_clean(recording)
    findings = inspector.check(recording, profile=inspector.Profile.COMPAT)
    assert_type(findings, list[inspector.Finding])
    return [f"{finding.severity} {finding.page}" for finding in findings]


def look_at_report(report: inspector.Report) -> tuple[inspector.Verdict, int]:
    return report.verdict, report.count(inspector.Severity.ERROR)


def compare(one: Path, other: Path) -> list[str]:
    difference = inspector.diff(one, other)
    assert_type(difference, inspector.Difference)
    assert_type(difference.changes, tuple[inspector.Change, ...])
    assert_type(difference.notes, tuple[Note, ...])
    inspector.assert_same(one, other)
    return [describe(change.part) for change in difference.changes]


def describe(part: Part) -> str:
    return part.value


def observe(recording: inspector.Recording) -> bool:
    observation = inspector.observe(recording)
    assert_type(observation, inspector.Observation)
    return observation.stream is not None and passes(observation.stream)


def passes(outcome: inspector.Outcome) -> bool:
    return outcome.raises is None


def probe(url: str) -> list[str]:
    def show(probe: Probe, result: ProbeResult | None) -> None:
        assert_type(probe.kind, Kind)
        if result is not None:
            assert_type(result.state, State)
            assert_type(result.exchange("direct"), Exchange | None)

    card = inspector.probe(url, model="claude-haiku-4-5", progress=show)
    assert_type(card, inspector.Scorecard)
    return [tell(deviation) for result in card.failed for deviation in result.failures]


def tell(deviation: Deviation) -> str:
    return deviation.message


def by_body(request: inspector.Request, recorded: inspector.Request) -> bool:
    return request.body == recorded.body


WAYS: list[Match] = ["order", by_body]


def serve(path: Path) -> None:
    def otherwise(request: IncomingRequest) -> Answer | None:
        return Answer(fallback) if request.method == "POST" and fallback else None

    fallback: Source | None = None
    for way in WAYS:
        with inspector.Server(path, match=way, otherwise=otherwise, tap=inspector.tap("x/")) as server:
            assert_type(server.requests, list[inspector.ReceivedRequest])
            assert_type(server.verdict(), inspector.ClientVerdict)
            print(blame(server.verdict()))


def plays(source: Source) -> Playback:
    return source.play()


def blame(verdict: inspector.ClientVerdict) -> Iterable[str]:
    assert_type(verdict.program, Program)
    return [f"{about(each)} {each.standing}" for each in verdict.findings]


def about(finding: inspector.ClientFinding) -> Standing:
    return finding.standing


def gave_up(conclusion: Conclusion, limits: inspector.ClientLimits) -> bool:
    return bool(conclusion) and bool(limits)


def hide(recording: inspector.Recording) -> inspector.Recording:
    return inspector.redacted(recording, inspector.Redaction(["prompts"]))


def page(path: Path) -> bytes:
    return inspector.report(path)


def faults() -> list[str]:
    return [*inspector.DIRTY_DOZEN]


def errors(path: Path) -> str:
    try:
        inspector.load(path)
    except (inspector.AddressError, inspector.NetworkBlockedError, inspector.InapplicableFaultError) as error:
        return str(error)
    except (inspector.RecordingWarning, inspector.UsageError, inspector.InspectorError) as error:
        return str(error)
    return inspector.__version__


async def waits(virtual_time: VirtualTime) -> float:
    await asyncio.sleep(10)
    return virtual_time.now
