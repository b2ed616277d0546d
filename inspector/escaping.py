r"""Text that is harmless where people read it: a terminal, a log, a report of tests.

`escape` makes characters visible that drive a terminal, move text or hide it: controls, format characters,
line separators, lone surrogates (the categories Cc, Cf, Zl, Zp and Cs of Unicode), and whatever else Unicode
calls ignorable. So an escaped text is one line, and shows all that is in it. Three kinds of characters stay,
because real text needs them:

- marks that stand visibly before Arabic, Syriac and Kaithi digits;
- the joiners U+200C and U+200D after a character of the scripts (or an emoji) that they join;
- one variation selector after the character that it selects.

`defused` also breaks what build services take for a command when they read a log.
"""

from __future__ import annotations

import re

__all__ = ["defused", "escape"]

_UNSAFE = (
    "\x00-\x1f\x7f-\x9f"  # C0, DEL and C1 controls: escape sequences begin here
    "\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\uffa0\ufffe\uffff"  # ignorable letters and marks
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"  # tags: text that nobody sees
)
_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
# One class: alternatives that look behind take ten times as long on text that is not ASCII.
_SUSPECT = re.compile(f"[{_UNSAFE}{_JOINERS}{_SELECTORS}]")
_JOINER = re.compile(f"[{_JOINERS}]").match
_SELECTOR = re.compile(f"[{_SELECTORS}]").match
_NOT_JOINED = re.compile(f"[\x00-\x7f{_UNSAFE}{_JOINERS}]").match
_NOT_SELECTED = re.compile(f"[{_UNSAFE}{_JOINERS}{_SELECTORS}]").match
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}

_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#[a-z]*\[)")


def escape(text: str) -> str:
    """Replace characters that drive a terminal, move text or hide it by visible escapes."""
    if text.isascii() and text.isprintable():  # most text is, and this takes a tenth of the time
        return text
    return _SUSPECT.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char, at = match[0], match.start()
    if char in _SHORT:
        return _SHORT[char]
    before = match.string[at - 1 : at] if at else ""
    if (_JOINER(char) and not _NOT_JOINED(before)) or (_SELECTOR(char) and not _NOT_SELECTED(before)):
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def defused(line: str) -> str:
    r"""Break a line that a build service would run as a command, by an escape in it.

    GitHub's runner runs a line that begins with `::`, also after blanks. It runs `##[…` anywhere in a line,
    as Azure's runs `##vso[` and TeamCity `##teamcity[`.
    """
    if ":" in line or "#" in line:
        return _COMMAND.sub(_broken, line)
    return line


def _broken(match: re.Match[str]) -> str:
    return "\\x23" if match[0] == "#" else f"{match[1]}\\x3a"
