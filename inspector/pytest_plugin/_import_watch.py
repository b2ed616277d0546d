"""Learn of a module as soon as it has been imported, whoever imports it, however, and in whatever thread.

A finder at the front of `sys.meta_path` lets those behind it find the module, and lets the module's own
loader run it. `import`, `importlib.import_module` and `importlib.reload` all come this way. Other imports
cost one look at their name. No object of this file stays in the module that was imported.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["ImportWatch"]


class ImportWatch:
    """Call `imported` after each run of a module whose dotted name contains `part`."""

    def __init__(self, part: str, imported: Callable[[], object]) -> None:
        self._part = part
        self._imported = imported

    def start(self) -> None:
        """Watch from now on, before any finder that others have put in front meanwhile."""
        if not sys.meta_path or sys.meta_path[0] is not self:
            self.stop()
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Watch no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what the finders behind this one return, with a loader that tells when it has run."""
        if self._part not in name or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find else None
            if spec is not None:
                if spec.loader is not None:  # a folder without `__init__.py` has none, and nothing to run
                    spec.loader = _Reporting(spec.loader, self._imported)  # type: ignore[assignment]
                return spec
        return None


class _Reporting:
    """A module's own loader, that reports when it has run the module."""

    def __init__(self, loader: Any, imported: Callable[[], object]) -> None:
        self._loader = loader
        self._imported = imported

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        # Before it runs: what reads its source or its files needs the loader's own type.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._imported()
