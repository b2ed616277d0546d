"""Running probes: the order of results, what stops a run, and what is kept."""

from __future__ import annotations

import loopback
import pytest
from right_endpoint import KEY, RightEndpoint

import inspector
from inspector.conformance.calling import Settings
from inspector.conformance.probes import Kind, Probe
from inspector.conformance.runner import run_probes
from inspector.conformance.scoring.scorecard import Exchange, ProbeResult, Scorecard, State
from inspector.errors import RecordingError
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


def test_a_probe_that_fails_once_in_three_runs_has_failed():
    numbers = iter(range(100))

    def deviate(asked, reply):
        if "hundred" in asked.prompt and next(numbers) == 1:
            reply.events[-2]["delta"]["stop_reason"] = "end_turn"
        return reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["max-tokens"], repeat=3, jobs=1)
    result = card.result("max-tokens")
    assert (result.state, result.passed, result.runs) == (State.FAIL, 2, 3)
    assert [failure.exchange for failure in result.failures] == ["max-tokens-2"]


def test_a_folder_with_recordings_is_refused_or_overwritten(tmp_path):
    (tmp_path / "mine.jsonl").write_text("")
    with RightEndpoint() as endpoint:
        with pytest.raises(RecordingError, match="holds recordings already"):
            inspector.probe(endpoint.url, key=KEY, only=["text"], keep=tmp_path)
        for _ in range(2):
            inspector.probe(endpoint.url, key=KEY, only=["text"], keep=tmp_path, overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {"mine.jsonl", "text-1.jsonl"}


def test_a_probe_knows_its_recordings_whatever_user_agent_it_sends(tmp_path):
    options = {"key": KEY, "only": ["text"], "keep": tmp_path, "headers": {"user-agent": "mine"}}
    with RightEndpoint() as endpoint:
        inspector.probe(endpoint.url, **options)
        card = inspector.probe(endpoint.url, **options, overwrite=True)
    assert not card.unkept
    request = inspector.load(tmp_path / "text-1.jsonl").head.request
    assert request.headers["user-agent"] == "mine"
    assert request.extra == {"probe": "text-1"}


def test_overwriting_deletes_nothing_that_no_probe_wrote(tmp_path):
    mine = ["text-notes.jsonl", "tool-weather.jsonl", "text-1-2.jsonl", "text-1.other.jsonl", "text-.jsonl"]
    for name in mine:
        (tmp_path / name).write_text("mine")
    with RightEndpoint() as endpoint:
        inspector.probe(endpoint.url, key=KEY, only=["text"], keep=tmp_path, overwrite=True)
        assert {path.name for path in tmp_path.iterdir()} == {*mine, "text-1.jsonl"}
        (tmp_path / "tool-7.jsonl").write_text("mine")
        with pytest.raises(RecordingError, match=r"tool-7\.jsonl: .* no probe has made it"):
            inspector.probe(endpoint.url, key=KEY, only=["text"], keep=tmp_path, overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {*mine, "text-1.jsonl", "tool-7.jsonl"}


def test_ctrl_c_gives_the_results_so_far():
    def interrupt(probe, result):
        if result is not None and probe.name != "text":
            raise KeyboardInterrupt

    with RightEndpoint() as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, jobs=1, progress=interrupt)
    assert card.interrupted
    assert card.result("text").state is State.PASS
    assert card.result("models").reason == "the run was interrupted"


def test_waiting_counts_once_for_requests_at_the_same_time():
    recording = inspector.Recording(inspector.Head("", inspector.Request("", "")))
    spans = [(0.0, 2.0), (1.0, 3.0), (5.0, 6.0)]
    exchanges = tuple(Exchange(f"x-{n}", recording, (), *span) for n, span in enumerate(spans))
    card = Scorecard("s", "http://x", "m", (ProbeResult("x", State.PASS, exchanges=exchanges),), took=7.0)
    assert card.waited == 4.0


def test_the_time_of_a_retry_after_is_waiting_for_the_endpoint():
    recording = inspector.Recording(inspector.Head("", inspector.Request("", "")))
    busy = Exchange("x-1", recording, began=1.0, ended=1.5)
    again = Exchange("x-2", recording, began=4.5, ended=5.0, held=3.0)
    result = ProbeResult("x", State.PASS, exchanges=(busy, again))
    assert result.waited == 4.0
    assert Scorecard("s", "http://x", "m", (result,), took=6.0).waited == 4.0
    assert again.to_dict() == {"name": "x-2", "file": None, "took": 0.5, "held": 3.0}


def test_secrets_of_the_users_headers_and_url_are_in_no_recording_and_in_no_report(hello, tmp_path):
    secret, password = "a-token-of-the-gateway", "the-password-of-the-url"
    with loopback.Server(loopback.chunked([hello], x_echo=secret)) as server:
        url = server.url.replace("http://", f"http://me:{password}@")
        card = inspector.probe(url, key="", headers={"x-gateway-token": secret}, only=["text"], keep=tmp_path)
    assert secret in str(server.requests)
    shown = repr(card) + str(card.to_dict()) + "".join(path.read_text() for path in tmp_path.iterdir())
    assert secret not in shown
    assert password not in shown


def test_a_repr_is_short_and_says_what_failed(hello):
    with loopback.Server(loopback.chunked([hello])) as server:
        card = inspector.probe(server.url, key="", only=["text", "max-tokens"])
    assert "1 of 2 passed; failed: max-tokens" in repr(card)
    assert repr(card.result("text")) == "<ProbeResult text: pass>"
    assert repr(card.result("max-tokens")).startswith("<ProbeResult max-tokens: fail: it stops for")
    assert max(map(len, map(repr, (card, *card.results, *card.results[0].exchanges)))) < 500
