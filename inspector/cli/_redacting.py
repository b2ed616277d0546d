"""The options that say what a recording loses when it is written."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from inspector.redact import CONTENT, KEEP_IDS, Redaction

__all__ = ["redact_options"]


def redact_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--redact`, `--redact-pattern` and `--redact-key`; it gets them as `redaction`."""

    @functools.wraps(function)
    def with_redaction(
        *arguments: Any,
        redact: tuple[str, ...],
        redact_patterns: tuple[str, ...],
        redact_key: str | None,
        **options: Any,
    ) -> Any:
        redaction = _redaction(redact, redact_patterns, redact_key)
        return function(*arguments, redaction=redaction, **options)

    for option in reversed(_OPTIONS):
        with_redaction = option(with_redaction)
    return with_redaction


_OPTIONS = (
    click.option(
        "--redact",
        multiple=True,
        metavar="WHAT",
        help=f"Mask also {', '.join(CONTENT)}, with commas; {KEEP_IDS} keeps ids as they are. Repeatable.",
    ),
    click.option(
        "--redact-pattern",
        "redact_patterns",
        multiple=True,
        metavar="NAME=REGEX",
        help="Mask also what the regular expression matches, and count it as NAME. Repeatable.",
    ),
    click.option(
        "--redact-key",
        metavar="TEXT",
        help="Makes the pseudonyms of ids: the same key, the same ones. Default: INSPECTOR_REDACT_KEY, or a "
        "random key.",
    ),
)


def _redaction(what: tuple[str, ...], patterns: tuple[str, ...], key: str | None) -> Redaction:
    named = {}
    for pattern in patterns:
        name, equals, regex = pattern.partition("=")
        if not equals or not regex:
            raise click.BadParameter(f"{pattern!r} is not NAME=REGEX", param_hint="--redact-pattern")
        named[name] = regex
    try:
        return Redaction(what, patterns=named, key=key)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--redact") from error
