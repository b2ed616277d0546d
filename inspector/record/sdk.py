"""Make one call to the API with the installed SDK, tapped.

Only this module imports anthropic. That takes a second or two, which no other command should pay.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.errors import InspectorError
from inspector.record.tap import Tap
from inspector.redact import Mask, mask_url

__all__ = ["Call", "CallFailedError", "SdkResult", "call"]


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
