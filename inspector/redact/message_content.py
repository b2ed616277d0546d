"""Hiding what was said: prompts, outputs, inputs of tools, signatures; in the bytes, with their lengths.

Every byte of a string becomes `*` and every digit of a number `1`, so JSON stays JSON. Names of members stay,
and so do the strings that say what something is: types, roles, ids, names of tools, stop reasons. A stream
that is hidden so has the same events, blocks and checks as before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from inspector.redact.json_values import Rule, values_of

__all__ = ["ContentMask"]

_STRUCTURE = frozenset(
    b"""
    caller category container encoding error_code expires_at file_id format id media_type model name page_age
    retrieved_at role server_name stop_reason stop_sequence tool_id tool_name tool_use_id ttl type
    """.split()
)
_SIGNATURES = frozenset(
    [b"signature", b"data", b"encrypted_content", b"encrypted_index", b"encrypted_stdout"]
)
_KEPT, _TOOLS, _MESSAGE = "kept", "tools", "message"
_PIECE = "piece"  # of the input of a tool: a string that holds a part of its JSON
_SOURCE = "source of "  # and the kind of what it is the source of

_UNIT = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|.)|[^\\]", re.DOTALL)  # a character as a JSON string writes it
_LITERALS = frozenset(b"truefalsnE")  # true, false, null, and exponents
_DIGIT = re.compile(rb"[0-9]")
_DONE = b"[DONE]"  # another API's last event, which says nothing
_SAID = re.compile(rb"[0-9A-Za-z\x80-\xff]")


class ContentMask:
    """Hide the kinds of `content` in one recording, and count the strings in `counts`.

    `response` is called with the payloads of the stream in order.
    """

    def __init__(self, content: Iterable[str], counts: Counter[str]) -> None:
        self._content = frozenset(content)
        self._counts = counts
        self._inputs: dict[bytes, _Unfinished] = {}  # the input of a tool, by the index of its content block

    def request(self, body: bytes) -> bytes:
        """Hide the content of a request's JSON."""
        return self._masked(body, _of_request)

    def response(self, payload: bytes, index: bytes = b"") -> bytes:
        """Hide the content of an event's payload, or of a JSON body. `index` is that of its content block."""
        if b'"content_block_start"' in payload:
            self._inputs.pop(index, None)
        return self._masked(payload, _of_response, index)

    def broken(self, text: bytes) -> bytes:
        """Hide all that was said in a payload that is no JSON, or breaks off: letters and digits."""
        kinds = self._content & {"outputs", "tool-inputs"}
        if text.strip() == _DONE or not kinds or not _SAID.search(text):
            return text
        self._counts[min(kinds)] += 1
        return _SAID.sub(b"*", text)

    def _masked(self, text: bytes, rule: Rule, index: bytes = b"") -> bytes:
        masked = bytearray(text)
        for kind, start, end, is_string in values_of(text, rule):
            name = "tool-inputs" if kind == _PIECE else (kind or "").removeprefix(_SOURCE)
            if name not in self._content:
                continue
            value = hidden = text[start:end]
            if kind == _PIECE:
                hidden = self._inputs.setdefault(index, _Unfinished()).masked(value)
            elif is_string:
                hidden = b"*" * len(value)
            elif name == "tool-inputs":
                hidden = _DIGIT.sub(b"1", value)
            if hidden != value:
                masked[start:end] = hidden
                self._counts[name] += 1
        return bytes(masked)


def _of_request(around: str | None, name: bytes) -> str | None:
    if around is None:
        return {b"system": "prompts", b"messages": "prompts", b"tools": _TOOLS}.get(name, _KEPT)
    if around == _TOOLS:
        return "prompts" if name == b"description" else _TOOLS
    return _of_content(around, name)


def _of_response(around: str | None, name: bytes) -> str | None:
    if around in (None, _MESSAGE):
        if name in (b"content_block", b"delta", b"content"):
            return "outputs"
        return _MESSAGE if name == b"message" and around is None else _KEPT
    return _of_content(around, name)


def _of_content(around: str, name: bytes) -> str:
    if around in (_KEPT, "tool-inputs", "signatures") or not name:
        return around
    if name in _STRUCTURE:
        return _KEPT
    if around.startswith(_SOURCE) or name == b"source":  # its `data` is a text or an image, and no signature
        return _SOURCE + around.removeprefix(_SOURCE)
    if name in _SIGNATURES:
        return "signatures"
    if name == b"partial_json":
        return _PIECE
    return "tool-inputs" if name == b"input" else around


class _Unfinished:
    """The JSON of a tool's input, which comes in pieces: where in it the last piece ended."""

    def __init__(self) -> None:
        self._objects = bytearray()  # for each open container: whether it is an object
        self._in_string = self._escaped = self._is_name = self._expects_name = False

    def masked(self, piece: bytes) -> bytes:
        """Hide the strings and numbers of a piece, which is written as a JSON string has it."""
        return b"".join([self._unit(unit[0]) for unit in _UNIT.finditer(piece)])

    def _unit(self, unit: bytes) -> bytes:
        char = _unescaped(unit)
        if self._in_string:
            ends = char == b'"' and not self._escaped
            self._escaped = char == b"\\" and not self._escaped
            self._in_string = not ends
            return unit if ends or self._is_name else b"*" * len(unit)
        if char == b'"':
            self._in_string, self._is_name, self._expects_name = True, self._expects_name, False
        elif char in (b"{", b"["):
            self._objects.append(char == b"{")
            self._expects_name = char == b"{"
        elif char in (b"}", b"]"):
            del self._objects[-1:]
        elif char == b",":
            self._expects_name = bool(self._objects and self._objects[-1])
        elif char.isdigit():
            return b"1"
        elif char[0] >= 0x80 or (char.isalpha() and char[0] not in _LITERALS):
            return b"*" * len(unit)
        return unit


def _unescaped(unit: bytes) -> bytes:
    """Return the character that a unit stands for; a letter for one that is not ASCII or needs an escape."""
    if unit[:2] == b"\\u":
        code = int(unit[2:], 16)
        return bytes([code]) if code < 0x80 else b"x"
    return {b'\\"': b'"', b"\\\\": b"\\", b"\\/": b"/"}.get(unit, b" " if unit[:1] == b"\\" else unit)
