"""Other people's clients, unmodified, against `Server`: they read what the recording holds.

They get a base URL and a dummy key. What each does with a broken stream is recorded here as it is, silence
included: this is why inspector exists.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys

import pytest
from conftest import ROOT
from installed import BOUND, CLIENTS, MAY_HANG, STARTING, Worker
from packages import environment

import inspector
from inspector.recording import Ending
from inspector.serve.server import Server

OPENAI = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""LiteLLM's names of the stop reasons."""


@pytest.fixture(scope="module")
def workers():
    """Start one process for each script, for all tests: importing a client takes longer than its tests."""
    started = {}

    def worker(client):
        running = started.get(client.script)
        if running is None or not running.alive:
            if running is not None:
                running.close()
            started[client.script] = Worker(client)
        return started[client.script]

    yield worker
    for each in started.values():
        each.close()


@pytest.fixture
def ask(workers):
    """Let a client, by name, read recordings from a server; return its answer and the server's requests."""

    def ask(name, *recordings, how=None, **options):
        client = CLIENTS[name]
        worker = workers(client)
        with Server(*(path(each) for each in recordings), **options) as server:
            job = {"url": server.url, "how": how or client.how, **wants(recordings[0])}
            return worker.ask(job), server.requests

    return ask


def path(name):
    return ROOT / "recordings" / f"{name}.jsonl"


def wants(recording):
    """What the request for a recording has beside a prompt."""
    return {"thinking": "thinking" in recording, "tools": "tool" in recording}


def expected(recording, client=""):
    """A recording's message, in the form of a client's answer."""
    return reading(inspector.load_all(path(recording))[0].message(), client)


def reading(message, client=""):
    blocks = message["content"]
    stop = message["stop_reason"]
    return {
        "text": "".join(block["text"] for block in blocks if block["type"] == "text"),
        "thinking": "".join(block["thinking"] for block in blocks if block["type"] == "thinking"),
        "tools": [{"name": b["name"], "input": b["input"]} for b in blocks if b["type"] == "tool_use"],
        "stop": OPENAI[stop] if client == "litellm" else stop,
        "error": None,
    }


def part(answer):
    return {name: answer[name] for name in ("text", "thinking", "tools", "stop", "error")}


WHOLE = [
    "hello",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "tools_parallel",
    "pings",
    "comments",
    "crlf",
    "max_tokens",
    "refusal",
    "unicode",
]


READ = [(client, recording) for client in CLIENTS for recording in WHOLE]
READ.remove(("litellm", "unicode"))  # see below


@pytest.mark.parametrize(("client", "recording"), READ)
def test_a_client_reads_what_the_recording_says(client, recording, ask):
    answer, (request,) = ask(client, recording)
    assert part(answer) == expected(recording, client)
    assert (request.path, request.status, request.json()["stream"]) == ("/v1/messages", 200, True)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_reads_it_the_same_at_the_recorded_pace(client, ask):
    answer, _ = ask(client, "tool_use", speed=4)
    assert part(answer) == expected("tool_use", client)


def test_the_typescript_helper_ends_with_the_same_message(ask):
    answer, _ = ask("typescript-helper", "tools_parallel")
    message = inspector.load(path("tools_parallel")).message()
    assert {name: answer["final"][name] for name in message} == message


def test_a_typescript_stream_that_is_aborted_leaves_in_the_middle(ask):
    ends = queue.SimpleQueue()
    answer, _ = ask(
        "typescript-helper", "hello", how="abort", speed=1, report=lambda _, outcome: ends.put(outcome)
    )
    assert answer["error"].startswith("APIUserAbortError: ")
    assert answer["text"].startswith("Hello!")
    assert len(answer["text"]) < len(expected("hello")["text"])
    assert ends.get(timeout=BOUND).end is Ending.ABANDONED


