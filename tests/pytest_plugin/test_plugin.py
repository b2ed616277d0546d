"""The plugin, as its users' tests meet it: inner test runs with the real SDK, sync and async."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import anthropic  # noqa: F401 - inner runs forget what they import, and this takes seconds
import pytest

import inspector.checker
import inspector.play.transport
import inspector.proxy.forwarder
import inspector.pytest_plugin as plugin
import inspector.serve.server

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

PRELUDE = """
import asyncio, os, subprocess, sys, time
import anthropic, pytest, inspector

ASK = dict(model="claude-haiku-4-5", max_tokens=256,
           messages=[{"role": "user", "content": "Hello! What is it like to be streamed?"}])

def ask(client, **more):
    with client, client.messages.stream(**{**ASK, **more}) as stream:
        return stream.get_final_message()

def over(transport, **options):
    http = anthropic.DefaultHttpxClient(transport=transport)
    return anthropic.Anthropic(api_key="none", http_client=http, **options)

async def aask(transport, **options):
    http = anthropic.DefaultAsyncHttpxClient(transport=transport)
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, **options) as client:
        async with client.messages.stream(**ASK) as stream:
            return await stream.get_final_message()
"""


@pytest.fixture
def inner(pytester, monkeypatch):
    """Run a test file with the plugin, in a process where no variable of the outside is set."""
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CI", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(source, *options):
        pytester.makepyfile(PRELUDE + source)
        # Not by its entry point's name, but handed over: installed or not, it is there once.
        loaded = ("-p", "no:inspector", "-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(
            *loaded, "--strict-markers", "-W", "error", *options, plugins=[plugin]
        )

    return run


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


def test_the_server_answers_an_application_of_its_own_process(inner):
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


# Where recordings are


def test_recordings_are_beside_the_test_or_else_in_the_root(inner, pytester):
    hello = (ROOT / "recordings/hello.jsonl").read_bytes()
    for folder in ("recordings", "sub/recordings", "mine"):
        (pytester.path / folder).mkdir(parents=True)
    (pytester.path / "recordings/of_root.jsonl").write_bytes(hello)
    (pytester.path / "sub/recordings/beside.jsonl").write_bytes(hello)
    (pytester.path / "mine/own.jsonl").write_bytes(hello)
    body = "@pytest.mark.recording('{}')\ndef test_it(replay_transport): ask(over(replay_transport))\n"
    (pytester.path / "sub/test_beside.py").write_text(PRELUDE + body.format("beside"))
    own = "@pytest.fixture\ndef recordings_dir(request): return request.config.rootpath / 'mine'\n"
    (pytester.path / "sub/test_own.py").write_text(PRELUDE + own + body.format("own"))
    inner(body.format("of_root")).assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ('@pytest.mark.recording("nosuch")', "*there is no recording 'nosuch'*--inspector=record*"),
        ("", "*which recording answers this test?*"),
        ('@pytest.mark.recording("hello", sped=1)', "*does not know sped; it knows speed, fault, match, *"),
        ('@pytest.mark.recording("hello", match="x")', "*match='x' is not known*"),
        ('@pytest.mark.recording("hello", fault="nosuch")', "*nosuch*"),
    ],
)
def test_a_wrong_marker_is_an_error_in_plain_words(inner, mark, words):
    result = inner(f"{mark}\ndef test_it(replay_server): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(words)
    result.stdout.no_fnmatch_line("*inspector/pytest_plugin*")


# Faults


def test_a_fault_strikes(inner):
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


def test_a_list_of_faults_runs_the_test_for_each_and_names_it(inner):
    result = inner(
        """
@pytest.mark.recording("tool_use", fault=inspector.DIRTY_DOZEN)
@pytest.mark.parametrize("size", [1, 2])
def test_survives(replay_transport, size):
    try:
        ask(over(replay_transport))
    except Exception as error:  # from APIStatusError to AttributeError: the SDK raises all of them
        assert not isinstance(error, anthropic.NotFoundError)
""",
        "-v",
    )
    result.assert_outcomes(passed=24)
    result.stdout.fnmatch_lines(["*test_survives*cut-fin*PASSED*"])


def test_a_fault_of_a_list_that_does_not_fit_is_skipped_and_alone_it_is_an_error(inner):
    result = inner(
        """
@pytest.mark.recording("hello", fault=["tool-json=truncate", ("cut-fin", "rechunk=utf8")])
def test_one_of_many(replay_transport): pass

