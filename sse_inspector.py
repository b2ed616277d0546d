"""Where the programs and the pytest plugin of the package sse-inspector begin.

A project may have a module `inspector` of its own, which Python then imports instead of ours. This module has
a name that nobody else uses, so it can say so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

__all__ = ["hidden_by", "main"]


def hidden_by() -> str | None:
    """Return the path of another module called `inspector` that Python imports instead of ours, or None."""
    import inspector

    place = inspector.__file__ or next(iter(inspector.__path__), "")
    ours = Path(__file__).parent / "inspector" / "__init__.py"
    return None if inspector.__file__ and Path(place).resolve() == ours.resolve() else str(place)


def main() -> None:
    """Run the command line; with exit status 2 and one line if another module hides the package."""
    hidden = hidden_by()
    if hidden:
        sys.stderr.write(f"inspector: {_explain(hidden)}\n".encode("ascii", "backslashreplace").decode())
        sys.exit(2)
    from inspector.cli import main as run

    run()


def _explain(hidden: str) -> str:
    return f"{hidden!r} hides the package sse-inspector, which is called inspector, too; rename that module"


class _Hidden:
    """The pytest plugin if it cannot be imported: it says why, and lets the tests run."""

    def __init__(self, hidden: str) -> None:
        self._hidden = hidden

    def pytest_report_header(self) -> str:
        """Explain why the plugin is off."""
        return f"inspector: off, because {_explain(self._hidden)}"


def __getattr__(name: str) -> Any:
    """Return the pytest plugin as `plugin`: pytest imports it when it starts."""
    if name != "plugin":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    hidden = hidden_by()
    if hidden:
        return _Hidden(hidden)
    from inspector import pytest_plugin

    return pytest_plugin


if __name__ == "__main__":
    main()
