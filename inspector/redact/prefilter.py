"""A quick answer for short texts: whether a search for secrets can find anything."""

from __future__ import annotations

from inspector.redact.secret_shapes import SHAPES

__all__ = ["may_hold_secret"]

_LITERALS = (*(prefix.encode() for shape in SHAPES for prefix in shape.prefixes), b".eyJ", b"PRIVATE KEY")
_ENDS = (b'"', b"'", b"\\", b"=", b" =")
# What every one of the names in `secret_shapes` ends in, or has in it.
_NAMES = (
    *(name + end for name in (b"key", b"token", b"secret", b"code", b"pwd", b"pass") for end in _ENDS),
    *(name + b"=" for name in (b"sig", b"auth", b"sas", b"otp")),
    *(b"apikey", b"api-key", b"password", b"passwd", b"passphrase", b"authorization", b"credential"),
    *(b"jwt", b"cookie", b"session", b"connection", b"signature", b"token_", b"token-", b"secret_"),
    *(b"bearer ", b"basic "),
)


def may_hold_secret(text: bytes) -> bool:
    """Whether `text`, without escapes, has a literal that every secret begins with or is called by."""
    if any(map(text.__contains__, _LITERALS)) or (b"://" in text and b"@" in text):
        return True
    lower = text.lower()
    return any(map(lower.__contains__, _NAMES))
