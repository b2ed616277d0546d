"""The page of the pytest plugin: its options, settings, marker and fixtures, as the plugin registers them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from _extension.markdown import code, fence, plain
from inspector import pytest_plugin
from inspector.pytest_plugin._options import MARKER

__all__ = ["pytest_page"]

_HEAD = """\
# pytest plugin

What the plugin adds to pytest: it is there when the package is installed. [In pytest](../pytest.md) shows its
use, [Which recording answers](../matching.md) explains the modes, [A verdict on the client](../verdict.md)
the faults.
"""


def pytest_page() -> tuple[str, str]:
    """Return the path below `docs/` of the page, and its text."""
    parser = pytest.Parser(_ispytest=True)
    pytest_plugin.pytest_addoption(parser)
    usage, _, text = MARKER.partition("): ")
    parts = [
        _HEAD,
        "## Marker",
        fence(f"@pytest.mark.{usage})", "python", wrap=True),
        plain(text[0].upper() + text[1:]),
        "## Options",
        "```{program} pytest\n```",
        *map(_option, parser.getgroup("inspector").options),
        "## Settings",
        "In pytest's configuration file:",
        *_settings(parser),
        "## Fixtures",
        *map(_fixture, pytest_plugin.__all__),
    ]
    return "reference/pytest.md", "\n\n".join([*parts, ""])


def _option(option: object) -> str:
    names: list[str] = option.names()  # type: ignore[attr-defined]
    attributes: dict[str, object] = option.attrs()  # type: ignore[attr-defined]
    choices = attributes.get("choices")
    value = "|".join(choices) if isinstance(choices, list) else str(attributes.get("metavar") or "")
    shown = f"{', '.join(names)}{f'={value}' if value else ''}"
    return f":::{{option}} {shown}\n{plain(str(attributes.get('help')))}\n:::"


def _settings(parser: pytest.Parser) -> Iterator[str]:
    for name, (text, kind, default) in parser._inidict.items():
        yield f"- {code(name)} ({kind}; default: {code(str(default).lower())}): {plain(str(text))}"


def _fixture(name: str) -> str:
    fixture = getattr(pytest_plugin, name)
    scope = fixture._fixture_function_marker.scope
    paragraphs = (inspect.getdoc(fixture) or "").split("\n\n")
    return "\n\n".join(
        [f"### {name}", f"Scope: {scope}.", *(plain(" ".join(each.split())) for each in paragraphs)]
    )
