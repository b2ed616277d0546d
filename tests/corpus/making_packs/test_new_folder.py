"""An old folder stays until the new one is whole."""

from __future__ import annotations

import pytest

from inspector import RecordingError
from inspector.corpus.making_packs.new_folder import new_folder


def write(folder, name="new.txt", replaces=None, error=None):
    with new_folder(folder, replaces=replaces) as target:
        (target / name).write_text("new")
        if error:
            raise error


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    return folder


def test_a_folder_is_made_with_those_above_it(tmp_path):
    write(tmp_path / "a" / "b")
    assert names(tmp_path / "a" / "b") == ["new.txt"]


def test_an_empty_folder_is_taken(tmp_path):
    write(tmp_path)
    assert names(tmp_path) == ["new.txt"]


def test_what_was_written_until_an_interruption_stays(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a", error=KeyboardInterrupt())
    assert names(tmp_path / "a") == ["new.txt"]


def test_an_empty_folder_is_not_left(tmp_path):
    with new_folder(tmp_path / "a"):
        pass
    assert not (tmp_path / "a").exists()


def test_an_old_folder_is_refused(old):
    with pytest.raises(RecordingError, match="exists already; --overwrite replaces it"):
        write(old)
    assert names(old) == ["old.txt"]


def test_a_file_is_refused(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(RecordingError, match="exists already"):
        write(tmp_path / "a")


def test_an_old_folder_is_replaced_whole(old):
    write(old, replaces=lambda path: True)
    assert (names(old), names(old.parent)) == (["new.txt"], ["old"])


def test_an_old_folder_stays_if_the_new_one_fails(old):
    with pytest.raises(KeyboardInterrupt):
        write(old, replaces=lambda path: True, error=KeyboardInterrupt())
    assert (names(old), names(old.parent)) == (["old.txt"], ["old"])


def test_a_folder_with_something_else_in_it_is_not_replaced(old):
    (old / "mine.doc").write_text("")
    with pytest.raises(RecordingError, match=r"holds other things, such as mine\.doc"):
        write(old, replaces=lambda path: path.name == "old.txt")
    assert names(old) == ["mine.doc", "old.txt"]