@pytest.mark.recording("hello", fault="tool-json=truncate")
def test_alone(replay_transport): pass
""",
        "-rs",
    )
    result.assert_outcomes(skipped=1, passed=1, errors=1)
    result.stdout.fnmatch_lines(["*SKIPPED*tool-json=truncate cannot be applied*"])


def test_a_list_of_faults_is_never_passed_over_in_silence(inner):
    result = inner("""
@pytest.mark.recording("hello", fault=["cut-fin"])
def test_it(request): request.getfixturevalue("replay_transport")
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*name replay_server, replay_transport or every_split as an argument*"])


# What was asked and what was recorded


def test_a_recording_that_is_left_fails_the_test(inner):
    result = inner("""
@pytest.mark.recording("hello", "tool_use")
def test_it(replay_transport): ask(over(replay_transport))

@pytest.mark.recording("hello", "tool_use")
def test_server(replay_server): ask(anthropic.Anthropic())

@pytest.mark.recording("hello", "tool_use", strict=False)
def test_lenient(replay_transport): ask(over(replay_transport))
""")
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["never asked for: *tool_use.jsonl*"])


def test_a_request_too_many_fails_the_test_even_where_the_application_swallows_the_error(inner):
    result = inner("""
@pytest.mark.recording("hello")
def test_it(replay_transport):
    ask(over(replay_transport))
    try:
        ask(over(replay_transport))
    except anthropic.APIError:
        pass
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["request 2, POST /v1/messages: no recording left for*"])


def test_another_request_than_the_recorded_one_fails_by_body_and_the_report_says_what_differs(inner):
    result = inner("""
@pytest.mark.recording("hello", match="body")
def test_it(replay_server):
    ask(anthropic.Anthropic(), max_tokens=1)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*NotFoundError*", "*- Captured inspector call -*", "*body.max_tokens is 1, recorded was 256*"]
    )


def test_in_order_another_request_is_told_of_and_does_not_fail(inner):
    source = """
@pytest.mark.recording("hello")
def test_it(replay_transport):
    ask(over(replay_transport), max_tokens=1)
"""
    result = inner(source, "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*- Captured inspector call -*", "*not the one recorded*body.max_tokens is 1, recorded was 256*"]
    )


# The network


def test_with_the_network_blocked_only_this_machine_is_reached(inner):
    source = """
import socket
BLOCKED = "network is blocked, and this test wanted"

def test_connect():
    with socket.socket() as s, pytest.raises(inspector.NetworkBlockedError, match=BLOCKED + " 192.0.2.1:80"):
        s.connect(("192.0.2.1", 80))
    with socket.socket() as s, pytest.raises(OSError, match=BLOCKED):
        s.connect_ex(("192.0.2.1", 80))
    with socket.socket(type=socket.SOCK_DGRAM) as s, pytest.raises(OSError, match=BLOCKED):
        s.sendto(b"", ("192.0.2.1", 53))

def test_look_up():
    for look_up in (lambda n: socket.getaddrinfo(n, 80), socket.gethostbyname, socket.gethostbyname_ex):
        with pytest.raises(OSError, match=BLOCKED + " api.anthropic.com"):
            look_up("api.anthropic.com")

def test_reverse_look_up():
    with pytest.raises(OSError, match=BLOCKED + " 192.0.2.1"):
        socket.gethostbyaddr("192.0.2.1")

def test_asyncio():
    for host in ("api.anthropic.com", "192.0.2.1"):
        with pytest.raises(OSError, match=BLOCKED):
            asyncio.run(asyncio.open_connection(host, 443))

def test_the_sdk():
    with pytest.raises(anthropic.APIConnectionError) as caught:
        ask(anthropic.Anthropic(api_key="none", max_retries=0))
    error = caught.value
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__
    assert "api.anthropic.com" in str(error)

@pytest.mark.recording("hello")
def test_loopback_is_open(replay_server):
    assert ask(anthropic.Anthropic()).content
    with socket.socket() as s:
        assert s.connect_ex(("localhost", int(replay_server.url.rpartition(":")[2]))) == 0
"""
    inner(source, "--inspector-block-network").assert_outcomes(passed=6)
    inner(source, "-o", "inspector_block_network=true").assert_outcomes(passed=6)


def test_the_guard_is_gone_after_the_test(inner):
    import socket

    before = dict(vars(socket.socket)), socket.getaddrinfo
    inner("def test_it(): pass", "--inspector-block-network")
    assert (dict(vars(socket.socket)), socket.getaddrinfo) == before


# Time


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


# Splits


