"""The names of the house: one name means one thing, and words are the field's.

Modules: no two share a stem, no two stems differ by one letter, none is a drawer (`utils`), and none imports
itself in a circle. Words: private ones, which a reader would have to learn first, are in no name, docstring,
comment or message.
"""

from __future__ import annotations

import ast
import io
import itertools
import re
import token
import tokenize
from graphlib import CycleError, TopologicalSorter

import pytest
from conftest import ROOT
from package_modules import MODULES, PACKAGE, dotted, imports, parsed, room, short

# Modules


def names_of_modules():
    """The path of each module and each room, without the files that must be called as they are.

    Those are `__init__.py`, `__main__.py`, and the commands of `cli/`, which have the names that users type.
    """
    rooms = [path.parent for path in MODULES if path.name == "__init__.py" and path.parent != PACKAGE]
    commands = {path for path in PACKAGE.glob("cli/*.py") if not path.name.startswith("_")}
    files = [path for path in MODULES if not path.name.startswith("__") and path not in commands]
    return sorted(rooms + files)


def stem(path):
    return path.stem.strip("_")


def one_letter_apart(one, other):
    """Whether one stem becomes the other by changing, adding or leaving out one letter."""
    if len(one) > len(other):
        one, other = other, one
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    return any(one == other[:at] + other[at + 1 :] for at in range(len(other)))


ALIKE = {
    ("checker", "checker/checker.py"): "the room's one class, which a reader looks for under the room's name",
    ("checker/rule.py", "checker/rules"): "what a rule is, and the folder of all rules",
    ("serve", "serve/server.py"): "the room that serves, and its server",
    (
        "page",
        "play/pace.py",
    ): "the page that people look at, and the pace of a replay: both are the field's words",
    ("_json.py", "checker/rules/json.py"): "a file of rules is named as its group, which users write",
}
"""Pairs of modules whose names are alike, each with the reason why it may stay."""


def test_no_two_modules_have_names_that_are_alike():
    alike = {
        (short(one), short(other))
        for one, other in itertools.combinations(names_of_modules(), 2)
        if stem(one) == stem(other) or one_letter_apart(stem(one), stem(other))
    }
    assert alike == set(ALIKE), "rename a module, or remove a reason that is no longer needed"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("edit", "edits", True),
        ("pace", "page", True),
        ("case", "care", True),
        ("play", "player", False),
        ("record", "recorder", False),
        ("edit", "tide", False),
    ],
)
def test_what_is_one_letter_apart(one, other, alike):
    assert one_letter_apart(one, other) is one_letter_apart(other, one) is alike


def test_no_module_is_a_drawer():
    drawers = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
    assert not {short(path) for path in names_of_modules() if stem(path) in drawers}


@pytest.mark.parametrize("name", sorted({room(dotted(path)) for path in MODULES}))
def test_no_modules_of_a_room_import_each_other_in_a_circle(name):
    """An import counts wherever it stands: in a function, and for type checkers only, too."""
    inside = {dotted(path): path for path in MODULES if room(dotted(path)) == name}
    graph = {module: {each for each in imports(path) if each in inside} for module, path in inside.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


# Words

PRIVATE = ["desk", "scene", "tape", "told", "asked", "struck", "deaf", "choked", "excuse", "disown", "tempo"]
"""Words with a meaning of their own in this package, which no reader can know."""

CATCH_ALL = ["found", "words"]
"""Names that say nothing about what they hold."""

PHRASES = [
    "unless said",
    "where there is none",
    "for ever",
    "so many",
    "in vain",
    "may have it",
    "is told",
    "of its own making",
]
"""Turns of phrase that a reader whose third language is English reads twice."""

PROSE = re.compile(
    "|".join(rf"\b{word}s?\b" for word in [*PRIVATE, *PHRASES]).replace(" ", r"\s+"), re.IGNORECASE
)


def defined_names(tree):
    """Every name that a module gives to something: function, class, argument, variable, attribute, import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def private_names(tree):
    for name in defined_names(tree):
        parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_").split("_")
        if set(parts) & set(PRIVATE) or parts in ([word] for word in CATCH_ALL):
            yield name


def prose(text):
    """The comments and texts of a module, docstrings and messages, as one text a piece."""
    texts = {token.STRING, token.COMMENT, getattr(token, "FSTRING_MIDDLE", token.STRING)}
    for each in tokenize.generate_tokens(io.StringIO(text).readline):
        if each.type in texts:
            yield each.start[0], each.string


def private_prose(text):
    for line, piece in prose(text):
        yield from (f"{line}: {match[0]}" for match in PROSE.finditer(piece))


@pytest.mark.parametrize("path", MODULES, ids=short)
def test_a_module_has_no_private_words(path):
    assert list(private_names(parsed(path))) == []
    assert list(private_prose(path.read_text())) == []


@pytest.mark.parametrize("name", ["README.md", "docs/limits.md", "CHANGELOG.md", ".github/CONTRIBUTING.md"])
def test_a_document_has_no_private_words(name):
    """What stands in a code block is printed by the program, whose texts have the same law."""
    text = re.sub(r"^```.*?^```", "", (ROOT / name).read_text(), flags=re.DOTALL | re.MULTILINE)
    assert [match[0] for match in PROSE.finditer(text)] == []


@pytest.mark.parametrize(
    "source",
    [
        "told = 1",
        "def f(words): pass",
        "class DeskLamp: pass",
        "for was_asked in x: pass",
        "import a as tape",
        "self.found = 1",
        "# waits in vain",
        '"""Is told\nonce."""',
        'f"no answer, {x} for ever"',
    ],
)
def test_private_words_are_seen(source):
    assert [*private_names(ast.parse(source)), *private_prose(source)]


@pytest.mark.parametrize(
    "source",
    [
        "NOT_FOUND = 404",
        "masked = 1",
        '"the tasks"',
        "# found by its name",
        "report.words",
        "# for every one",
    ],
)
def test_plain_words_are_not_taken_for_private_ones(source):
    assert not [*private_names(ast.parse(source)), *private_prose(source)]


def test_no_two_test_files_share_a_name():
    """Without packages, pytest collects only the first of them. Those of `interop` are collected alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py") if "interop" not in path.parts]
    assert sorted(names) == sorted(set(names))
