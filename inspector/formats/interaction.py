"""One request and its response as another tool saved them: what every format's module hands out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspector import _json
from inspector.recording import Absent, End, Ending

__all__ = [
    "SAVED",
    "Headers",
    "Interaction",
    "Payload",
    "as_bytes",
    "as_headers",
    "as_list",
    "as_mapping",
    "as_text",
]

Headers = Sequence[tuple[str, str]]
Payload = tuple[float, bytes]
"""An event whose framing is lost: when it came, and its payload."""

SAVED = frozenset({Absent.TIMES, Absent.READS, Absent.END, Absent.HEADERS, Absent.SENT})
"""What a cassette lacks. Most libraries can change headers before they save them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One exchange. `absent` says what the source does not have; a format never makes it up.

    `reads` are (seconds since the request, bytes) of the body, in its content coding or decoded. If the
    source has only the payloads of the events, `payloads` has them, and there are no reads. `status` 0 means
    that no response came. `line` is where the exchange stands in its file, counted from 1.
    """

    line: int = 1
    at: str = ""
    method: str = "POST"
    url: str = ""
    request_headers: Headers = ()
    request_body: bytes | None = None
    t: float = 0.0
    status: int = 200
    http: str = ""
    response_headers: Headers = ()
    reads: Sequence[tuple[float, bytes]] = ()
    payloads: Sequence[Payload] | None = None
    end: End = field(default=End(0.0, Ending.COMPLETE))
    absent: frozenset[str] = SAVED
    recorder: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """The response's body, as the source has it."""
        return b"".join(chunk for _, chunk in self.reads)


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is an object, else an empty one, so that its members can be looked up."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: Any) -> list[Any]:
    """Return `value` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def as_bytes(value: Any) -> bytes:
    """Return text in UTF-8, bytes as they are, nothing for nothing, and any other value as JSON."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return b"" if value is None else _json.dumps(value)


def as_headers(value: Any) -> Headers:
    """Return the headers of an object or of an array of `{"name": …, "value": …}`, or pairs."""
    return [(name, text) for name, text in _headers(value) if name]


def as_text(value: Any) -> str:
    """Return a value as text that can be encoded; empty for nothing."""
    if value.__class__ is str and value.isascii():  # nearly all
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    text = "" if value is None else value if isinstance(value, str) else str(value)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _headers(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if each.__class__ is list:
                for text in each:
                    yield as_text(name), as_text(text)
            else:
                yield as_text(name), as_text(each)
        return
    for pair in as_list(value):
        if isinstance(pair, Mapping):
            yield as_text(pair.get("name")), as_text(pair.get("value"))
        elif isinstance(pair, list) and len(pair) == 2:
            yield as_text(pair[0]), as_text(pair[1])
