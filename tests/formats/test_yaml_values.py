"""YAML as cassettes have it, compared with PyYAML's own loader."""

from __future__ import annotations

import pytest
import yaml
from conftest import ROOT
from format_texts import SAME_BODY
from hypothesis import given
from hypothesis import strategies as st

from inspector.formats.yaml_values import yaml_documents

FILES = sorted((ROOT.parent / "shared" / "formats").glob("*vcr*.y*ml"))
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\"':#-"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXT | st.binary(),
    lambda inside: st.lists(inside) | st.dictionaries(TEXT, inside),
    max_leaves=20,
)


def values(text):
    return [value for _, value in yaml_documents(text, "x")]


@given(VALUES)
def test_what_pyyaml_writes_is_read_as_it_was(value):
    assert values(yaml.safe_dump(value, allow_unicode=True).encode()) == [value]


@pytest.mark.parametrize("name", [name for name in SAME_BODY if name.endswith((".yaml", ".yml"))])
def test_cassettes_are_read_as_pyyaml_reads_them(name):
    assert values(SAME_BODY[name]) == list(yaml.safe_load_all(SAME_BODY[name]))


@pytest.mark.skipif(not FILES, reason="other people's files are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_cassettes_of_other_people_are_read_as_pyyaml_reads_them(path):
    class Loader(yaml.CSafeLoader):
        """With Ruby's tag for bytes."""

    Loader.add_constructor("!binary", yaml.constructor.SafeConstructor.construct_yaml_binary)
    assert values(path.read_bytes()) == list(yaml.load_all(path.read_bytes(), Loader))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"a: 2023-06-01", {"a": "2023-06-01"}),
        (b"a: 190:20:30", {"a": "190:20:30"}),
        (b"a: yes", {"a": "yes"}),
        (b"a: 1.10", {"a": "1.10"}),
        (b"a: 007", {"a": 7}),
        (b"a: '7'", {"a": "7"}),
        (b"a: !str 7", {"a": "7"}),
        (b"a: !!python/name:os.system x", {"a": "x"}),
        (b"a: !binary aGk=", {"a": b"hi"}),
        (b"a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        (b"", None),
    ],
    ids=repr,
)
def test_plain_text_stays_text_and_tags_construct_nothing(text, value):
    assert values(text) == ([] if value is None else [value])


def test_a_mapping_knows_its_line():
    ((line, (first, second)),) = yaml_documents(b"\n- a: 1\n- b:\n    2\n", "x")
    assert (line, first.line, second.line) == (2, 2, 3)


def test_each_document_is_read_when_it_is_needed():
    documents = yaml_documents(b"a: 1\n---\nb: [\n", "x")
    assert next(documents) == (1, {"a": 1})
    with pytest.raises(Exception, match="x:4: not YAML"):
        next(documents)
