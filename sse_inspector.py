"""Where the programs and the pytest plugin of the package sse-inspector begin.

A project may have a module `inspector` of its own, which Python then imports instead of ours. This module has
a name that nobody else uses, so it can say so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

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
    """The pytest plugin if it cannot be imported: it says so, and runs only tests that do without it.

    Without the plugin, a test that is to be answered from recordings would call the API.
    """

    def __init__(self, hidden: str) -> None:
        self._why = _explain(hidden)

    def pytest_addoption(self, parser: pytest.Parser) -> None:
        """Explain why pytest does not know an option of the plugin: it prints this below the error."""
        parser.addini("inspector_block_network", "Refused: the plugin is off.", type="bool", default=False)
        parser.extra_info["inspector"] = f"off, because {self._why}"

    def pytest_configure(self, config: pytest.Config) -> None:
        """Refuse to run if the network is to be blocked."""
        if config.getini("inspector_block_network"):
            raise self._refusal("the setting inspector_block_network")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Refuse to run a test that is to be answered from recordings."""
        if not hasattr(session.config, "workerinput"):  # a worker of pytest-xdist would be said to be broken
            for item in session.items:
                self.pytest_runtest_setup(item)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Fail such a test in a worker, and one that is marked only now."""
        if item.get_closest_marker("recording"):
            raise self._refusal(f"the marker recording of {item.nodeid}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say that the plugin is off. This is no warning: `-W error` would end the run."""
        terminalreporter.write_line(f"inspector: off, because {self._why}")

    def _refusal(self, used: str) -> Exception:
        import pytest

        return pytest.UsageError(f"inspector: {used} does nothing here, because {self._why}")


def pytest_plugin_registered(manager: pytest.PytestPluginManager) -> None:
    """Load the plugin if pytest got this module in its place: `-p sse_inspector`.

    Without it, a test that is to be answered from recordings would call the API.
    """
    if not manager.has_plugin("inspector"):  # the name of the entry point, so that there is one of it
        manager.register(__getattr__("plugin"), "inspector")


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
