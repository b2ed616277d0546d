"""The calls of anthropic's SDK that read one response, and what came of them.

This module imports the standard library alone, so any interpreter that has anthropic can run its source. As a
program it answers each line of standard input, a response as JSON, with a line that says what the SDK did.
Its own transport plays what the parent process made of a recording. `inspector.observe` uses the same calls
with the transport of `inspector.replay`.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = [
    "CREATE",
    "MESSAGE",
    "STREAM",
    "Progress",
    "StoppedError",
    "answer_lines",
    "describe_error",
    "run_calls",
]

STREAM, CREATE, MESSAGE = "messages.stream()", "create()", "messages.create()"
"""The calls: the helper, `messages.create(stream=True)`, and a call that does not ask for a stream."""

_REQUEST = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "?"}]}
_TEXT = 1000
"""How many characters of an exception's text are kept: the SDK puts whole bodies into it."""


Passed = tuple[int, Any]


class StoppedError(BaseException):
    """The limit is reached. The SDK catches `Exception`, and must not catch this."""


class Progress:
    """How far a response has been read: the number of the last event that was passed to the SDK.

    Its limits hold between two events, and between two pieces of the body: `seconds` by `clock`, and `size`
    in bytes. Nothing can stop the SDK inside one event.
    """

    def __init__(self, seconds: float, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.event = 0
        self.ended = False
        self._size = size
        self._until = clock() + seconds
        self._clock = clock
        self._seconds = seconds

    def check(self, size: int = 0) -> None:
        """Count `size` bytes; raise `StoppedError` behind a limit."""
        self._size -= size
        if self._size < 0:
            raise StoppedError("the body is too long")
        if self._clock() > self._until:
            raise StoppedError(f"{self._seconds:g} s were over")


def run_calls(
    transport_of: Callable[[Progress], Any], limits: Sequence[Any], calls: Sequence[str] = (STREAM, CREATE)
) -> dict[str, dict[str, Any]]:
    """Make each call with a transport of its own; return what came of it, by the call's name.

    `transport_of(progress)` makes a transport that answers one request, and tells `progress` what it passes
    on. `limits` are those of `Progress`. What came of a call is a dict of plain values: `error` (see
    `describe_error`), `event` (the last that the SDK got), `ended` (whether the body had come to its end),
    `passed` (for each event that came out, the last that had gone in, and its type), `stopped` (why it was
    stopped), `message`, and `returned` (the class of what the call returned).
    """
    import anthropic

    results = {}
    with _quiet():
        for call in calls:
            progress = Progress(*limits)
            http = anthropic.DefaultHttpxClient(transport=transport_of(progress), trust_env=False)
            # Neither a key nor an address of the environment: no request leaves this process.
            client = anthropic.Anthropic(
                api_key="none", base_url="http://recording.invalid", http_client=http, max_retries=0
            )
            with http:
                results[call] = _outcome(client, call, progress)
    return results


def _outcome(client: Any, call: str, progress: Progress) -> dict[str, Any]:
    result: dict[str, Any] = {"error": None, "stopped": None, "message": None, "returned": None}
    passed: list[Passed] = []
    try:
        message = _CALLS[call](client, progress, passed)
    except StoppedError as error:
        result["stopped"] = str(error)
    except Exception as error:
        result["error"] = describe_error(error)
    else:
        result["returned"] = "None" if message is None else type(message).__name__
        with contextlib.suppress(Exception):  # lone surrogates, or nested too deeply to be written
            result["message"] = message and json.loads(
                json.dumps(message.to_dict(mode="python", warnings=False), default=str)
            )
    return dict(result, event=progress.event, ended=progress.ended, passed=passed)


def _stream(client: Any, progress: Progress, passed: list[Passed]) -> Any:
    with client.messages.stream(**_REQUEST) as stream:
        for event in stream:
            if not passed or passed[-1][0] != progress.event:  # the helper makes several events of one
                passed.append((progress.event, getattr(event, "type", None)))
            progress.check()
        return stream.get_final_message()


def _create(client: Any, progress: Progress, passed: list[Passed]) -> None:
    with client.messages.create(stream=True, **_REQUEST) as stream:
        for event in stream:
            passed.append((progress.event, getattr(event, "type", None)))
            progress.check()


def _message(client: Any, progress: Progress, passed: list[Passed]) -> Any:
    return client.messages.create(**_REQUEST)


_CALLS = {STREAM: _stream, CREATE: _create, MESSAGE: _message}


def describe_error(error: BaseException) -> dict[str, Any]:
    """Return an exception as a dict: its class as programs name it, its text, and whether it is the SDK's.

    `api` is True for what `except anthropic.APIError` catches.
    """
    import anthropic

    kind = type(error)
    root = kind.__module__.partition(".")[0]
    public = getattr(sys.modules.get(root), kind.__name__, None) is kind
    name = f"{root if public else kind.__module__}.{kind.__name__}"
    return {
        "name": name.partition("builtins.")[2] or name,
        "text": str(error)[:_TEXT],
        "api": isinstance(error, anthropic.APIError),
    }


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the warnings and the log of the SDK and of its library to themselves."""
    loggers = [logging.getLogger(name) for name in ("anthropic", "httpx", "httpx2")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels):  # noqa: B905 - Python 3.9 has no `strict`
            logger.setLevel(level)


def answer_lines() -> None:
    """Answer each line of standard input until it ends; the first line out is the SDK's version."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what others print is no answer

    def answer(value: dict[str, Any]) -> None:
        out.write(json.dumps(value) + "\n")
        out.flush()

    try:
        import anthropic
    except Exception as error:
        answer({"failure": f"{type(error).__name__}: {error}"})
        return
    answer({"version": anthropic.__version__})
    library = _library(anthropic)
    for line in sys.stdin.buffer:
        job = json.loads(line)
        answer(run_calls(functools.partial(_transport, library, job), job["limits"], job["calls"]))


def _library(anthropic: Any) -> Any:
    """Return the HTTP library of the SDK: `httpx2`, or `httpx` under anthropic 0.x."""
    for cls in anthropic.DefaultHttpxClient.__mro__:
        name = cls.__module__.partition(".")[0]
        if name in ("httpx", "httpx2"):
            return sys.modules[name]
    raise TypeError("anthropic uses neither httpx nor httpx2")


def _transport(library: Any, job: dict[str, Any], progress: Progress) -> Any:
    """Make a transport that plays the response of a job."""

    class Body(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            for event, piece in job["pieces"]:
                progress.event = event
                data = base64.b64decode(piece)
                progress.check(len(data))
                yield data
            progress.ended = True
            _raise(library, job["end"])

    class Transport(library.BaseTransport):  # type: ignore[misc]
        def handle_request(self, request: Any) -> Any:
            if job["status"] is None:
                _raise(library, job["end"])
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in job["headers"]]
            return library.Response(job["status"], headers=headers, stream=Body(), request=request)

    return Transport()


def _raise(library: Any, end: Sequence[str] | None) -> None:
    if end is not None:
        raise getattr(library, end[0])(end[1])


if __name__ == "__main__":
    sys.path[:] = [path for path in sys.path if path]  # not what lies in the current folder
    answer_lines()
