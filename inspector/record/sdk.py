"""Calling the API through the installed SDK, tapped.

The one place that imports anthropic, which takes a second or two: nothing else may pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.errors import InspectorError
from inspector.record.tap import Tap

__all__ = ["Call", "CallFailedError", "Outcome", "call"]


class CallFailedError(InspectorError):
    """The API or the network failed before a stream began, or the call could not be made at all."""


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask: a request body with `model`, `max_tokens` and `messages`, and how to send it.

    `timeout` is in seconds, None for the SDK's own; `transport` replaces the network.
    """

    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    base_url: str | None = None
    api_key: str | None = None
    timeout: float | None = None
    max_retries: int = 0
    transport: Any = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the SDK made of the stream: how many events it passed on, and what it raised, if it did."""

    events: int
    error: BaseException | None = None

    @property
    def words(self) -> str:
        """Say it in a few words."""
        if self.error is None:
            return f"the SDK raised nothing and passed on {self.events} events"
        kind = type(self.error)
        package = kind.__module__.partition(".")[0]
        name = kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"
        return f"the SDK raised {name} after {self.events} events: {self.error}"


def call(asked: Call, tap: Tap) -> Outcome:
    """Make a call with `messages.create(stream=True)` and read it to its end, tapped by `tap`.

    What the SDK raises about a response that came is part of the outcome. Raises `CallFailedError`, one
    clear sentence, where no response came.
    """
    import anthropic

    body = {key: value for key, value in asked.body.items() if key != "stream"}
    required = {key: body.pop(key) for key in ("model", "max_tokens", "messages")}
    http: dict[str, Any] = {"event_hooks": tap}
    if asked.transport is not None:
        http["transport"] = asked.transport
    options: dict[str, Any] = {"max_retries": asked.max_retries}
    if asked.timeout is not None:
        options["timeout"] = asked.timeout
    if asked.base_url is not None:
        options["base_url"] = asked.base_url
    if asked.api_key is not None:
        options["api_key"] = asked.api_key
    events = 0
    try:
        with anthropic.DefaultHttpxClient(**http) as client:
            sdk = anthropic.Anthropic(http_client=client, **options)
            stream = sdk.messages.create(
                **required, stream=True, extra_body=body or None, extra_headers=dict(asked.headers)
            )
            with stream:
                for _ in stream:
                    events += 1
    except anthropic.APIConnectionError as error:
        cause = error.__cause__ or error
        tap.lost(error.request, cause)
        kind = type(cause).__name__
        raise CallFailedError(f"cannot reach {error.request.url}: {cause} ({kind})") from error
    except Exception as error:
        if isinstance(error, TypeError) and "authentication" in str(error):
            raise CallFailedError(
                "no API key: set ANTHROPIC_API_KEY, or try `inspector stream --offline`, which needs none"
            ) from error
        if not tap.responses:  # there is nothing to show but this
            raise CallFailedError(f"no call was made: {error} ({type(error).__name__})") from error
        return Outcome(events, error)
    return Outcome(events)
