"""`inspector redact --scan` finds planted secrets in any file, says where, and never what they are."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner

from inspector.cli import _scanned, cli

KEY = "sk-ant-api03-q7W2e9R4t1Y6u3I8"
SECRET = "q7W2e9R4t1Y6u3I8"
FILES = {
    "test_it.py": f'import x\n\nKEY = "{KEY}"\n',
    "cassette.yaml": f"interactions:\n- request:\n    x-api-key: [{KEY}]\n",
    "recording.jsonl": '{"recording":1}\n\n{"t":1,"raw":": ' + KEY + '\\n\\n"}\n',
    "har.json": json.dumps(
        {"log": {"entries": [{"name": "authorization", "value": f"Bearer x{SECRET}"}]}}, indent=0
    ),
}


def scan(*arguments):
    return CliRunner().invoke(cli, ["redact", "--scan", *map(str, arguments)])


@pytest.mark.parametrize("name", FILES)
def test_a_secret_is_named_by_file_line_and_kind(tmp_path, name):
    (tmp_path / name).write_text(FILES[name])
    result = scan(tmp_path / name)
    line = next(number for number, text in enumerate(FILES[name].splitlines(), 1) if SECRET in text)
    kind = "bearer" if name == "har.json" else "key"
    assert (result.exit_code, result.stdout) == (1, f"{tmp_path / name}:{line}: {kind}\n")
    assert SECRET not in result.output
    assert "1 secret in 1 file" in result.stderr


def test_a_folder_is_searched_without_what_is_not_the_users_own(tmp_path):
    for folder in (".git", "node_modules", "__pycache__", "env", "src/deep"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.txt").write_text(KEY)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    assert scan(tmp_path).stdout == f"{tmp_path / 'src/deep/a.txt'}:1: key\n"


def test_without_a_path_it_searches_this_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(f"\n{KEY}\n")
    assert scan().stdout.endswith("a.txt:2: key\n")


def test_compressed_text_is_searched_and_binary_data_is_not(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(f"\n{KEY}".encode()))
    (tmp_path / "b.bin").write_bytes(b"\0" + KEY.encode())
    assert scan(tmp_path).stdout == f"{tmp_path / 'a.jsonl.gz'}:2: key\n"


def test_a_clean_tree_passes(tmp_path):
    (tmp_path / "a.py").write_text("KEY = os.environ['KEY']\n")
    result = scan(tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "inspector: no secret in 1 file\n")


def test_what_cannot_be_read_is_said(tmp_path):
    (tmp_path / "a.txt").write_text(KEY)
    result = scan(tmp_path / "none", tmp_path / "a.txt")
    assert result.exit_code == 3
    assert "none: cannot be read" in result.stderr and "a.txt:1: key" in result.stdout


@pytest.mark.parametrize("size", [7, 64, 1000])
def test_the_pieces_in_which_a_file_is_read_change_nothing(tmp_path, monkeypatch, size):
    (tmp_path / "a.txt").write_text(f"line\n\n{'x ' * 40}{KEY}\n{'y' * 200}\n{KEY}\n")
    monkeypatch.setattr(_scanned, "_PIECE", size)
    assert [secret.line for secret in _scanned.secrets_of(str(tmp_path / "a.txt"))] == [3, 5]
