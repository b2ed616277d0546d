"""The verdict on buffering, and what it rests on."""

from __future__ import annotations

import pytest
from streams import END, delta, message_delta, opens, recording, start, stops, tool_delta

from inspector import check
from inspector.checker.buffering import MAX_SAMPLES, PAUSE, BufferingKind, Progress, buffering


def progress_of(times):
    progress, before = Progress(), None
    for number, t in enumerate(times, 1):
        if before is not None and t - before >= PAUSE:
            progress.pause(t - before, b"{}")
        if number >= progress.next_sample:
            progress.sample(t, number)
        before = t
    return progress


def judged(times, began=0.5):
    return buffering(progress_of(times), events=len(times), began=began, last=times[-1] if times else 0.0)


@pytest.mark.parametrize("events", [10, 5000, 100_000])
def test_samples_are_few_and_span_the_stream(events):
    points = progress_of([number / 100 for number in range(1, events + 1)]).points
    assert min(events, MAX_SAMPLES // 2) <= len(points) <= MAX_SAMPLES
    assert points[0] == (0.01, 1)
    assert points[-1][1] > 0.99 * events


def evenly(count, every, begin=1.0):
    return [begin + number * every for number in range(count)]


def bursts(count, size, every, begin=1.0):
    return [begin + number * every + step / 1000 for number in range(count) for step in range(size)]


CASES = [
    ("nothing", [], BufferingKind.UNKNOWN),
    ("too few", evenly(7, 10.0), BufferingKind.UNKNOWN),
    ("too short", evenly(50, 0.01), BufferingKind.UNKNOWN),
    ("one early read", [0.8] * 20, BufferingKind.UNKNOWN),
    ("one read", [8.0] * 20, BufferingKind.ONE_READ),
    ("at the end", bursts(1, 100, 0, begin=20.0), BufferingKind.ONE_BURST),
    ("in bursts", bursts(10, 40, 2.0), BufferingKind.BURSTS),
    ("in two bursts", bursts(2, 40, 9.0), BufferingKind.PACED),
    ("in small groups", bursts(20, 6, 0.5), BufferingKind.PACED),
    ("evenly", evenly(500, 0.02), BufferingKind.PACED),
    ("slowly", evenly(50, 0.4), BufferingKind.PACED),
    ("late and evenly", evenly(50, 0.05, begin=30.0), BufferingKind.PACED),
    ("at the end, as fast as a model may be", bursts(1, 40, 0, begin=20.0), BufferingKind.UNKNOWN),
    (
        "after thinking, as fast as a model may be",
        [0.6, 0.7, *bursts(1, 30, 0, begin=20.0)],
        BufferingKind.PACED,
    ),
    (
        "at the end, after the head of the message",
        [0.6, 0.6, *bursts(1, 100, 0, begin=20.0)],
        BufferingKind.ONE_BURST,
    ),
    ("after a ping that came alone", [0.6, 10.0, *bursts(1, 100, 0, begin=20.0)], BufferingKind.UNKNOWN),
    ("with a hiccup", evenly(100, 0.05) + evenly(100, 0.05, begin=12.0), BufferingKind.PACED),
]


@pytest.mark.parametrize(("times", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_verdict(times, kind):
    verdict = judged(times)
    assert verdict.kind is kind
    assert verdict.is_certain is (kind.value.startswith(("all", "deliv", "held")))


def test_the_verdict_on_bursts_says_how_many_and_how_often():
    assert judged(bursts(10, 40, 2.0)).reason == (
        "delivered in bursts of 40 events every 2.0 s: something on the way is buffering"
    )


def test_a_pause_before_a_tool_s_input_is_the_api_s_own():
    progress = Progress()
    progress.pause(3.0, tool_delta(0, "{"))
    progress.pause(2.0, delta(0))
    assert (progress.pauses, progress.paused) == (1, 2.0)


def lumps(made):
    """A stream whose 160 deltas come in eight reads, two seconds apart."""
    deltas = [made(0, f"word {number} ") for number in range(160)]
    return [(2.0 * n, b"".join(deltas[20 * n - 20 : 20 * n])) for n in range(1, 9)]


@pytest.mark.parametrize(
    ("kind", "made", "expected"),
    [
        ("text", delta, ["delivered in bursts of 18 events every 1.9 s: something on the way is buffering"]),
        ("tool_use", tool_delta, []),
    ],
)
def test_the_rule_gives_the_same_verdict(kind, made, expected):
    begin = start() + opens(0, kind)
    end = stops(0) + (END if kind == "text" else message_delta("tool_use"))
    sent = recording((0.6, begin), *lumps(made), (16.0, end))
    assert [each.message for each in check(sent, select=["burst-delivery"])] == expected
