"""A test's recordings answer it: over a socket, in process, and with faults."""

from __future__ import annotations

pytest_plugins = ["pytester", "inner_runs"]


# The server


def test_the_server_answers_an_unmodified_application(inner):
    inner("""
@pytest.mark.recording("hello")
def test_it(replay_server):
    message = ask(anthropic.Anthropic())
    assert message.content[0].text
    assert [request.path for request in replay_server.requests] == ["/v1/messages"]
    assert replay_server.requests[0].json()["model"] == "claude-haiku-4-5"

@pytest.mark.recording("hello.jsonl")
def test_async(replay_server):
    async def main():
        async with anthropic.AsyncAnthropic() as client, client.messages.stream(**ASK) as stream:
            return await stream.get_final_text()
    assert asyncio.run(main())

def test_nothing_is_left_set():
    assert "ANTHROPIC_BASE_URL" not in os.environ and "ANTHROPIC_API_KEY" not in os.environ
""").assert_outcomes(passed=3)


def test_the_server_answers_an_application_in_another_process(inner):
    inner("""
APP = '''
import os, urllib.request
request = urllib.request.Request(
    os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", b'{"stream": true}',
    {"x-api-key": os.environ["ANTHROPIC_API_KEY"]})
print(urllib.request.urlopen(request).read().decode())
'''
@pytest.mark.recording("hello")
def test_it(replay_server):
    shown = subprocess.run([sys.executable, "-c", APP], capture_output=True, text=True, check=True).stdout
    assert shown.rstrip().startswith("event: message_start")
    assert replay_server.requests[0].headers["x-api-key"].startswith("sk-ant-")
""").assert_outcomes(passed=1)


# The transport


def test_the_transport_answers_sync_and_async(inner):
    inner("""
@pytest.mark.recording("hello", "tool_use", match="any")
def test_it(replay_transport):
    assert ask(over(replay_transport)).stop_reason == "end_turn"
    assert asyncio.run(aask(replay_transport)).stop_reason == "tool_use"
    assert len(replay_transport.requests) == 2
""").assert_outcomes(passed=1)


# Faults


def test_a_fault_is_applied_to_the_recording(inner):
    inner("""
@pytest.mark.recording("hello", fault="http-error=529,on=1..2")
def test_retries(replay_server):
    assert ask(anthropic.Anthropic(max_retries=2)).content
    assert [request.status for request in replay_server.requests] == [529, 529, 200]

@pytest.mark.recording("hello", fault="error-event@ev:3")
def test_in_process(replay_transport):
    with pytest.raises(anthropic.APIStatusError):
        ask(over(replay_transport))
""").assert_outcomes(passed=2)


def test_a_fault_that_does_not_fit_is_skipped_in_a_list_and_an_error_alone(inner):
    result = inner(
        """
@pytest.mark.recording("hello", fault=["tool-json=truncate", ("cut-fin", "rechunk=utf8")])
def test_one_of_many(replay_transport):
    with pytest.raises(Exception, match="peer closed|incomplete"):
        ask(over(replay_transport))

@pytest.mark.recording("hello", fault="tool-json=truncate")
def test_alone(replay_transport): pass
""",
        "-rs",
    )
    result.assert_outcomes(skipped=1, passed=1, errors=1)
    result.stdout.fnmatch_lines(["*SKIPPED*tool-json=truncate cannot be applied*"])


def test_no_line_of_the_report_drives_a_terminal_or_a_build_service(inner):
    result = inner(r"""
from inspector.recording import load
from inspector.recording.bundled import bundled_recording
from dataclasses import replace
HOSTILE = replace(load(bundled_recording("hello")), source="::error ::\n::error ::\x1b]52;c;aGk=\x07")

@pytest.mark.recording(HOSTILE)
def test_not_played(replay_transport): pass
""")
    result.assert_outcomes(passed=0, failed=1)
    assert "\x1b]52" not in result.stdout.str()
    assert not [line for line in result.outlines if line.lstrip().startswith("::")]
    result.stdout.fnmatch_lines([r"not played: ::error ::\n::error ::\e*"])


def test_a_skipped_test_is_skipped_whatever_its_marker(inner):
    result = inner("""
@pytest.mark.skip
@pytest.mark.recording
def test_skip(): pass

@pytest.mark.skipif(True, reason="no")
@pytest.mark.recording("hello")
def test_skipif(replay_server): pass

@pytest.mark.recording("hello")
@pytest.mark.xfail(run=False)
def test_xfail(): pass

@pytest.mark.recording("hello")
def test_after(): assert ask(anthropic.Anthropic()).content
""")
    result.assert_outcomes(skipped=2, xfailed=1, passed=1)