def test_every_split_runs_the_function_for_every_cut(inner):
    inner("""
@pytest.mark.recording("unicode")
def test_sync(every_split):
    texts = []
    every_split(lambda transport: texts.append(ask(over(transport)).content[0].text), at_most=20)
    assert len(texts) > 20 and len(set(texts)) == 1

@pytest.mark.recording("hello")
def test_async(every_split):
    every_split(aask, at_most=3)
""").assert_outcomes(passed=2)


def test_a_failing_split_is_shrunk_to_its_smallest(inner):
    result = inner("""
import itertools

def naive(transport):  # takes every chunk for whole events
    http = anthropic.DefaultHttpxClient(transport=transport)
    with http.stream("POST", "https://api.anthropic.com/v1/messages") as response:
        chunks = list(response.iter_raw())
    ends = set(itertools.accumulate(map(len, chunks)))
    assert b"".join(chunks).index(b"_stop") + 3 not in ends

@pytest.mark.recording("hello")
def test_it(every_split):
    every_split(naive, at_most=700)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*inspector: fails when *hello.jsonl is cut at byte *_st' | b'op*"])
    result.stdout.no_fnmatch_line("*cut at byte * and at byte*")


# From the API


@pytest.fixture
def api(inner, monkeypatch):
    """What the environment takes for the API: the inner tests' upstream."""
    with inspector.serve.server.Server(ROOT / "recordings/hello.jsonl", match="any", loop=True) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-real-key-of-the-user")
        yield server


RECORDED = """
@pytest.mark.recording("mine")
def test_server(replay_server):
    assert ask(anthropic.Anthropic()).content[0].text
    assert replay_server.requests[0].json()["stream"] is True

@pytest.mark.recording("other")
def test_transport(replay_transport):
    assert ask(over(replay_transport)).content[0].text

@pytest.mark.recording("third")
def test_async_transport(replay_transport):
    assert asyncio.run(aask(replay_transport)).content[0].text
"""


def test_what_is_missing_is_recorded_and_then_replayed(inner, api, pytester):
    result = inner(RECORDED, "--inspector=record", "-rP")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["recorded: *recordings/mine.jsonl"])
    assert "sk-ant-real-key-of-the-user" in str(api.requests[0].raw_headers)
    original = inspector.load(ROOT / "recordings/hello.jsonl")
    for name in ("mine", "other", "third"):
        recording = inspector.load(pytester.path / f"recordings/{name}.jsonl")
        assert (recording.body, recording.end.how) == (original.body, "complete")
        assert b"sk-ant-real" not in (pytester.path / f"recordings/{name}.jsonl").read_bytes()
    for mode in ("replay", "record"):
        inner(RECORDED, f"--inspector={mode}").assert_outcomes(passed=3)
    assert len(api.requests) == 3


def test_a_failing_test_records_nothing_and_rewrite_keeps_the_old_file(inner, api, pytester):
    (pytester.path / "recordings").mkdir()
    old = (ROOT / "recordings/tool_use.jsonl").read_bytes()
    (pytester.path / "recordings/mine.jsonl").write_bytes(old)
    source = """
@pytest.mark.recording("mine")
def test_it(replay_server):
    ask(anthropic.Anthropic())
    assert {}
"""
    result = inner(source.format("False"), "--inspector=rewrite")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not recorded, as the test failed*"])
    assert (pytester.path / "recordings/mine.jsonl").read_bytes() == old
    inner(source.format("True"), "--inspector=rewrite").assert_outcomes(passed=1)
    assert inspector.load(pytester.path / "recordings/mine.jsonl").message()["stop_reason"] == "end_turn"


def test_several_names_get_a_response_each_and_the_last_one_the_rest(inner, api, pytester):
    source = """
@pytest.mark.recording("one", "two")
def test_it(replay_server):
    for _ in range(3):
        ask(anthropic.Anthropic())
"""
    inner(source, "--inspector=record").assert_outcomes(passed=1)
    counts = [len(inspector.load_all(pytester.path / f"recordings/{n}.jsonl")) for n in ("one", "two")]
    assert counts == [1, 2]
    (pytester.path / "recordings/one.jsonl").unlink()
    result = inner(source, "--inspector=record")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*only one is missing*--inspector=rewrite*"])


def test_a_bundled_recording_is_played_in_every_mode(inner, api):
    source = "@pytest.mark.recording('hello')\ndef test_it(replay_server): ask(anthropic.Anthropic())"
    for mode in ("record", "rewrite", "verify"):
        inner(source, f"--inspector={mode}").assert_outcomes(passed=1)
    assert api.requests == []


