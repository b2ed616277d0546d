"""What is logged of each answer, in process and over a real socket, with the real SDK."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import anthropic
import pytest
from conftest import ROOT

import inspector
from inspector.http_library import sdk_library
from inspector.play.faulted import with_faults
from inspector.pytest_plugin._virtual import virtual_time
from inspector.resilience import ClientLimits
from inspector.serve.limits import ServerLimits
from inspector.serve.server import Server

REQUEST = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
HELLO = ROOT / "recordings" / "hello.jsonl"
TOOL_USE = ROOT / "recordings" / "tool_use.jsonl"


def answered(client):
    with client.messages.stream(**REQUEST) as stream:
        return stream.get_final_message()


def judged(door, client):
    try:
        return door.verdict(returned=answered(client))
    except Exception as error:
        return door.verdict(raised=error)


@contextlib.contextmanager
def in_process(*recordings, fault, **options):
    door = inspector.replay(*recordings, fault=fault)
    with anthropic.Anthropic(
        api_key="none", http_client=anthropic.DefaultHttpxClient(transport=door), **options
    ) as client:
        yield door, client


@contextlib.contextmanager
def over_a_socket(*recordings, fault, **options):
    played, loop = with_faults(recordings, fault)
    with (
        Server(*played, loop=loop) as door,
        anthropic.Anthropic(api_key="none", base_url=door.url, **options) as client,
    ):
        yield door, client


@pytest.mark.parametrize("fault", inspector.DIRTY_DOZEN)
def test_both_doors_see_the_same(fault):
    """The SDK is the program. The read timeout of a minute is over at once in process."""
    seen = []
    for door, wait in ((in_process, 60.0), (over_a_socket, 0.2)):
        with door(TOOL_USE, fault=fault, timeout=wait) as (player, client):
            verdict = judged(player, client)
        seen.append(sorted(each.check for each in verdict.findings))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("door", [in_process, over_a_socket])
def test_a_tool_of_the_sdk_that_got_half_its_input_is_seen(door):
    with door(TOOL_USE, fault="tool-json=truncate") as (player, client):
        verdict = judged(player, client)
    assert [each.check for each in verdict.faults] == ["half-tool-run"]
    assert 'it was handed out with the input {"location":"Troms' in str(verdict)


@pytest.mark.parametrize("door", [in_process, over_a_socket])
def test_the_sdk_honours_retry_after(door):
    fault = "http-error=429,retry_after=0.2,on=1..2"
    with door(HELLO, fault=fault) as (player, client):
        verdict = judged(player, client)
    assert verdict.findings == ()
    assert verdict.retries == 2


@pytest.mark.parametrize(
    ("fault", "retries"), [("stall-ping,on=1", 1), ("stall,on=1", 1), ("stall", 2), ("stall-ping", 2)]
)
def test_a_wait_that_took_no_time_is_over_when_the_next_attempt_comes(fault, retries):
    """At full speed a minute of waiting is only pretended."""
    with in_process(HELLO, fault=fault, timeout=60.0) as (player, client):
        try:
            verdict = player.verdict(returned=client.messages.create(**REQUEST))
        except anthropic.APIError as error:
            verdict = player.verdict(raised=error)
    assert verdict.retries == retries, str(verdict)
    assert not verdict.faults, str(verdict)
    assert "the client left after 60." in verdict.actions[0]


def test_a_program_that_streams_may_try_again_after_a_wait_that_took_no_time():
    with in_process(HELLO, fault="stall-ping,on=1", timeout=60.0, max_retries=0) as (player, client):
        with pytest.raises(sdk_library().ReadTimeout):
            answered(client)
        verdict = player.verdict(returned=answered(client))
    assert (verdict.retries, verdict.findings) == (1, ()), str(verdict)


@pytest.mark.parametrize("door", [in_process, over_a_socket])
def test_a_response_that_nobody_closes_was_left_open(door):
    with door(HELLO, fault="stall") as (player, client):
        stream = client.messages.create(**REQUEST, stream=True)
        next(iter(stream))
        verdict = player.verdict(reported=True)
        stream.close()
        closed = player.verdict()
    assert "connection-left-open" in [each.check for each in verdict.warnings]
    assert "connection-left-open" not in [each.check for each in closed.findings]


def test_what_is_said_once_of_the_program_holds():
    with in_process(HELLO, fault="cut-clean") as (player, client):
        answered(client)
        assert [each.check for each in player.verdict().unknown] == ["truncated-accepted"]
        assert player.verdict(reported=True).findings == ()
        assert player.verdict().findings == ()


def test_counts_of_tokens_and_lists_of_models_are_no_calls():
    with over_a_socket(HELLO, fault=None) as (player, client):
        client.messages.count_tokens(model="m", messages=[])
        client.models.list()
        answered(client)
        verdict = player.verdict()
    assert len(verdict.actions) == 1


def test_a_client_that_waits_is_seen_to_wait_while_it_does():
    released, waiting = threading.Event(), threading.Event()
    with over_a_socket(HELLO, fault="stall", timeout=30.0) as (player, client):

        def wait():
            with contextlib.suppress(Exception), client.messages.create(**REQUEST, stream=True) as stream:
                for _ in stream:
                    waiting.set()
            released.set()

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        assert waiting.wait(60)
        assert "still open" in player.verdict(limits=ClientLimits(wait=5.0)).actions[0]
        assert [each.check for each in player.verdict(limits=ClientLimits(wait=0.0)).faults] == [
            "no-read-timeout"
        ]
        player.stop()
        assert released.wait(60)
        assert "the server ended it" in player.verdict().actions[0]
        thread.join()


def test_a_wait_that_the_servers_limit_ends_is_no_giving_up():
    played, loop = with_faults([HELLO], "stall")
    with (
        Server(*played, loop=loop, limits=ServerLimits(stall=0.1)) as server,
        anthropic.Anthropic(api_key="none", base_url=server.url, timeout=500.0) as client,
    ):
        verdict = judged(server, client)
    assert "the server ended it" in verdict.actions[0]
    assert [each.check for each in verdict.warnings] == ["raw-exception", "no-read-timeout"]
    assert "names a read timeout of 500 s" in str(verdict)


@pytest.mark.parametrize(("patience", "standing"), [(30.0, []), (300.0, ["warning"])])
@pytest.mark.parametrize(
    ("fault", "check"), [("stall=2000s", "no-read-timeout"), ("stall-ping,for=2000s", "no-content-timeout")]
)
def test_in_virtual_time_a_wait_is_as_long_as_it_would_be(patience, standing, fault, check):
    with virtual_time() as clock:
        door = inspector.replay(HELLO, fault=fault, speed=1.0, sleep=clock.sleep, clock=clock.time)

        async def ask():
            http = anthropic.DefaultAsyncHttpxClient(transport=door)
            client = anthropic.AsyncAnthropic(api_key="none", http_client=http)
            async with client, asyncio.timeout(patience), client.messages.stream(**REQUEST) as stream:
                await stream.get_final_message()

        with pytest.raises(TimeoutError) as raised:
            asyncio.run(ask())
        verdict = door.verdict(raised=raised.value)
    assert verdict.actions[0].endswith(f"the client left after {patience:.2f} s")
    assert [str(each.standing) for each in verdict.findings if each.check == check] == standing
