"""The HTTP library that clients speak: `httpx2` under anthropic 1.0 and later, `httpx` under 0.x.

The two have the same classes under another name and refuse each other's. Nothing here imports either
before it is needed. The second half is one table in both directions: how a body ends, and which exception
of the library says so.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import re
import sys
from types import ModuleType

from inspector.recording import End, Ending, Head

__all__ = ["ending_of", "exception_for", "library_of", "sdk_library"]

_NAMES = ("httpx2", "httpx")


def library_of(value: object) -> ModuleType:
    """Return the HTTP library whose request, response or client `value` is.

    Raises `TypeError` for a value of neither.
    """
    for cls in type(value).__mro__:
        name = cls.__module__.partition(".")[0]
        if name in _NAMES:
            return sys.modules[name]
    raise TypeError(f"not an object of httpx or httpx2: {type(value).__qualname__}")


@functools.cache
def sdk_library() -> ModuleType:
    """Import the HTTP library that the installed anthropic speaks, without importing anthropic."""
    try:
        needs = importlib.metadata.requires("anthropic") or []
    except importlib.metadata.PackageNotFoundError:
        needs = []
    modern = any(re.match(r"httpx2\b", need) for need in needs)
    return importlib.import_module("httpx2" if modern else "httpx")


def ending_of(error: BaseException) -> tuple[Ending, str | None]:
    """Say how a body ended that ended with this exception, and in which words."""
    names = {cls.__name__ for cls in type(error).__mro__}
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if not isinstance(error, Exception):  # nothing that a network does: cancelled, interrupted, thrown away
        return Ending.ABANDONED, None
    if "TimeoutException" in names or isinstance(error, TimeoutError):
        return Ending.TIMEOUT, words
    if "RemoteProtocolError" in names:
        return Ending.CUT, words
    return Ending.RESET, words


def exception_for(library: ModuleType, end: End | None, head: Head, name: str) -> Exception | None:
    """Return what the real transport would have raised at such an end; None for a whole body.

    `name` is the recording's, for the ends that only a recording can have.
    """
    if head.response is None:
        return _refusal(library, end)
    if end is None:
        return _error(library, "RemoteProtocolError", f"{name}: the recording stops here, it has no end")
    match end.how:
        case Ending.COMPLETE:
            return None
        case Ending.TIMEOUT:
            return _error(library, "ReadTimeout", _words(end, "timed out"))
        case Ending.RESET:
            return _error(library, "ReadError", _words(end, "[Errno 104] Connection reset by peer"))
        case Ending.CUT:
            told = "peer closed connection without sending complete message body (incomplete chunked read)"
            return _error(library, "RemoteProtocolError", _words(end, told))
        case Ending.ABANDONED:
            told = f"{name}: the recording stops here, its reader had enough"
            return _error(library, "RemoteProtocolError", told)


def _refusal(library: ModuleType, end: End | None) -> Exception:
    """A request that got no response: the exception its error names, or else the end's."""
    kind = (end.error or "").partition(":")[0] if end else ""
    known = getattr(library, kind, None)
    if not (isinstance(known, type) and issubclass(known, library.TransportError)):
        kind = "ConnectTimeout" if end and end.how is Ending.TIMEOUT else "ConnectError"
    return _error(
        library, kind, _words(end, "no response was recorded") if end else "no response was recorded"
    )


def _error(library: ModuleType, kind: str, message: str) -> Exception:
    error: Exception = getattr(library, kind)(message)
    return error


def _words(end: End, otherwise: str) -> str:
    """The recorded words, without the name of the exception that said them."""
    if not end.error:
        return otherwise
    name, colon, words = end.error.partition(": ")
    return words if colon and name.isidentifier() else end.error
