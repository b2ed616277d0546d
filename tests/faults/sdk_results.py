"""What the installed SDK makes of a stream, in a word: the words of the table of faults."""

from __future__ import annotations

import json

import anthropic

OLD = anthropic.__version__.startswith("0.")
REQUEST = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}


def streamed(client, whole):
    """Return what `messages.stream()` gives; `whole` is the Message without the fault."""
    try:
        with client.messages.stream(**REQUEST) as stream:
            message = stream.get_final_message().to_dict(warnings=False)
    except Exception as error:
        return type(error).__name__
    return sameness(message, whole)


def sameness(message, whole):
    return "same" if _plain(message) == _plain(whole) else "other"


def _plain(message):
    return json.dumps({**message, "id": None, "parsed_output": None}, sort_keys=True)


def created(client, recording):
    """Return what `create(stream=True)` gives; `recording` is the one without the fault."""
    count = 0
    try:
        for _ in client.messages.create(stream=True, **REQUEST):
            count += 1
    except Exception as error:
        return type(error).__name__
    return amount(count, recording)


def amount(count, recording):
    """Say which part of a recording's events this many are. The SDK hides pings."""
    whole = sum(event.type != "ping" for event in recording.events())
    return "none" if not count else "all" if count == whole else "fewer" if count < whole else "more"
