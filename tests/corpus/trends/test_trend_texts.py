"""Numbers as people read them: two digits that say something, units, signs."""

from __future__ import annotations

import math

import pytest

from inspector.corpus.trends.trend_intervals import Interval
from inspector.corpus.trends.trend_lines import Compared, Side
from inspector.corpus.trends.trend_texts import change_text, label, value_text, within_text


def line(kind="verdict", name="partial", part=None, value=0.5, change=None):
    return Compared(
        kind, name, part, None, (Side(Interval(value, 0, 1), 1, 2),), change and Interval(*change)
    )


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (line(), "verdict partial"),
        (line("stop_reason", "max_tokens"), "stop reason max_tokens"),
        (line("unreadable", ""), "unreadable files"),
        (line("rule", "gap-idle"), "rule gap-idle"),
        (line("time", "time_to_first_text", "p90"), "first text p90"),
        (line("tokens", "cache_read_tokens", "p50"), "cache read tokens p50"),
        (line("rate", "output_tokens_per_second", "p99"), "output tokens/s p99"),
    ],
)
def test_a_line_says_what_it_compares(made, text):
    assert label(made) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50.0 %"),
        (0.029, "2.9 %"),
        (0.00999, "1.0 %"),
        (0.00123, "0.12 %"),
        (0.000031, "0.0031 %"),
        (0.9908, "99.08 %"),
        (0.99997, "99.9970 %"),
    ],
)
def test_a_share_has_two_digits_that_say_something(share, text):
    assert value_text(line(value=share), 0) == text


@pytest.mark.parametrize(
    ("made", "change", "within"),
    [
        (line(change=(0.02, 0.011, 0.029)), "+2.0 pp", "+1.1 to +2.9 pp"),
        (line(change=(-0.02, -0.029, 0.0)), "-2.0 pp", "-2.9 to 0 pp"),
        (line("time", "duration", "p50", change=(0.2, -0.1, 1.5)), "+200 ms", "-100 ms to +1.5 s"),
        (line("time", "duration", "p50", change=(0.2, -math.inf, 0.5)), "+200 ms", "? to +500 ms"),
        (line("time", "duration", "p99", change=(0.2, -math.inf, math.inf)), "+200 ms", "too few values"),
        (line("tokens", "input_tokens", "p50", change=(1234, -10, 2500)), "+1,234", "-10 to +2,500"),
        (line("rate", "x", "p50", change=(-3, -5.55, -1)), "-3.0", "-5.5 to -1.0"),
        (line(), "–", "–"),
    ],
)
def test_a_change_has_a_sign_a_unit_and_its_interval(made, change, within):
    assert (change_text(made), within_text(made)) == (change, within)
