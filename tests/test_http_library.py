"""A client's HTTP library is recognised, and its exceptions survive being recorded and raised again."""

from __future__ import annotations

import asyncio
import importlib.metadata
import types

import pytest

from inspector import End, Ending, Head, Request, Response
from inspector.http_library import ending_of, exception_for, library_of, sdk_library

REQUEST = Request("POST", "http://nowhere.test/", {})
HEAD = Head("2026-11-21T02:00:00.000000Z", REQUEST, Response(0.1, 200, {}))
HEAD_ONLY = Head("2026-11-21T02:00:00.000000Z", REQUEST, None)


@pytest.fixture(autouse=True)
def cold_cache():
    sdk_library.cache_clear()
    yield
    sdk_library.cache_clear()


def test_a_request_a_response_and_a_client_belong_to_their_library(library):
    class Client(library.Client):
        """A subclass of another package, as the SDK has one."""

    request = library.Request("GET", "http://nowhere.test/")
    with library.Client(trust_env=False) as client, Client(trust_env=False) as derived:
        for value in (request, library.Response(200, request=request), client, derived):
            assert library_of(value) is library


def test_any_other_object_is_refused():
    with pytest.raises(TypeError, match="not an object of httpx or httpx2: dict"):
        library_of({})


@pytest.mark.parametrize(
    "requirements, name",
    [
        (["anyio<5", "httpx2<3,>=2.1"], "httpx2"),
        (["httpx<1,>=0.25", "anyio<5"], "httpx"),
        (None, "httpx"),
    ],
    ids=["1.0 and later", "0.x", "no requirements"],
)
def test_the_sdks_library_is_the_one_that_it_requires(monkeypatch, requirements, name):
    monkeypatch.setattr(importlib.metadata, "requires", lambda package: requirements)
    monkeypatch.setattr(importlib, "import_module", types.ModuleType)
    assert sdk_library().__name__ == name


def test_without_the_sdk_its_library_is_httpx(monkeypatch):
    def requires(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    monkeypatch.setattr(importlib, "import_module", types.ModuleType)
    assert sdk_library().__name__ == "httpx"


@pytest.mark.parametrize("how", [how for how in Ending if how not in (Ending.COMPLETE, Ending.ABANDONED)])
@pytest.mark.parametrize("text", [None, "in words of its own"])
def test_the_exception_for_an_end_means_that_end(library, how, text):
    error = exception_for(library, End(1.0, how, text), HEAD, "r.jsonl")
    assert isinstance(error, library.TransportError)
    assert ending_of(error) == (how, f"{type(error).__name__}: {error}")
    if text:
        assert str(error) == text


@pytest.mark.parametrize(
    "name", ["ReadTimeout", "PoolTimeout", "ReadError", "WriteError", "RemoteProtocolError"]
)
def test_an_exception_that_was_recorded_comes_back_with_its_end_and_message(library, name):
    how, text = ending_of(getattr(library, name)("a message: of two parts"))
    error = exception_for(library, End(1.0, how, text), HEAD, "r.jsonl")
    assert (ending_of(error)[0], str(error)) == (how, "a message: of two parts")


@pytest.mark.parametrize("name", ["ConnectError", "ConnectTimeout", "ProxyError", "RemoteProtocolError"])
def test_a_request_without_a_response_raises_the_recorded_exception_again(library, name):
    how, text = ending_of(getattr(library, name)("refused"))
    error = exception_for(library, End(1.0, how, text), HEAD_ONLY, "r.jsonl")
    assert (type(error), str(error)) == (getattr(library, name), "refused")


@pytest.mark.parametrize(
    "end, name, message",
    [
        (None, "ConnectError", "no response was recorded"),
        (End(1.0, Ending.RESET), "ConnectError", "no response was recorded"),
        (End(1.0, Ending.TIMEOUT), "ConnectTimeout", "no response was recorded"),
        (End(1.0, Ending.RESET, "OSError: gone"), "ConnectError", "gone"),
        (End(1.0, Ending.RESET, "Response: not an exception"), "ConnectError", "not an exception"),
        (End(1.0, Ending.RESET, "just words"), "ConnectError", "just words"),
    ],
)
def test_a_request_without_a_known_exception_raises_the_nearest_one(library, end, name, message):
    error = exception_for(library, end, HEAD_ONLY, "r.jsonl")
    assert (type(error), str(error)) == (getattr(library, name), message)


def test_a_complete_body_raises_nothing(library):
    assert exception_for(library, End(1.0, Ending.COMPLETE), HEAD, "r.jsonl") is None


@pytest.mark.parametrize("end", [None, End(1.0, Ending.ABANDONED)], ids=["torn", "abandoned"])
def test_a_recording_that_stops_early_raises_an_error_that_names_it(library, end):
    error = exception_for(library, end, HEAD, "r.jsonl")
    assert type(error) is library.RemoteProtocolError
    assert str(error).startswith("r.jsonl: the recording stops here, ")


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit(), asyncio.CancelledError()]
)
def test_what_the_reader_does_itself_is_an_abandoned_body(error):
    assert ending_of(error) == (Ending.ABANDONED, None)


@pytest.mark.parametrize(
    "error, ending",
    [
        (TimeoutError(), (Ending.TIMEOUT, "TimeoutError")),
        (OSError("gone"), (Ending.RESET, "OSError: gone")),
        (ConnectionResetError(104, "reset"), (Ending.RESET, "ConnectionResetError: [Errno 104] reset")),
    ],
    ids=repr,
)
def test_other_exceptions_are_a_timeout_or_a_reset(error, ending):
    assert ending_of(error) == ending
