"""How a `console` block is coloured: only `$ ` begins a command, since output may begin with `#` or `%`."""

from __future__ import annotations

from pygments.lexer import RegexLexer, bygroups, using  # type: ignore[import-untyped]
from pygments.lexers.shell import BashLexer  # type: ignore[import-untyped]
from pygments.token import Generic  # type: ignore[import-untyped]

__all__ = ["ConsoleLexer"]


class ConsoleLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """Commands after `$ `, as bash reads them, and what they print."""

    name = "console"
    tokens = {  # noqa: RUF012 - as Pygments declares it
        "root": [(r"^(\$ )(.*\n)", bygroups(Generic.Prompt, using(BashLexer))), (r".*\n", Generic.Output)]
    }