@pytest.mark.parametrize("client", ["vercel-ai", "pydantic-ai"])
def test_an_agent_runs_its_tool_and_is_answered_by_the_sessions_second_recording(client, ask):
    answer, (first, second) = ask(client, "tool_session", how="agent")
    turns = [reading(each.message()) for each in inspector.load_all(path("tool_session"))]
    assert answer["text"] == "".join(turn["text"] for turn in turns)
    assert answer["tools"] == turns[0]["tools"]
    assert answer["stop"] == turns[1]["stop"]
    result = second.json()["messages"][-1]["content"][0]
    assert result["type"] == "tool_result"
    assert len(second.json()["messages"]) == len(first.json()["messages"]) + 2


def test_pydantic_ai_retries_by_itself_and_is_answered_by_the_next_recording(ask):
    answer, requests = ask("pydantic-ai", "error_529", "hello")
    assert [request.status for request in requests] == [529, 200]
    assert part(answer) == expected("hello")


@pytest.mark.parametrize(
    "client", ["typescript-raw", "typescript-helper", "langchain", "litellm", "pydantic-ai"]
)
def test_a_command_under_serve_needs_nothing_but_its_environment(client):
    assert part(answered_under_serve(client)) == expected("hello", client)


def test_the_vercel_ai_sdk_under_serve_lacks_the_v1_and_the_error_says_so():
    error = answered_under_serve("vercel-ai", status=1)["error"]
    assert "no recording is for POST /messages" in error
    assert "end its base URL with /v1" in error


def answered_under_serve(name, status=0):
    """Run a client as the command of a real `inspector serve`, with the environment's URL only.

    `status` is the exit status: above 0 if no recording answers.
    """
    client = CLIENTS[name]
    serve = [sys.executable, "-m", "inspector", "serve", "hello", "--port", "0", "--speed", "max", "--"]
    try:
        done = subprocess.run(
            [*serve, *client.command()],
            input=json.dumps({"url": None, "how": client.how, **wants("hello")}) + "\n",
            capture_output=True,
            encoding="utf-8",
            timeout=STARTING + BOUND,
            env=environment(PYTHONPATH=str(ROOT)),
        )
    except subprocess.TimeoutExpired:
        if client.script in MAY_HANG:
            pytest.skip(f"{name} gave no answer")
        raise
    assert done.returncode == status, done.stderr
    ready, answer = done.stdout.splitlines()
    assert ready == "READY"
    return json.loads(answer)


# Broken streams


