"""Whoever imports a module, and however: the watch learns of it once it is there, and leaves no trace."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
import zipfile

import pytest

from inspector.pytest_plugin._import_watch import ImportWatch

NAME = "a_watched_package"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a package of two modules. Afterwards nothing of it is imported."""
    package = tmp_path / NAME
    package.mkdir()
    (package / "__init__.py").write_text(f"from {NAME}.inner import VALUE\n")
    (package / "inner.py").write_text("VALUE = 1\n")
    (tmp_path / "another_one.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield package
    for name in [name for name in sys.modules if name.startswith((NAME, "another_one"))]:
        del sys.modules[name]


@pytest.fixture
def seen():
    """What was there each time that the watch was told."""
    before, seen = list(sys.meta_path), []
    watch = ImportWatch("watched", lambda: seen.append(hasattr(sys.modules.get(NAME), "VALUE")))
    watch.start()
    yield seen
    watch.stop()
    assert sys.meta_path == before


def in_a_thread():
    thread = threading.Thread(target=importlib.import_module, args=[NAME])
    thread.start()
    thread.join()


def lazily():
    spec = importlib.util.find_spec(NAME)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = sys.modules[NAME] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.VALUE == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda: __import__(NAME),
        lambda: importlib.import_module(NAME),
        lambda: importlib.import_module(f"{NAME}.inner"),
        in_a_thread,
        lazily,
    ],
    ids=["import", "import_module", "a submodule first", "in a thread", "lazily"],
)
def test_an_import_is_reported_when_the_module_is_there(folder, seen, act):
    act()
    assert seen == [False, True]  # of the inner module, and of the package


def test_a_module_that_is_loaded_again_is_reported_again(folder, seen):
    module = importlib.import_module(NAME)
    importlib.reload(module)
    assert seen == [False, True, True]


def test_other_modules_and_failed_imports_are_not_reported(folder, seen):
    importlib.import_module("another_one")
    (folder / "__init__.py").write_text("raise ImportError('broken')\n")
    with pytest.raises(ImportError, match="broken"):
        importlib.import_module(NAME)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(f"{NAME}_of_nobody")
    assert seen == []


def test_a_module_has_its_own_loader_and_its_source(folder, seen):
    module = importlib.import_module(NAME)
    real = importlib.machinery.SourceFileLoader
    assert type(module.__loader__) is type(module.__spec__.loader) is real
    assert "VALUE" in module.__loader__.get_source(NAME)


def test_a_folder_without_code_is_imported_as_ever(folder, seen):
    (folder.parent / "watched_folder").mkdir()
    assert importlib.import_module("watched_folder").__path__
    assert seen == []


def test_a_module_in_an_archive_is_reported(seen, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        archive.writestr("watched_archive.py", "VALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path / "some.zip")
    assert importlib.import_module("watched_archive").VALUE == 1
    del sys.modules["watched_archive"]
    assert seen == [False]


def test_two_watches_both_learn_and_start_puts_a_watch_in_front(folder, seen):
    more = []
    first = ImportWatch("watched", lambda: more.append(1))
    first.start()
    try:
        sys.meta_path.insert(0, object())  # a finder of somebody else's, that may hide what is behind it
        first.start()
        assert sys.meta_path[0] is first
        del sys.meta_path[1]
        module = importlib.import_module(NAME)
    finally:
        first.stop()
    assert (seen, more) == ([False, True], [1, 1])
    assert type(module.__spec__.loader) is importlib.machinery.SourceFileLoader
