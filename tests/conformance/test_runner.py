"""Running probes: the order of results, what stops a run, and what is kept."""

from __future__ import annotations

import loopback
import pytest

import inspector
from inspector.conformance.calling import Settings
from inspector.conformance.probes import Kind, Probe
from inspector.conformance.runner import run_probes
from inspector.conformance.scorecard import State
from inspector.recording import Ending


@pytest.fixture
def hello(recordings_folder):
    return inspector.load(recordings_folder / "hello.jsonl").body


def test_if_nothing_listens_the_scorecard_says_so_once():
    with loopback.Server([]) as server:
        url = server.url
    card = inspector.probe(url, key="")
    assert "Connection refused" in card.reason
    assert card.tested == 0
    assert {result.state for result in card.results} == {State.NOT_TESTED}
    assert card.result("text").exchanges[0].recording.end.how is Ending.RESET


def test_results_are_in_the_order_of_the_table(hello):
    with loopback.Server(loopback.chunked([hello])) as server:
        card = inspector.probe(server.url, key="")
    assert [result.name for result in card.results][:2] == ["text", "same-answer-unstreamed"]
    assert card.result("text").state is State.PASS
    assert card.result("errors").state is State.FAIL
    assert card.result("errors").failures[0].exchange == "errors-3"


def test_a_probe_that_runs_alone_has_no_other_beside_it(hello):
    """It comes after the others, whatever their number and whatever their order in the table."""
    running, log = set(), []

    def one(name, alone):
        def run(endpoint):
            running.add(name)
            log.append((name, sorted(running)))
            endpoint.ask([], max_tokens=1)
            running.discard(name)
            return iter(())

        return Probe(name, Kind.DIRECT, "", 1, 1, "", (), run, alone=alone)

    probes = [one(name, alone=name.isupper()) for name in "AbCdef"]
    with loopback.Server(loopback.chunked([hello])) as server:
        card = run_probes(Settings(server.url, "claude"), probes, jobs=4)
    assert [entry for entry in log if entry[0].isupper()] == [("A", ["A"]), ("C", ["C"])]
    assert {name for name, _ in log[-2:]} == {"A", "C"}
    assert [result.name for result in card.results] == list("AbCdef")


def test_each_exchange_is_kept_under_its_name(hello, tmp_path):
    with loopback.Server(loopback.chunked([hello])) as server:
        card = inspector.probe(server.url, key="", keep=tmp_path / "kept")
    names = {exchange.name for result in card.results for exchange in result.exchanges}
    assert {path.stem for path in (tmp_path / "kept").iterdir()} == names
    for result in card.results:
        for exchange in result.exchanges:
            assert inspector.load(exchange.file) == exchange.recording


def test_the_key_is_in_no_recording_and_in_no_report(hello, tmp_path):
    key = "my-own-gateway-key-1"
    echo = loopback.head(400, {"content-type": "application/json", "content-length": "80"})
    body = b'{"type":"error","error":{"type":"api_error","message":"%b"}}' % key.encode()
    with loopback.Server(loopback.chunked([hello]), [echo, body.ljust(80)]) as server:
        card = inspector.probe(server.url, key=key, keep=tmp_path)
    assert key in str(server.requests)
    assert key not in repr(card)
    assert key not in str(card.to_dict())
    assert not [path for path in tmp_path.iterdir() if key in path.read_text()]
