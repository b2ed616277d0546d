"""Each probe passes at an endpoint that is right, and sees the one thing that another does wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from deviations import DEVIATIONS
from right_endpoint import KEY, Reply, RightEndpoint

import inspector
import inspector.conformance.direct
from inspector.conformance.probes import PROBES, Kind
from inspector.conformance.scoring.same import groups_of
from inspector.conformance.scoring.scorecard import State

DIRECT = [probe for probe in PROBES.values() if probe.kind is Kind.DIRECT]


@pytest.fixture(scope="module")
def right():
    with RightEndpoint() as endpoint:
        yield inspector.probe(endpoint.url, key=KEY), endpoint.asked


def test_a_right_endpoint_passes_every_probe_without_a_warning(right):
    card, _ = right
    assert [result.name for result in card.results if result.state is not State.PASS] == ["idle"]
    assert "without a pause" in card.result("idle").reason
    assert [warning for result in card.results for warning in result.warnings] == []
    assert card.score.startswith(f"{len(DIRECT) - 1} of {len(DIRECT) - 1} passed")


@pytest.mark.parametrize("probe", DIRECT, ids=lambda probe: probe.name)
def test_a_probe_costs_no_more_than_it_says(right, probe):
    exchanges = right[0].result(probe.name).exchanges
    limits = [(exchange.recording.request.json() or {}).get("max_tokens", 0) for exchange in exchanges]
    assert 0 < len(exchanges) <= probe.requests
    assert sum(limits) <= probe.max_tokens


@pytest.mark.parametrize(("name", "deviate", "said"), DEVIATIONS)
def test_a_probe_sees_its_own_deviation(name, deviate, said):
    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=[name])
    result = card.result(name)
    assert result.state is State.FAIL
    assert said in " | ".join(failure.message for failure in result.failures)
    of_messages = [
        failure
        for failure in result.failures
        if result.exchange(failure.exchange).recording.request.url.endswith("/v1/messages")
    ]
    assert all("anthropic " in failure.client for failure in of_messages)


def test_every_probe_has_a_deviation_that_it_sees():
    unseen = {probe.name for probe in DIRECT} - {row.values[0] for row in DEVIATIONS}
    assert unseen == {
        "unknown-field",
        "idle",
    }  # the first only warns; time is needed for idle


def test_a_server_that_never_sends_message_stop_fails_where_an_end_is_judged_and_warns_elsewhere():
    def never(asked, reply):
        reply.events = [each for each in reply.events or [] if each["type"] != "message_stop"] or None
        return reply

    with RightEndpoint(never) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY)
    assert [each.name for each in card.failed] == ["text", "max-tokens", "stop-sequence", "tool", "thinking"]
    assert {each.rule for result in card.failed for each in result.failures} == {"message-stop-missing"}
    warned = {result.name for result in card.results if result.warnings} - {each.name for each in card.failed}
    assert {"long-text", "unicode", "parallel-tools", "concurrent"} <= warned
    groups = groups_of(card.results)
    assert [name for name, shown in groups.items() if shown.failures] == [
        "text",
        "max-tokens",
        "stop-sequence",
        "tool",
    ]
    assert not any(shown.warnings for shown in groups.values())


@pytest.mark.parametrize(
    ("probe", "counted", "said"),
    [
        ("long-text", 1, "usage says 1 for the output tokens of a text of 240 words"),
        ("long-text", 23, "usage says 23 for the output tokens of a text of 240 words"),
        ("long-text", 24, ""),
        ("long-text", 600, ""),
        ("long-text", 601, "usage says 601 output tokens, and the limit was 600"),
        ("text", 10**9, "usage says 1000000000 output tokens, and the limit was 512"),
    ],
)
def test_a_count_of_tokens_that_no_tokenizer_makes_warns(probe, counted, said):
    def deviate(asked, reply):
        for event in reply.events or []:
            if event["type"] == "message_delta":
                event["usage"]["output_tokens"] = counted
        return reply

    with RightEndpoint(deviate) as endpoint:
        result = inspector.probe(endpoint.url, key=KEY, only=[probe]).result(probe)
    assert result.state is State.PASS
    assert [each.message for each in result.warnings] == [said] * bool(said)


def test_no_sentence_of_a_probe_shows_a_value_as_python_does():
    folder = Path(inspector.conformance.direct.__file__).parents[1]
    for room in ("direct", "through"):
        for module in (folder / room).glob("*.py"):
            assert "!r}" not in module.read_text(), module


def test_errors_show_what_came_without_secrets_and_controls():
    key = "sk-ant-api03-" + "Ab1" * 31 + "-AAAAAAAA"

    def deviate(asked, reply):
        return Reply(404, f"no \x1b[31m {key} {'x' * 200}".encode()) if "no-such" in asked.path else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["errors"])
    (failure,) = card.result("errors").failures
    came = failure.message.partition("what came: ")[2]
    assert came.startswith("`no \\e[31m ")
    assert came.endswith("…`")
    assert len(came) == 83
    assert key[:30] not in came
