"""Hiding what a user's own patterns match, in JSON and in other texts, without changing a length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from inspector.redact.json_values import values_of

__all__ = ["PatternMask"]

_PAIR = rb"\\u[dD][89a-bA-B][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|"  # of surrogates: one character
_UNIT = re.compile(_PAIR + rb"\\(?:u[0-9A-Fa-f]{4}|.)|[^\\\x80-\xff]|[\xc0-\xff][\x80-\xbf]*|.", re.DOTALL)
_SHORT = {b"\\n": "\n", b"\\t": "\t", b"\\r": "\r", b"\\b": "\b", b"\\f": "\f"}
_LINE_END = re.compile(rb"[\r\n]")


class PatternMask:
    """Hide the matches of `patterns`, regular expressions of RE2 by name, and count them in `counts`.

    A match is in one string of a JSON text, or in one text: it never takes in what is around them.
    """

    def __init__(self, patterns: Mapping[str, str], counts: Counter[str]) -> None:
        from inspector.redact.searching import compiled

        self._patterns = {name: compiled(pattern) for name, pattern in patterns.items()}
        self._counts = counts

    def json(self, text: bytes) -> bytes:
        """Hide the matches in the strings and numbers of a JSON text."""
        masked = bytearray(text)
        for _, start, end, is_string in values_of(text, lambda around, name: None):
            value = text[start:end]
            masked[start:end] = self.string(value) if is_string else self._number(value)
        return bytes(masked)

    def string(self, value: bytes) -> bytes:
        """Hide the matches in what a JSON string has between its quotes."""
        if b"\\" not in value:
            return self._masked(value, self._spans(value))
        units = [unit.span() for unit in _UNIT.finditer(value)]
        plain, starts = bytearray(), []
        for start, end in units:
            char = _char(value[start:end])
            starts += [start] * len(char)
            plain += char
        starts.append(len(value))
        spans = [(starts[start], starts[end], name) for start, end, name in self._spans(bytes(plain))]
        return self._masked(value, spans)

    def text(self, text: bytes) -> bytes:
        """Hide the matches in a text that is no JSON. Its line ends stay."""
        masked = self._masked(text, self._spans(text))
        ends = [match.start() for match in _LINE_END.finditer(text)]
        whole = bytearray(masked)
        for at in ends:
            whole[at] = text[at]
        return bytes(whole)

    def _number(self, value: bytes) -> bytes:
        names = {name for _, _, name in self._spans(value)}
        hidden = re.sub(rb"[0-9]", b"1", value) if names else value
        if hidden != value:
            self._counts.update(names)
        return hidden

    def _spans(self, text: bytes) -> Iterator[tuple[int, int, str]]:
        for name, pattern in self._patterns.items():
            for match in pattern.finditer(text):
                if match[0].strip(b"*"):
                    yield *match.span(), name

    def _masked(self, value: bytes, spans: Iterable[tuple[int, int, str]]) -> bytes:
        masked = bytearray(value)
        for start, end, name in spans:
            masked[start:end] = b"*" * (end - start)
            self._counts[name] += 1
        return bytes(masked)


def _char(unit: bytes) -> bytes:
    """Return the character that a unit of a JSON string stands for, in UTF-8."""
    if unit[:2] == b"\\u":
        codes = [int(code, 16) for code in unit[2:].split(b"\\u")]
        pair = b"".join(code.to_bytes(2) for code in codes)
        return pair.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
    return _SHORT[unit].encode() if unit in _SHORT else unit.removeprefix(b"\\") or b"\\"
