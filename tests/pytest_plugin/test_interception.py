"""Whatever client an application uses, however old it is: it is answered, or the test fails."""

from __future__ import annotations

import pytest
from conftest import LIBRARIES

from inspector.pytest_plugin._interception import Interception, is_for_claude

pytest_plugins = ["pytester", "inner_runs"]

ELSEWHERE = """
BEFORE = anthropic.Anthropic(api_key="k", base_url="https://gateway.invalid/claude")
ASYNC_BEFORE = anthropic.AsyncAnthropic(api_key="k", base_url="https://gateway.invalid/claude")

async def ask_async(client):
    async with client.messages.stream(**ASK) as stream:
        return await stream.get_final_message()

def ask_open(client):
    with client.messages.stream(**ASK) as stream:
        return stream.get_final_message()
"""


def test_the_marker_alone_answers_an_unmodified_application(inner):
    inner("""
@pytest.mark.recording("hello")
def test_it():
    assert os.environ["ANTHROPIC_API_KEY"].startswith("sk-ant-")
    assert ask(anthropic.Anthropic()).content[0].text

@pytest.mark.recording("hello")
class TestIt:
    def test_it(self):
        assert asyncio.run(aask(None)).content[0].text

def test_nothing_is_left_set():
    assert "ANTHROPIC_BASE_URL" not in os.environ and "ANTHROPIC_API_KEY" not in os.environ
""").assert_outcomes(passed=3)


def test_a_client_that_is_older_than_the_test_is_answered(inner):
    inner(
        ELSEWHERE
        + """
@pytest.mark.recording("hello")
def test_sync(): assert ask_open(BEFORE).content

@pytest.mark.recording("hello")
def test_async(): assert asyncio.run(ask_async(ASYNC_BEFORE)).content

@pytest.mark.recording("hello", "hello")
def test_with_the_socket(replay_server):
    assert ask_open(BEFORE).content == ask(anthropic.Anthropic()).content
    assert [request.url.partition("/v1")[0] for request in replay_server.requests] == [
        "https://gateway.invalid/claude", ""]
"""
    ).assert_outcomes(passed=3)


@pytest.mark.parametrize("library", [library.__name__ for library in LIBRARIES])
def test_clients_of_a_library_are_answered_in_any_thread_and_loop(inner, library):
    inner(f"""
import {library} as library
import concurrent.futures, threading
URL = "https://gateway.invalid/v1/messages"

@pytest.mark.recording("hello", loop=True)
def test_it():
    texts = [library.post(URL, json=dict(stream=True)).text]

    async def main():
        async with library.AsyncClient() as client:
            return (await client.post(URL, json=dict(stream=True))).text

    texts.append(asyncio.run(main()))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        texts += pool.map(lambda _: asyncio.run(main()), range(8))
    assert len(texts) == 10 and len(set(texts)) == 1 and "message_stop" in texts[0]
""").assert_outcomes(passed=1)


def test_other_programs_are_answered_with_the_marker_alone(inner):
    inner("""
APP = '''
import os, urllib.request
request = urllib.request.Request(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", b'{"stream": true}',
                                 {"x-api-key": os.environ["ANTHROPIC_API_KEY"]})
print(urllib.request.urlopen(request).read().decode())
'''
@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.recording("hello")
def test_it(n):
    shown = subprocess.run([sys.executable, "-c", APP], capture_output=True, text=True, check=True).stdout
    assert shown.rstrip().startswith("event: message_start")

@pytest.mark.recording("hello")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork")
def test_fork():
    pid = os.fork()
    if not pid:
        os._exit(not ask(anthropic.Anthropic()).content)
    assert os.waitpid(pid, 0)[1] == 0
""").assert_outcomes(passed=3)