@pytest.mark.parametrize("client", CLIENTS)
def test_an_error_event_in_mid_stream_is_raised_after_the_text_so_far(client, ask):
    answer, _ = ask(client, "error_mid_stream")
    assert "verloaded" in answer["error"]
    assert answer["text"] == inspector.load(path("error_mid_stream")).message()["content"][0]["text"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_cut_connection_is_raised_after_the_text_so_far(client, ask):
    answer, _ = ask(client, "broken/cut_text")
    assert answer["error"]
    assert answer["text"] == inspector.load(path("broken/cut_text")).message()["content"][0]["text"]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_reset_is_raised(client, ask):
    answer, _ = ask(client, "broken/reset")
    assert answer["error"]
    # A reset may overtake what was sent before it.
    assert inspector.load(path("broken/reset")).message()["content"][0]["text"].startswith(answer["text"])


CUT_TOOL = {
    "typescript-raw": "hands out the half JSON and no stop reason",
    "typescript-helper": "raises",
    "vercel-ai": "drops the call and says nothing but stop reason other",
    "langchain": "makes the half JSON whole and hands the call out",
    "litellm": "hands out the half JSON and says stop",
    "pydantic-ai": "hands out a call marked INVALID_JSON and no stop reason",
}
HALF = '{"folder": "2019", "except": ["lett'
"""The part of the input of `delete_notes` that came before a clean end."""


@pytest.mark.parametrize(("client", "truth"), CUT_TOOL.items(), ids=lambda text: text.replace(" ", "-"))
def test_of_a_tool_call_cut_by_a_clean_end_the_client(client, truth, ask):
    answer, _ = ask(client, "broken/cut_tool")
    tools = [tool["input"] for tool in answer["tools"]]
    if truth == "raises":
        assert "stream ended without producing a Message" in answer["error"]
        return
    assert answer["error"] is None
    assert (tools, answer["stop"]) == {
        "typescript-raw": ([HALF], None),
        "vercel-ai": ([], "other"),
        "langchain": ([{"folder": "2019", "except": ["lett"]}], None),
        "litellm": ([HALF], "stop"),
        "pydantic-ai": ([{"INVALID_JSON": HALF}], None),
    }[client]


def test_litellm_ends_silently_at_a_line_separator_in_the_text(ask):
    answer, _ = ask("litellm", "unicode")
    text, _, rest = expected("unicode")["text"].partition("\u2028")
    assert rest
    assert (answer["text"], answer["stop"], answer["error"]) == (text, "stop", None)


def test_litellm_loses_the_rest_after_bad_json_and_says_stop(ask):
    answer, _ = ask("litellm", "broken/bad_json")
    assert inspector.load(path("broken/bad_json")).message()["content"][0]["text"].startswith(answer["text"])
    assert (answer["stop"], answer["error"]) == ("stop", None)


@pytest.mark.parametrize("client", ["typescript-raw", "typescript-helper", "langchain", "pydantic-ai"])
def test_bad_json_is_raised_after_the_text_so_far(client, ask):
    answer, _ = ask(client, "broken/bad_json")
    assert "JSON" in answer["error"]
    assert answer["text"] == "A door in Ghent says:"


def test_the_vercel_ai_sdk_reports_bad_json_and_reads_on(ask):
    answer, _ = ask("vercel-ai", "broken/bad_json")
    assert answer["error"].startswith("JSONParseError: ")
    assert {**part(answer), "error": None} == expected("broken/bad_json")


# What the API may send in the future


@pytest.mark.parametrize("client", ["typescript-raw", "typescript-helper", "langchain", "litellm"])
def test_a_client_ignores_what_it_does_not_know(client, ask):
    answer, _ = ask(client, "unknown")
    assert part(answer) == expected("unknown", client)


@pytest.mark.parametrize(
    ("recording", "type_"), [("unknown", "pong"), ("citations", "search_result_location")]
)
def test_the_vercel_ai_sdk_reports_what_it_does_not_know_and_reads_on(recording, type_, ask):
    answer, _ = ask("vercel-ai", recording)
    assert answer["error"].startswith("_TypeValidationError: ")
    assert type_ in answer["error"]
    assert {**part(answer), "error": None} == expected(recording)


def test_pydantic_ai_fails_on_what_it_does_not_know(ask):
    answer, _ = ask("pydantic-ai", "unknown")
    assert answer["error"].startswith("TypeError: ")
    assert answer["stop"] is None


# Events without names, and bodies that are no stream


UNNAMED = {
    "typescript-raw": "nothing and no error",
    "typescript-helper": "request ended without sending any chunks",
    "vercel-ai": "all of it",
    "langchain": "No generation chunks were returned",
    "litellm": "all of it",
    "pydantic-ai": "Streamed response ended without content or tool calls",
}


@pytest.mark.parametrize(("client", "truth"), UNNAMED.items(), ids=lambda text: text.replace(" ", "-"))
def test_of_events_without_names_the_client_sees(client, truth, ask):
    answer, _ = ask(client, "broken/unnamed")
    if truth == "all of it":
        assert answer["text"].endswith("speaking without naming my events.")
        assert answer["error"] is None
    elif truth == "nothing and no error":
        assert (answer["text"], answer["error"]) == ("", None)
    else:
        assert truth in answer["error"]


@pytest.mark.parametrize("client", ["typescript-raw", "litellm"])
def test_of_a_log_in_page_with_status_200_the_client_says_nothing(client, ask):
    answer, _ = ask(client, "broken/html")
    assert (answer["text"], answer["error"]) == ("", None)


@pytest.mark.parametrize("client", ["typescript-helper", "vercel-ai", "langchain", "pydantic-ai"])
def test_a_log_in_page_with_status_200_is_raised(client, ask):
    assert ask(client, "broken/html")[0]["error"]
