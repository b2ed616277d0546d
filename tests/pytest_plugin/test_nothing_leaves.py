"""A marked test is answered, and nothing of it leaves, wherever and whenever its HTTP library is imported.

Each run is a process of its own, because the first import of a process counts. A listener on loopback stands
for the API. One connection to it is a leak.
"""

from __future__ import annotations

import socket
import threading

import pytest
from conftest import LIBRARIES, ROOT

pytest_plugins = ["pytester"]

MAKE = """
import asyncio, importlib, sys, threading
from concurrent.futures import ThreadPoolExecutor
import pytest

marked = pytest.mark.recording("hello")
LIBRARY = {library!r}
URL = {url!r}

def make():
    library = importlib.import_module(LIBRARY)
    if LIBRARY == "anthropic":
        return library.Anthropic(base_url=URL, api_key="sk-live", max_retries=0)
    return library.Client(trust_env=False)

def ask(client):
    if LIBRARY == "anthropic":
        return client.messages.create(model="m", max_tokens=1, messages=[]).content[0].text
    return client.post(URL + "/v1/messages", json={{}}, headers={{"x-api-key": "sk-live"}}).text
"""

PLACES = {
    "the test": """
@marked
def test_it():
    assert LIBRARY not in sys.modules
    assert "Hello" in ask(make())
""",
    "a thread": """
@marked
def test_it():
    with ThreadPoolExecutor() as pool:
        assert "Hello" in pool.submit(lambda: ask(make())).result()
""",
    "a fixture": """
@pytest.fixture
def client(): return make()

@marked
def test_it(client): assert "Hello" in ask(client)
""",
    "a session's fixture": """
@pytest.fixture(scope="session")
def client(): return make()

def test_before(client): pass

@marked
def test_it(client): assert "Hello" in ask(client)
""",
    "the module": """
CLIENT = make()

@marked
def test_it(): assert "Hello" in ask(CLIENT)
""",
    "an earlier test": """
def test_before(): make()

@marked
def test_it(): assert "Hello" in ask(make())
""",
    "a later marked test": """
@pytest.mark.recording("hello", strict=False)
def test_before(): assert LIBRARY not in sys.modules

@marked
def test_it(): assert "Hello" in ask(make())
""",
    "the test, again": """
@marked
def test_it():
    assert "Hello" in ask(make())

@marked
def test_again():
    for name in [name for name in sys.modules if "http" in name or "anthropic" in name]:
        del sys.modules[name]
    assert "Hello" in ask(make())
""",
    "a class whose patch is undone": """
library = importlib.import_module(LIBRARY)

class TestPatched:
    @pytest.fixture(scope="class", autouse=True)
    def patched(self):
        with pytest.MonkeyPatch.context() as patch:
            method = library.HTTPTransport.handle_request
            patch.setattr(library.HTTPTransport, "handle_request", lambda *both: method(*both))
            yield

    def test_first(self): pass

    @marked
    def test_patched(self): assert "Hello" in ask(make())

@marked
def test_later(): assert "Hello" in ask(make())
""",
}


@pytest.fixture
def listener():
    """The URL of a listener, and the connections that it got."""
    hits = []

    def listen():
        while True:
            try:
                connection, address = server.accept()
            except OSError:
                return
            with connection:
                hits.append(address)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", hits
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def alone(pytester, monkeypatch):
    """Run a test file in a process of its own, with the plugin and no other."""
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def run(source, *options):
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "inspector.pytest_plugin", "--strict-markers", *options)

    return run


@pytest.mark.parametrize("library", [library.__name__ for library in LIBRARIES])
@pytest.mark.parametrize("place", PLACES)
def test_a_library_is_covered_wherever_it_is_imported(alone, listener, library, place):
    url, hits = listener
    source = MAKE.format(library=library, url=url) + PLACES[place]
    alone(source).assert_outcomes(passed=source.count("def test_"))
    assert hits == []


def test_the_sdk_is_covered_if_the_test_imports_it(alone, listener):
    url, hits = listener
    alone(MAKE.format(library="anthropic", url=url) + PLACES["the test"]).assert_outcomes(passed=1)
    assert hits == []


PAST_THE_PLUGIN = """
import sys
import pytest

@pytest.fixture
def past(monkeypatch):
    finders = [each for each in sys.meta_path if type(each).__name__ != "ImportWatch"]
    assert len(finders) == len(sys.meta_path) - 1
    monkeypatch.setattr(sys, "meta_path", finders)

def ask(**options):
    import anthropic
    client = anthropic.Anthropic(max_retries=0, **options)
    return client.messages.create(model="m", max_tokens=1, messages=[]).content[0].text

@pytest.mark.recording("hello")
def test_answered(past):
    assert "anthropic" not in sys.modules
    assert "Hello" in ask()

@pytest.mark.recording("hello", strict=False)
def test_refused(past):
    for name in [name for name in sys.modules if "http" in name or "anthropic" in name]:
        del sys.modules[name]
    ask(base_url="https://api.anthropic.com")
"""


def test_a_library_that_is_imported_past_the_plugin_does_not_reach_the_api(alone, listener, monkeypatch):
    url, hits = listener
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-live")
    result = alone(PAST_THE_PLUGIN)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*tried to reach api.anthropic.com, but this test is answered*"])
    assert hits == []


def test_a_test_that_a_fixture_marks_is_answered_after_its_set_up(alone, listener):
    url, hits = listener
    source = """
@pytest.fixture
def mark(request): request.node.add_marker(marked)

def test_it(mark): assert "Hello" in ask(make())

def test_other():
    with pytest.raises(Exception, match="disconnected|reset"):
        ask(make())
"""
    alone(MAKE.format(library=LIBRARIES[0].__name__, url=url) + source).assert_outcomes(passed=2)
    assert len(hits) == 1  # of the test without a marker


@pytest.mark.parametrize("marker", ['"nosuch"', '"hello", speed="wrong"'])
def test_a_program_of_a_fixture_is_not_let_out_if_the_test_has_no_recording(
    alone, listener, monkeypatch, marker
):
    url, hits = listener
    monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-live")
    result = alone(f"""
import os, pytest, subprocess, sys

APP = '''
import os, urllib.request
assert os.environ["ANTHROPIC_API_KEY"] != "sk-live"
urllib.request.urlopen(os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages", b"{{}}")
'''

@pytest.fixture
def program():
    done = subprocess.run([sys.executable, "-c", APP], capture_output=True, text=True, timeout=60)
    assert "refused" in done.stderr

@pytest.mark.recording({marker})
def test_it(program): pass

def test_afterwards(): assert os.environ["ANTHROPIC_API_KEY"] == "sk-live"
""")
    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["*inspector: *"])
    assert hits == []


def test_the_first_test_of_each_worker_is_covered(alone, listener):
    pytest.importorskip("xdist")
    url, hits = listener
    source = MAKE.format(library=LIBRARIES[0].__name__, url=url) + PLACES["the test"]
    alone(source, "-p", "xdist", "-n", "2", "--dist", "each").assert_outcomes(passed=2)
    assert hits == []