def test_a_request_that_no_recording_answers_fails_the_test_and_is_said_with_its_line(inner):
    result = inner(
        ELSEWHERE
        + """
@pytest.mark.recording("hello")
def test_it():
    ask_open(BEFORE)
    try:
        ask_open(BEFORE)  # this line
    except Exception:
        pass
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "request 2, POST /claude/v1/messages: *already played*",
            "request 2 was sent by test_*.py:* to https://gateway.invalid/claude/v1/messages",
        ]
    )


def test_a_client_of_another_library_does_not_reach_the_api(inner):
    result = inner("""
import urllib.request
@pytest.mark.recording("hello")
def test_it():
    ask(anthropic.Anthropic())
    try:
        urllib.request.urlopen("https://api.anthropic.com/v1/messages", b"{}")
    except OSError:
        pass
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["test_*.py:* tried to reach api.anthropic.com, but this test is answered*"])


def test_requests_for_others_are_left_alone(inner, api):
    """The API of an application on this machine, of which this test knows nothing, and other mocks."""
    inner(
        f"""
import httpx, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Own(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_): pass

@pytest.mark.recording("hello")
def test_it():
    with HTTPServer(("127.0.0.1", 0), Own) as server:
        threading.Thread(target=server.handle_request).start()
        assert httpx.get(f"http://127.0.0.1:{{server.server_port}}/v1/users", trust_env=False).text == "ok"
    mock = httpx.MockTransport(lambda request: httpx.Response(418))
    with httpx.Client(transport=mock) as client:
        assert client.post("https://api.anthropic.com/v1/messages").status_code == 418
    ask(anthropic.Anthropic())

def test_without_a_marker():
    assert ask(anthropic.Anthropic(base_url={api.url!r})).content
"""
    ).assert_outcomes(passed=2)
    assert len(api.requests) == 1


@pytest.mark.parametrize("scope", ["class", "module", "package", "session"])
@pytest.mark.parametrize("door", ["replay_server", "replay_transport"])
def test_a_fixture_of_any_scope_may_ask_for_the_doors(inner, scope, door):
    client = "anthropic.Anthropic(base_url=door.url)" if door == "replay_server" else "over(door)"
    inner(f"""
@pytest.fixture(scope="{scope}")
def client({door}):
    door = {door}
    with {client} as client:
        yield client

class TestIt:
    @pytest.mark.recording("hello")
    def test_one(self, client, {door}):
        assert anthropic.Anthropic and client.messages.create(**ASK).stop_reason == "end_turn"
        assert len({door}.requests) == 1

    @pytest.mark.recording("tool_use")
    def test_two(self, client, {door}):
        assert client.messages.create(**ASK).stop_reason == "tool_use"
        assert len({door}.requests) == 1
""").assert_outcomes(passed=2)


# What is recognised


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
@pytest.mark.parametrize(
    ("url", "headers", "expected"),
    [
        ("https://api.anthropic.com/v1/models", {}, True),
        ("https://gateway.example/some/v1/messages", {}, True),
        ("https://gateway.example/v1/messages/count_tokens?beta=true", {}, True),
        ("https://gateway.example/llm", {"anthropic-version": "2026-10-21"}, True),
        ("https://bedrock.example/model/x/invoke", {"user-agent": "AnthropicBedrock/Python 2.11"}, True),
        ("https://bedrock.example/model/x/invoke", {"user-agent": "AsyncAnthropicVertex/Python"}, True),
        ("https://api.openai.com/v1/chat/completions", {"x-stainless-lang": "python"}, False),
        ("https://chat.example/v1/messages-of-users", {}, False),
        ("https://example.com/", {"user-agent": "python-httpx/0.28"}, False),
    ],
)
def test_a_request_for_claude_is_known_by_what_is_on_it(library, url, headers, expected):
    assert is_for_claude(library.Request("POST", url, headers=headers)) is expected


def test_the_libraries_own_methods_come_back():
    def methods():
        return [library.HTTPTransport.handle_request for library in LIBRARIES]

    before, interception = methods(), Interception(lambda: None)
    interception.cover()
    interception.cover()
    assert not {*methods()} & {*before}
    interception.remove()
    assert methods() == before
