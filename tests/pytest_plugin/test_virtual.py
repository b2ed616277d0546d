"""In virtual time waiting takes no time, and timeouts fire."""

from __future__ import annotations

pytest_plugins = ["pytester", "inner_runs"]


def test_in_virtual_time_a_paced_replay_takes_none(inner):
    result = inner("""
@pytest.mark.recording("hello", fault="stall=2000s@ev:4")
def test_async(replay_transport, virtual_time):
    assert asyncio.run(aask(replay_transport, timeout=3000)).content[0].text
    assert 2000 < virtual_time.now < 2010

@pytest.mark.recording("hello", fault="stall=2000s@ev:4")
def test_sync(replay_transport, virtual_time):
    assert ask(over(replay_transport, timeout=3000)).content[0].text
    assert 2000 < virtual_time.now < 2010
""")
    result.assert_outcomes(passed=2)


def test_in_virtual_time_timeouts_fire_as_they_would(inner):
    inner("""
@pytest.mark.recording("hello", fault="stall=2000s@ev:4")
def test_of_the_client(replay_transport, virtual_time):
    with pytest.raises(Exception, match="read operation timed out"):
        asyncio.run(aask(replay_transport, timeout=60))
    assert 60 < virtual_time.now < 70

@pytest.mark.recording("hello", fault="stall=2000s@ev:4")
def test_of_the_code(replay_transport, virtual_time):
    async def main():
        async with asyncio.timeout(30):
            await aask(replay_transport)
    with pytest.raises(TimeoutError):
        asyncio.run(main())
    assert virtual_time.now == pytest.approx(30, abs=1)

@pytest.mark.recording("hello", fault="http-error=529,on=1")
def test_retries_back_off(replay_transport, virtual_time):
    assert asyncio.run(aask(replay_transport)).content
    assert virtual_time.now > 1

@pytest.mark.anyio
@pytest.mark.recording("hello", fault="stall=2000s@ev:4")
async def test_under_anyio(replay_transport, virtual_time):
    assert (await aask(replay_transport, timeout=3000)).content
    assert virtual_time.now > 2000

@pytest.fixture
def anyio_backend(): return "asyncio"

def test_afterwards_time_is_real_again():
    assert time.sleep.__module__ == "time"
    loop = asyncio.new_event_loop()
    before = time.monotonic()
    assert before <= loop.time() <= time.monotonic()
    loop.close()
""").assert_outcomes(passed=5)


def test_in_virtual_time_a_loop_that_watches_a_socket_waits_for_it(inner):
    inner("""
@pytest.mark.recording("hello")
def test_it(replay_server, virtual_time):
    async def main():
        async with anthropic.AsyncAnthropic(timeout=5, max_retries=0) as client:
            async with client.messages.stream(**ASK) as stream:
                return await stream.get_final_text()
    assert asyncio.run(main())
    assert virtual_time.now < 5
""").assert_outcomes(passed=1)


def test_in_virtual_time_a_loop_that_waits_for_a_thread_waits_for_it(inner):
    inner("""
import threading

def test_it(virtual_time):
    async def main():
        async with asyncio.timeout(30):
            await asyncio.to_thread(threading.Event().wait, 0.05)
        await asyncio.sleep(100)
    asyncio.run(main())
    assert 100 < virtual_time.now < 110
""").assert_outcomes(passed=1)
