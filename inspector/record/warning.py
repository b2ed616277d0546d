"""The warning that something is not recorded. It never raises: the stream itself goes on."""

from __future__ import annotations

import contextlib
import sys
import warnings

from inspector.errors import RecordingWarning
from inspector.escaping import escape
from inspector.redact import mask_text

__all__ = ["warn"]


def warn(message: str) -> None:
    """Issue a `RecordingWarning`. If warnings are errors, write to stderr instead: nothing may raise here."""
    message = escape(mask_text(message))
    try:
        warnings.warn(message, RecordingWarning, stacklevel=3)
    except Exception:
        stderr = sys.stderr
        if stderr is not None:  # otherwise `print` would write to stdout
            with contextlib.suppress(Exception):  # stderr may be closed, full, or not even a file
                print(f"inspector: {message}", file=stderr)
