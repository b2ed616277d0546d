"""In company: plugins that mock, guard, repeat or shuffle. Each test is skipped without its plugin."""

from __future__ import annotations

import contextlib
import importlib.util

import pytest

with contextlib.suppress(ImportError):  # here, because its module in C works with the first import only
    import yaml  # noqa: F401

pytest_plugins = ["pytester", "inner_runs"]

MARKED = """
@pytest.mark.recording("hello")
def test_marked(): assert ask(anthropic.Anthropic(base_url="https://gateway.invalid")).content

@pytest.mark.recording("hello")
def test_server(replay_server): assert ask(anthropic.Anthropic()).content
"""


def need(*modules):
    """Skip the test if a plugin is not installed. An inner run forgets what it imports: so import it here."""
    for module in modules:
        pytest.importorskip(module)


@pytest.fixture
def together(inner):
    """Run a test file with the plugin. pytest-recording and cassetter exclude each other: leave one out."""

    def run(source, *options, without="cassetter"):
        loaded = ["-p", f"no:{without}", "-p", "no:randomly", "-W", "ignore::DeprecationWarning"]
        if importlib.util.find_spec("pytest_asyncio"):  # it warns without this
            loaded += ["-o", "asyncio_default_fixture_loop_scope=function"]
        return inner(source, *loaded, *options)

    return run


def test_respx(together):
    need("respx")
    together(
        MARKED
        + """
import httpx, respx

@pytest.mark.recording("hello")
def test_both(respx_mock):
    respx_mock.get("https://example.org/x").mock(return_value=httpx.Response(204))
    assert httpx.get("https://example.org/x").status_code == 204
    assert ask(anthropic.Anthropic()).content

def test_alone(respx_mock):
    respx_mock.post("https://api.anthropic.com/v1/messages").mock(return_value=httpx.Response(204))
    assert httpx.post("https://api.anthropic.com/v1/messages").status_code == 204
"""
    ).assert_outcomes(passed=4)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_pytest_httpx(together, library):
    need(f"pytest_{library}", library)
    if library == "httpx":
        mocked = 'httpx_mock.add_response(method="POST", url={url!r}, status_code=204)'
    else:
        mocked = "httpx2_mock.post({url!r}).respond(204)"
    together(
        MARKED
        + f"""
import {library} as library

@pytest.mark.recording("hello")
def test_both({library}_mock):
    {mocked.format(url="https://example.org/x")}
    assert library.post("https://example.org/x").status_code == 204

@pytest.mark.recording("hello")
def test_marked_again(): assert ask(anthropic.Anthropic()).content

def test_alone({library}_mock):
    {mocked.format(url="https://api.anthropic.com/v1/messages")}
    assert library.post("https://api.anthropic.com/v1/messages").status_code == 204
""".replace('"hello")\ndef test_both', '"hello", strict=False)\ndef test_both')
    ).assert_outcomes(passed=5)


CASSETTE = """
interactions:
- request: {body: '', headers: {}, method: GET, uri: 'https://example.org/'}
  response:
    body: {string: hi}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""


@pytest.mark.parametrize("plugin", ["pytest_recording", "cassetter"])
def test_cassettes(together, pytester, plugin):
    need(plugin, "vcr")
    without = "cassetter" if plugin == "pytest_recording" else "recording"
    cassette = pytester.path / "cassettes/test_cassettes/test_vcr.yaml"
    cassette.parent.mkdir(parents=True)
    cassette.write_text(CASSETTE)
    source = """
import httpx
@pytest.mark.vcr
def test_vcr(): assert httpx.get("https://example.org/").text == "hi"
"""
    together(MARKED + source, without=without).assert_outcomes(passed=3)


def test_vcrpy_without_a_plugin(together, pytester):
    need("vcr")
    (pytester.path / "one.yaml").write_text(CASSETTE)
    together(
        MARKED
        + """
import httpx, vcr
@pytest.mark.recording("hello")
def test_vcr():
    with vcr.use_cassette("one.yaml", record_mode="none"):
        assert httpx.get("https://example.org/").text == "hi"
    assert ask(anthropic.Anthropic()).content
"""
    ).assert_outcomes(passed=3)


def test_network_guards(together):
    need("pytest_socket", "pytest_recording")
    for options in (["--disable-socket"], ["--block-network"], ["--allow-hosts=127.0.0.1"]):
        together(MARKED, "-W", "ignore::UserWarning", *options).assert_outcomes(passed=2)
    result = together(
        MARKED
        + """
@pytest.mark.recording("hello", strict=False)
def test_program():
    code = "import os, urllib.request; urllib.request.urlopen(os.environ['ANTHROPIC_BASE_URL'])"
    assert not subprocess.run([sys.executable, "-c", code]).returncode
""",
        "--disable-socket",
        "-W",
        "ignore::UserWarning",
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["another process sent a request*--allow-hosts=127.0.0.1 instead*"])


def test_asyncio_and_anyio(together):
    need("pytest_asyncio", "anyio")
    together(
        MARKED
        + """
async def aask():
    async with anthropic.AsyncAnthropic() as client, client.messages.stream(**ASK) as stream:
        return await stream.get_final_text()

@pytest.mark.recording("hello")
@pytest.mark.asyncio
async def test_asyncio(): assert await aask()

@pytest.mark.recording("hello")
@pytest.mark.anyio
async def test_anyio(replay_server): assert await aask()

@pytest.fixture
def anyio_backend(): return "asyncio"
"""
    ).assert_outcomes(passed=4)


def test_a_test_that_is_run_again_begins_anew(together):
    need("pytest_rerunfailures")
    result = together(
        MARKED
        + """
RUNS = []

@pytest.mark.flaky(reruns=2)
@pytest.mark.recording("hello")
def test_flaky(replay_server):
    RUNS.append(ask(anthropic.Anthropic()).content)
    assert len(replay_server.requests) == 1 and len(RUNS) == 3
"""
    )
    result.assert_outcomes(passed=3)
    assert result.parseoutcomes()["rerun"] == 2


def test_in_any_order_and_in_parallel(pytester):
    need("pytest_randomly", "xdist")
    pytester.makepyfile(
        "import anthropic, pytest\n"
        + MARKED.replace("ask(", "asked(")
        + """
def asked(client):
    with client, client.messages.stream(model="m", max_tokens=1, messages=[]) as stream:
        return stream.get_final_message()
"""
    )
    pytester.runpytest_subprocess("-n", "2", "-p", "no:cassetter").assert_outcomes(passed=2)


def test_what_is_wrong_at_set_up_is_said_once(together):
    result = together("""
@pytest.fixture(scope="module")
def agent(replay_server): return replay_server.url

@pytest.mark.recording("nosuch")
def test_one(agent): pass

@pytest.mark.recording("hello", fault="tool-json=truncate")
def test_two(replay_transport): pass

@pytest.mark.recording("nosuch")
def test_three(): ask(anthropic.Anthropic())
""")
    result.assert_outcomes(errors=3)
    result.stdout.no_fnmatch_line("*During handling of the above exception*")
    result.stdout.no_fnmatch_line("*inspector/pytest_plugin*")
    assert len([line for line in result.outlines if line.startswith("inspector: there is no rec")]) == 2
    assert len([line for line in result.outlines if line.startswith("inspector: tool-json")]) == 1