def test_verify_compares_and_leaves_the_recordings(inner, api, pytester):
    inner(RECORDED, "--inspector=record").assert_outcomes(passed=3)
    tool_use = (ROOT / "recordings/tool_use.jsonl").read_bytes()
    (pytester.path / "recordings/other.jsonl").write_bytes(tool_use)
    result = inner(RECORDED, "--inspector=verify")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["response 1 is not as recorded in *other.jsonl: stop reason was tool_use, *"]
    )
    assert (pytester.path / "recordings/other.jsonl").read_bytes() == tool_use


def test_a_broken_upstream_is_broken_here_too(inner, monkeypatch, pytester):
    recording = inspector.faults.apply(inspector.load(ROOT / "recordings/hello.jsonl"), ["cut-fin@ev:4"])
    with inspector.serve.server.Server(recording) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        inner(
            """
@pytest.mark.recording("mine")
def test_it(replay_server):
    with pytest.raises(Exception, match="peer closed|incomplete"):
        ask(anthropic.Anthropic(api_key="k"))
""",
            "--inspector=record",
        ).assert_outcomes(passed=1)
    assert inspector.load(pytester.path / "recordings/mine.jsonl").end.how == "cut"


@pytest.mark.parametrize("mode", ["record", "rewrite"])
def test_under_ci_nothing_is_recorded_unless_forced(inner, api, monkeypatch, mode):
    monkeypatch.setenv("CI", "true")
    result = inner(RECORDED, f"--inspector={mode}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*CI is set*--inspector-force*"])
    inner(RECORDED, f"--inspector={mode}", "--inspector-force").assert_outcomes(passed=3)


def test_recording_with_the_network_blocked_is_a_contradiction(inner):
    result = inner(RECORDED, "--inspector=record", "--inspector-block-network")
    result.stderr.fnmatch_lines(["*needs the network, which is blocked*"])


# Manners


def test_importing_the_plugin_imports_next_to_nothing():
    code = (
        "import pytest, sys; before = set(sys.modules); import inspector.pytest_plugin;"
        "print(sorted(n for n in set(sys.modules) - before))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    own = ["inspector", "inspector._version", "inspector.pytest_plugin", "inspector.pytest_plugin._key"]
    assert shown.stdout.strip() == str(own)


def test_a_run_that_does_not_use_the_plugin_loads_no_more_of_it(inner, pytester, monkeypatch):
    pytester.makepyfile(
        "import sys\ndef test_it(): assert 'inspector.recording' not in sys.modules\n"
        "def test_late(): assert not {'inspector.recording', 'anthropic', 'httpx'} & set(sys.modules)"
    )
    loaded = ("-p", "no:inspector", "-p", "inspector.pytest_plugin", "-p", "no:hypothesispytest")
    pytester.runpytest_subprocess(*loaded).assert_outcomes(passed=2)


def test_no_name_is_one_that_another_plugin_has(pytestconfig):
    taken = {
        *("record_mode", "--record-mode", "vcr", "vcr_config", "vcr_cassette_dir", "vcr_cassette_name"),
        *("default_cassette_name", "block_network", "--block-network", "allowed_hosts", "--allowed-hosts"),
        *("disable_recording", "--disable-recording", "cassette", "cassette_config", "vcr_markers"),
        *("--vcr-record", "--vcr-record-mode", "--disable-vcr", "event_loop", "anyio_backend"),
        *("disable_vcr", "httpx_mock", "respx_mock", "httpserver", "mocker", "socket_enabled"),
    }
    parser = pytest.Parser(_ispytest=True)
    plugin.pytest_addoption(parser)
    options = parser.getgroup("inspector").options
    names = {name for option in options for name in (*option.names(), option.dest)}
    assert not names & taken
    assert all(name.removeprefix("--").startswith("inspector") for name in names)
    assert not {*plugin.__all__, "recording"} & taken


def test_under_xdist(inner, pytester):
    pytest.importorskip("xdist")
    pytester.makepyfile(
        PRELUDE
        + """
@pytest.mark.recording("tool_use", fault=inspector.DIRTY_DOZEN[:3])
def test_each(replay_server):
    assert replay_server.requests == []

@pytest.mark.recording("hello")
def test_left(replay_server): pass
"""
    )
    result = pytester.runpytest_subprocess("-p", "inspector.pytest_plugin", "-p", "no:inspector", "-n", "2")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["never asked for: *hello.jsonl*"])
