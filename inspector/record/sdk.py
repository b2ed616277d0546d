"""Make one call to the API with the installed SDK, tapped.

Only this module imports anthropic. That takes a second or two, which no other command should pay.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from inspector.errors import InspectorError
from inspector.record.tap import Tap
from inspector.redact import Mask, mask_url

__all__ = ["Call", "CallFailedError", "SdkResult", "call"]

_EVENTS = b"".join(
    b"event: %b\ndata: %b\n\n" % (orjson.loads(data)["type"].encode(), data)
    for data in (
        b'{"type":"message_start","message":{"id":"","type":"message","role":"assistant","content":[],"model":"",'
        b'"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}',
        b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}',
        b'{"type":"content_block_stop","index":0}',
        b'{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":0}}',
        b'{"type":"message_stop"}',
    )
)
"""A stream with an event of each type."""


class CallFailedError(InspectorError):
    """A call without a response: the network failed, or the request could not be made."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `messages.create(stream=True)`.

    `body` is the request body, with `model`, `max_tokens` and `messages` at least. `timeout` is in seconds.
    `transport` replaces the network. The SDK decides what is None.
    """

    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    api_key: str | None = None
    timeout: float | None = None
    max_retries: int = 0
    transport: Any = None


@dataclass(frozen=True, slots=True)
class SdkResult:
    """How the SDK took the stream: how many events it passed on, and the exception that it raised, if any."""

    events: int
    error: BaseException | None = field(default=None, repr=False)
    mask: Mask = field(default_factory=Mask, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The text of the exception, without secrets; empty if there is none."""
        return "" if self.error is None else self.mask.text(str(self.error))


def call(request: Call, tap: Tap) -> SdkResult:
    """Make a call, read its stream to the end, and record it with `tap`.

    An exception of the SDK about a response is part of the result. Raises `CallFailedError`, with one
    sentence for the user, if there is no response. A request that is interrupted is recorded, too.
    """
    import anthropic

    events = 0
    sent: list[Any] = []
    mask = Mask(_secret_headers(request))
    try:
        with anthropic.DefaultHttpxClient(**_http_options(request, tap, sent.append)) as http:
            sdk = anthropic.Anthropic(http_client=http, **_sdk_options(request))
            _load_models(sdk)
            with sdk.messages.create(**_arguments(request), stream=True) as stream:
                for _ in stream:
                    events += 1
    except anthropic.APIConnectionError as error:
        cause = error.__cause__ or error
        tap.on_error(error.request, cause)
        kind = type(cause).__name__
        message = f"cannot reach {mask_url(str(error.request.url))}: {cause} ({kind})"
        raise CallFailedError(mask.text(message)) from error
    except Exception as error:
        if isinstance(error, TypeError) and "authentication" in str(error):
            raise CallFailedError(
                "no API key: set ANTHROPIC_API_KEY, or try `inspector stream --offline`, which needs none"
            ) from error
        if not tap.responses:
            message = f"no call was made: {error} ({type(error).__name__})"
            raise CallFailedError(mask.text(message)) from error
        return SdkResult(events, error, mask)
    except BaseException as error:  # Ctrl-C; a transport that waits by itself traces nothing
        if sent:
            tap.on_error(sent[-1], error)
        raise
    return SdkResult(events)


def _load_models(sdk: Any) -> None:
    """Let the SDK read a stream now, so that the first event of the call does not wait.

    It builds the models of events when it reads the first of each kind, which takes some 60 ms. Whatever goes
    wrong here goes wrong in the call as well, where it is reported.
    """
    import anthropic

    from inspector.http_library import sdk_library

    with contextlib.suppress(Exception):
        response = sdk_library().Response(
            200, content=_EVENTS, request=sdk_library().Request("POST", "http://localhost/v1/messages")
        )
        events: Any = anthropic.types.RawMessageStreamEvent
        for _ in anthropic.Stream(cast_to=events, response=response, client=sdk):
            pass


def _secret_headers(request: Call) -> list[tuple[str, str]]:
    """Return what the call authenticates with, from wherever the SDK takes it."""
    given = [request.api_key, os.environ.get("ANTHROPIC_API_KEY"), os.environ.get("ANTHROPIC_AUTH_TOKEN")]
    return [*request.headers.items(), *(("x-api-key", value) for value in given if value)]


def _http_options(request: Call, tap: Tap, on_request: Callable[[Any], None]) -> dict[str, Any]:
    hooks = {**tap, "request": [*tap["request"], on_request]}
    return {"event_hooks": hooks} | (
        {"transport": request.transport} if request.transport is not None else {}
    )


def _sdk_options(request: Call) -> dict[str, Any]:
    options = {"timeout": request.timeout, "base_url": request.base_url, "api_key": request.api_key}
    given = {name: value for name, value in options.items() if value is not None}
    return {"max_retries": request.max_retries, **given}


def _arguments(request: Call) -> dict[str, Any]:
    """Split a body into the SDK's required arguments and the rest, which is sent as it is."""
    rest = {name: value for name, value in request.body.items() if name != "stream"}
    required = {name: rest.pop(name) for name in ("model", "max_tokens", "messages")}
    return {**required, "extra_body": rest or None, "extra_headers": dict(request.headers)}
