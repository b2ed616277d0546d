"""The HTTP library of a client: `httpx2` under anthropic 1.0 and later, `httpx` under 0.x.

Both libraries have classes of the same names, and each refuses objects of the other. Nothing in here imports
one before it is needed. The second half translates, in both directions, between how a body ended and the
exception that the library raises for it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.metadata
import re
import sys
from types import ModuleType

from inspector.recording import End, Ending, Head

__all__ = ["UNDECODABLE", "ending_of", "exception_for", "installed_libraries", "library_of", "sdk_library"]

_NAMES = ("httpx2", "httpx")
_NETWORK = frozenset({*_NAMES, "httpcore2", "httpcore", "h11", "h2", "anyio", "trio", "asyncio", "ssl"})
UNDECODABLE = "DecodingError"
"""The exception for a body that does not decode; a recorded end begins with its name."""


def library_of(value: object) -> ModuleType:
    """Return the HTTP library that a request, response or client belongs to.

    Raises `TypeError` if it belongs to neither.
    """
    for cls in type(value).__mro__:
        name = cls.__module__.partition(".")[0]
        if name in _NAMES:
            return sys.modules[name]
    raise TypeError(f"not an object of httpx or httpx2: {type(value).__qualname__}")


@functools.cache
def sdk_library() -> ModuleType:
    """Import the HTTP library that the installed anthropic uses, without importing anthropic."""
    return importlib.import_module("httpx2" if _sdk_is_modern() else "httpx")


def _sdk_is_modern() -> bool:
    """Whether the installed anthropic requires httpx2."""
    try:
        requirements = importlib.metadata.requires("anthropic") or []
    except importlib.metadata.PackageNotFoundError:
        return False
    return any(re.match(r"httpx2\b", requirement) for requirement in requirements)


def installed_libraries() -> list[str]:
    """Return the SDK and the HTTP library that it uses with their versions, those that are installed."""
    libraries = []
    for name in ("anthropic", "httpx2" if _sdk_is_modern() else "httpx"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            libraries.append(f"{name} {importlib.metadata.version(name)}")
    return libraries


def ending_of(error: BaseException) -> tuple[Ending, str | None]:
    """Return how a body ended if reading it raised `error`, and the text to record for it."""
    names = {cls.__name__ for cls in type(error).__mro__}
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if not isinstance(error, Exception):  # the reader's own doing: cancelled, interrupted, closed
        return Ending.ABANDONED, None
    if "TimeoutException" in names or isinstance(error, TimeoutError):
        return Ending.TIMEOUT, text
    if "RemoteProtocolError" in names:
        return Ending.CUT, text
    if isinstance(error, OSError) or _of_the_network(type(error)):
        return Ending.RESET, text
    return Ending.ABANDONED, text  # the caller's own, such as that of a signal handler


def _of_the_network(error: type[BaseException]) -> bool:
    """Whether an exception is of a library that brings the bytes."""
    return any(cls.__module__.partition(".")[0] in _NETWORK for cls in error.__mro__)


def exception_for(library: ModuleType, end: End | None, head: Head, name: str) -> Exception | None:
    """Return the exception that the network would have caused at such an end; None for a complete body.

    `name` is the recording's name, for ends that only a recording can have.
    """
    if head.response is None:
        return _refusal(library, end)
    if end and end.error and end.error.startswith(UNDECODABLE):  # however the body ended
        return _error(library, UNDECODABLE, _message(end, "the body does not decode"))
    if end is None:
        return _error(library, "RemoteProtocolError", f"{name}: the recording stops here, it has no end")
    match end.how:
        case Ending.COMPLETE:
            return None
        case Ending.TIMEOUT:
            return _error(library, "ReadTimeout", _message(end, "timed out"))
        case Ending.RESET:
            return _error(library, "ReadError", _message(end, "[Errno 104] Connection reset by peer"))
        case Ending.CUT:
            default = "peer closed connection without sending complete message body (incomplete chunked read)"
            return _error(library, "RemoteProtocolError", _message(end, default))
        case Ending.ABANDONED:
            text = f"{name}: the recording stops here, its reader closed it early"
            return _error(library, "RemoteProtocolError", text)


def _refusal(library: ModuleType, end: End | None) -> Exception:
    """Make the exception for a request without a response, of the recorded kind if the library has it."""
    kind = (end.error or "").partition(":")[0] if end else ""
    recorded = getattr(library, kind, None)
    if not (isinstance(recorded, type) and issubclass(recorded, library.TransportError)):
        kind = "ConnectTimeout" if end and end.how is Ending.TIMEOUT else "ConnectError"
    default = "no response was recorded"
    return _error(library, kind, _message(end, default) if end else default)


def _error(library: ModuleType, kind: str, message: str) -> Exception:
    error: Exception = getattr(library, kind)(message)
    return error


def _message(end: End, default: str) -> str:
    """Return the recorded text of an exception, without the exception's name."""
    if not end.error:
        return default
    name, colon, message = end.error.partition(": ")
    return message if colon and name.isidentifier() else end.error
