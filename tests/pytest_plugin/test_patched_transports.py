"""Mocks and tracers patch the methods that the plugin wraps, and undo it when they like. All still work."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from conftest import LIBRARIES

from inspector.pytest_plugin._interception import Interception

URL = "https://gateway.invalid/v1/messages"


class Sending:
    """A door that sends every request on, and counts them."""

    def __init__(self):
        self.requests = 0

    def handle_request(self, request, send):
        self.requests += 1
        return send(request)

    async def handle_async_request(self, request, send):
        self.requests += 1
        return await send(request)


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request, monkeypatch):
    """A library whose transports answer themselves."""

    def answer(transport, request):
        return module.Response(200)

    async def answer_async(transport, request):
        return module.Response(200)

    module = request.param
    monkeypatch.setattr(request.param.HTTPTransport, "handle_request", answer)
    monkeypatch.setattr(request.param.AsyncHTTPTransport, "handle_async_request", answer_async)
    return request.param


def methods(library):
    return [
        vars(library.HTTPTransport)["handle_request"],
        vars(library.AsyncHTTPTransport)["handle_async_request"],
    ]


def send_both(library):
    async def send_async():
        return await library.AsyncHTTPTransport().handle_async_request(library.Request("POST", URL))

    assert library.HTTPTransport().handle_request(library.Request("POST", URL)).status_code == 200
    assert asyncio.run(send_async()).status_code == 200


def patch_both(monkeypatch, library):
    """Patch a library as a tracer does: its function calls what was there."""
    sync, concurrent = library.HTTPTransport.handle_request, library.AsyncHTTPTransport.handle_async_request

    async def handle_async_request(*both):
        return await concurrent(*both)

    monkeypatch.setattr(library.HTTPTransport, "handle_request", lambda *both: sync(*both))
    monkeypatch.setattr(library.AsyncHTTPTransport, "handle_async_request", handle_async_request)


def test_each_marked_test_is_covered_whenever_others_patch_and_undo(library):
    """In every order of events: the door sees a request once, and at the end all is as it was."""
    before = methods(library)
    for events in itertools.product(["test", "patch", "undo", "end"], repeat=4):
        door, patch = Sending(), pytest.MonkeyPatch()
        interception = Interception(lambda door=door: door)
        for event in [*events, "test", "undo", "test", "end"]:
            if event == "test":
                interception.cover()
                door.requests = 0
                send_both(library)
                assert door.requests == 2, events
            elif event == "patch":
                patch_both(patch, library)
            elif event == "undo":
                patch.undo()
            else:
                interception.remove()
        assert methods(library) == before, events


def test_a_patch_that_is_older_than_the_test_or_is_made_in_it_stays_after_it(library, monkeypatch):
    interception = Interception(lambda: None)
    for _ in range(2):
        patch_both(monkeypatch, library)
        patched = methods(library)
        interception.cover()
        assert not {*methods(library)} & {*patched}
        interception.remove()
        assert methods(library) == patched
        interception.cover()
        patch_both(monkeypatch, library)
        patched = methods(library)
        interception.remove()
        assert methods(library) == patched


def test_a_method_that_somebody_deletes_stays_deleted_until_they_put_it_back(library):
    interception, door, patch = Interception(lambda: door), Sending(), pytest.MonkeyPatch()
    before = methods(library)
    interception.cover()
    patch.delattr(library.HTTPTransport, "handle_request")
    interception.remove()
    interception.cover()
    with pytest.raises(NotImplementedError):
        send_both(library)
    patch.undo()
    interception.cover()
    send_both(library)
    interception.remove()
    assert door.requests == 2
    assert methods(library) == before


class Bound:
    """A tracer's method, as wrapt makes it: found at an object it gets the request alone."""

    def __init__(self, method, seen):
        self._method, self._seen = method, seen

    def __call__(self, request):
        self._seen.append(request.url.path)  # a transport in the request's place has no URL
        return self._method(request)


class Descriptor:
    """A tracer's wrapper, as wrapt makes it: it equals what it is around."""

    def __init__(self, function, seen):
        self._function, self._seen = function, seen

    def __get__(self, transport, cls):
        return Bound(self._function.__get__(transport, cls), self._seen)

    def __eq__(self, other):
        return self._function == other

    def __hash__(self):
        return hash(self._function)


class Mock:
    """A plain mock in a class: it binds nothing."""

    def __init__(self, function, seen):
        self._function, self._seen = function, seen

    def __call__(self, request):
        self._seen.append(request.url.path)
        return self._function(object(), request)


@pytest.mark.parametrize("patch", [Descriptor, Mock])
@pytest.mark.parametrize("door", [None, Sending()], ids=["past the door", "through the door"])
@pytest.mark.parametrize("covered", [False, True], ids=["before the first test", "after it"])
def test_a_request_reaches_the_patch_of_a_tracer_as_it_does_without_us(
    library, monkeypatch, patch, door, covered
):
    interception, seen = Interception(lambda: door), []
    if covered:
        interception.cover()
    sync, concurrent = methods(library)
    monkeypatch.setattr(library.HTTPTransport, "handle_request", patch(sync, seen))
    monkeypatch.setattr(library.AsyncHTTPTransport, "handle_async_request", patch(concurrent, seen))
    interception.cover()
    assert not {*map(type, methods(library))} & {patch}
    send_both(library)
    interception.remove()
    assert seen == ["/v1/messages"] * 2
    assert {*map(type, methods(library))} == {patch}
