"""One module of the command line writes; every other one goes through it."""

from __future__ import annotations

import ast

import pytest
from package_modules import MODULES, dotted, imports, parsed, room, short

WRITERS = {
    "inspector.cli._printing",
    "inspector.cli._request_log",  # writes to the file that it is given, escaped
}
WRITES = {"echo", "secho", "print", "write", "writelines", "echo_via_pager", "show"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}

of_people = pytest.mark.parametrize(
    "path",
    [
        path
        for path in MODULES
        if room(dotted(path)) in ("cli", "pytest_plugin") and dotted(path) not in WRITERS
    ],
    ids=short,
)


def written(tree):
    """Calls that print, write to a standard stream, or hand one to somebody who does."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id == "print":
            yield "print"
        elif isinstance(function, ast.Attribute) and function.attr in WRITES:
            target = ast.unparse(function.value)
            if target == "click" or target.split(".")[0] == "sys":
                yield f"{target}.{function.attr}"


@of_people
def test_no_module_prints_by_itself(path):
    assert list(written(parsed(path))) == []


@of_people
def test_no_module_keeps_a_way_around_the_one_that_prints(path):
    assert "click.echo" not in imports(path)
    names = [
        alias.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module in ("click", "sys")
        for alias in node.names
    ]
    assert not STREAMS.union(WRITES).intersection(names)


@pytest.mark.parametrize(
    "code", ["print(1)", "click.echo(1)", "sys.stdout.write('')", "sys.stderr.buffer.write(b'')"]
)
def test_the_search_finds_what_it_is_for(code):
    assert list(written(ast.parse(code)))
