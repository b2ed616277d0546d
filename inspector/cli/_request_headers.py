"""The option `--header 'NAME: VALUE'` of commands that send requests."""

from __future__ import annotations

import re

import click

__all__ = ["header_option", "parsed_headers"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 9110, 5.6.2

header_option = click.option(
    "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A request header. Repeatable."
)


def parsed_headers(headers: tuple[str, ...]) -> dict[str, str]:
    """Return the headers that the option names.

    Raises `click.BadParameter` for what is none, and does not repeat it: it may hold a key.
    """
    parsed = {}
    for number, header in enumerate(headers, 1):
        name, colon, value = header.partition(":")
        if not colon or not _NAME.fullmatch(name.strip()):
            which = f"number {number}" if len(headers) > 1 else "this"
            raise click.BadParameter(f"{which} is not a header; write 'Name: value'", param_hint="--header")
        parsed[name.strip()] = value.strip()
    return parsed
