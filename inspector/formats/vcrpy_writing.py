"""Cassettes of vcrpy (https://github.com/kevin1024/vcrpy, vcr/serializers), in YAML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspector.formats.http_texts import reason_of, sent_headers
from inspector.recording import Recording

__all__ = ["cassette"]


def cassette(recordings: Sequence[Recording]) -> bytes:
    """Return a cassette with the exchanges that have a response: vcrpy knows no others."""
    import yaml  # which takes 20 ms

    interactions = [_interaction(recording) for recording in recordings if recording.response is not None]
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(
        {"interactions": interactions, "version": 1}, Dumper=dumper, allow_unicode=True, width=1_000_000
    )
    return text.encode()


def _interaction(recording: Recording) -> dict[str, Any]:
    request, response = recording.request, recording.response
    assert response is not None
    return {
        "request": {
            "body": None if request.body is None else _text(request.body),
            "headers": {name: [value] for name, value in request.headers.items()},
            "method": request.method,
            "uri": request.url or "https://api.anthropic.com/v1/messages",
        },
        "response": {
            "body": {"string": _text(recording.body)},
            "headers": {name: [value] for name, value in sent_headers(response)},
            "status": {"code": response.status, "message": reason_of(response.status)},
        },
    }


def _text(body: bytes) -> str | bytes:
    """Return text where it survives YAML, else bytes, which are written in base64."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    return text if all(char == "\n" or char.isprintable() for char in text) else body
