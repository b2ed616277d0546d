"""Names of models, as the API and the clouds that offer it spell them."""

from __future__ import annotations

import re

__all__ = ["DEFAULT_MODEL", "model_family"]

DEFAULT_MODEL = "claude-haiku-5-5"
"""The model that our own requests name, if nobody names another: a small one."""

_FAMILY = re.compile(r"claude-(?:\d[\d.-]*-)?([a-z]{3,})")
_SNAPSHOT = re.compile(r"(?:[-@]20\d{6}|-latest)(?:-v\d+(?::\d+)?)?$|\[\w+\]$")


def model_family(name: str) -> str:
    """Return the family of a model: `opus`, `sonnet`, `haiku`, and later ones by the same pattern.

    An alias, a dated snapshot, a version and a cloud's own spelling of it have one family. A name of another
    pattern is its own family, without the date: `claude-2.1`, `my-model`.
    """
    name = _SNAPSHOT.sub("", name.lower())
    match = _FAMILY.search(name)
    return match[1] if match else name
