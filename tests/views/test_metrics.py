"""The counts of a proxy, as Prometheus reads them: held against its own parser, if that is installed."""

from __future__ import annotations

import re

import pytest

from inspector import Ending, load
from inspector.recording import End, Head, Request
from inspector.recording.bundled import bundled_recording
from inspector.views.metrics import Metrics
from inspector.views.summary import Summary, summary

SAMPLE = re.compile(r'([a-z_]+)(\{(?:[a-z_]+="[^"\\\n]*",?)+\})? (\d+(?:\.\d+)?)')
HELLO = summary(load(bundled_recording("hello")))


def failed():
    made = Summary()
    made.add(Head("", Request()))
    made.add(End(0.5, Ending.RESET, "ConnectError"))
    return made


@pytest.fixture
def metrics():
    made = Metrics()
    for _ in range(3):
        made.begin()
    made.end(
        HELLO, {"ping": 1, "content_block_delta": 40, "evil\n": 2, None: 1}, {("ping-late", "warning"): 2}
    )
    made.end(failed(), {}, {})
    return made


def samples(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {f"{match[1]}{match[2] or ''}": float(match[3]) for match in map(SAMPLE.fullmatch, lines)}


def test_what_is_counted(metrics):
    counted = samples(metrics.text(recording=False))
    assert counted['inspector_exchanges_total{status="200",ending="complete"}'] == 1
    assert counted['inspector_exchanges_total{status="none",ending="reset"}'] == 1
    assert counted["inspector_exchanges_in_progress"] == 1
    assert counted['inspector_messages_total{stop_reason="end_turn"}'] == 1
    assert counted['inspector_events_total{event="content_block_delta"}'] == 40
    assert counted["inspector_response_body_bytes_total"] == HELLO.size
    assert counted['inspector_findings_total{rule="ping-late",severity="warning"}'] == 2
    assert counted["inspector_recording"] == 0


def test_names_from_outside_make_no_time_series_of_their_own(metrics):
    assert samples(metrics.text(recording=True))['inspector_events_total{event="other"}'] == 3


def test_histograms_count_what_lies_below_each_bound(metrics):
    counted = samples(metrics.text(recording=True))
    assert counted['inspector_exchange_seconds_bucket{le="0.25"}'] == 0
    assert counted['inspector_exchange_seconds_bucket{le="0.5"}'] == 1
    assert counted['inspector_exchange_seconds_bucket{le="+Inf"}'] == 2
    assert counted["inspector_exchange_seconds_count"] == 2
    assert counted["inspector_exchange_seconds_sum"] == pytest.approx(0.5 + HELLO.end.t)
    assert counted["inspector_first_text_seconds_count"] == 1


def test_every_line_is_in_the_format_and_every_family_says_what_it_is(metrics):
    text = metrics.text(recording=True)
    assert text.endswith("\n")
    for line in text.splitlines():
        assert re.match(r"# (HELP|TYPE) inspector_", line) or SAMPLE.fullmatch(line), line
    assert text.count("# TYPE ") == text.count("# HELP ")


def test_the_parser_of_prometheus_reads_it(metrics):
    parser = pytest.importorskip("prometheus_client.parser")
    families = {
        each.name: each for each in parser.text_string_to_metric_families(metrics.text(recording=True))
    }
    assert families["inspector_exchange_seconds"].type == "histogram"
    assert families["inspector_exchanges"].type == "counter"
    assert sum(sample.value for sample in families["inspector_exchanges"].samples) == 2
