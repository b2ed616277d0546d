"""What can go wrong on the way to the upstream, as the client, the recording and the operator see it.

The client gets a status and a message. The recording gets the error that an HTTP library raises for the same,
so that playing it back raises that error again.
"""

from __future__ import annotations

import errno
import os
import ssl
from dataclasses import dataclass

from inspector.recording import Ending

__all__ = ["NoResponseError", "broken_off", "unreachable"]

_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


@dataclass(slots=True)
class NoResponseError(Exception):
    """Why a request has no response.

    `status`, `kind` (the API's type of error) and `message` are for the client, `end` and `error` for the
    recording. If it is `final`, the client must not try again.
    """

    status: int
    kind: str
    message: str
    end: Ending
    error: str
    final: bool = False


def unreachable(shown: str, error: Exception) -> NoResponseError:
    """Say that no connection to a server came about."""
    if isinstance(error, TimeoutError):
        text = f"ConnectTimeout: {_text(error)}"
        return NoResponseError(
            504, "timeout_error", f"{shown} cannot be reached: {text}", Ending.TIMEOUT, text, True
        )
    text = f"ConnectError: {_text(error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        message = (
            f"the certificate of {shown} does not verify: {error.verify_message}. Set SSL_CERT_FILE to a "
            "file with the certificate of the authority that signed it"
        )
        return NoResponseError(502, "api_error", message, Ending.RESET, text, True)
    if isinstance(error, OSError) and error.errno in _NO_DESCRIPTORS:
        message = "this process may not open more files: raise its limit (ulimit -n)"
        return NoResponseError(503, "overloaded_error", message, Ending.RESET, text)
    return NoResponseError(502, "api_error", f"{shown} cannot be reached: {text}", Ending.RESET, text, True)


def broken_off(shown: str, end: Ending, error: BaseException | None, received: bytes) -> NoResponseError:
    """Say that a connection ended before the head of a response was complete."""
    if end is Ending.RESET:
        text = f"ReadError: {_text(error)}" if error else "ReadError"
        return NoResponseError(
            502, "api_error", f"{shown} reset the connection before its response", end, text
        )
    what = "in the middle of a response's head" if received else "without a response"
    text = "RemoteProtocolError: Server disconnected without sending a response."
    return NoResponseError(502, "api_error", f"{shown} closed the connection {what}", Ending.CUT, text)


def _text(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno and error.errno > 0 and not isinstance(error, ssl.SSLError):
        return f"[Errno {error.errno}] {os.strerror(error.errno)}"
    return str(error) or type(error).__name__
