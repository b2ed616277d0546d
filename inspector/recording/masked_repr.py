"""How a value of a recording shows itself in a traceback or a failing assertion: without secrets."""

from __future__ import annotations

from typing import Any

__all__ = ["masked_repr"]


def masked_repr(value: Any) -> str:
    """Return what Python shows of a dataclass or a named tuple, with the secrets in it masked."""
    from inspector.redact import mask_text  # its patterns take a while to compile, and few values are shown

    names = getattr(value, "_fields", None) or value.__dataclass_fields__
    fields = ", ".join(f"{name}={getattr(value, name)!r}" for name in names)
    return mask_text(f"{type(value).__name__}({fields})")
