"""A pseudonym has the length and the shape of its id, is always the same, and tells nothing of the id."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.redact import Redaction, pseudonyms_for
from inspector.redact.pseudonyms import KEY_VARIABLE, Pseudonyms

IDS = {
    "request": "req_011CSHxVbcaBpQ8exampleAAAA",
    "uuid": "e2a92dbe-388a-45bd-8e77-09f70b1b842e",
    "hex": "273b379cc404280a403993dda29175c8b4c4d4fcc73b62bbcd6f56a80013e0b9",
    "ray": "8f1a2b3c4d5e6f70-FRA",
    "e-mail": "annabelle.lee7@example.com",
    "short": "user-123",
    "number": "12345678901234567890",
}
IDS_BY_NAME = pytest.mark.parametrize("name", IDS)


def made(value, key="k"):
    return Pseudonyms(key).of(value.encode()).decode()


def shape(text):
    return "".join("0" if c.isdigit() else "a" if c.islower() else "A" if c.isupper() else c for c in text)


@IDS_BY_NAME
def test_the_same_id_has_the_same_pseudonym_with_the_same_key_only(name):
    assert made(IDS[name]) == made(IDS[name]) != IDS[name]
    assert made(IDS[name]) != made(IDS[name], "another key")
    assert len(made(IDS[name])) == len(IDS[name])


@pytest.mark.parametrize("name", ["request", "uuid", "hex", "ray", "e-mail"])
def test_a_long_one_says_that_it_is_none_and_is_its_own_pseudonym(name):
    assert "fa15e1d0" in made(IDS[name])
    assert made(made(IDS[name])) == made(made(IDS[name]), "another key") == made(IDS[name])


@pytest.mark.parametrize("name", ["short", "number"])
def test_a_short_one_has_the_shape_of_its_id(name):
    assert shape(made(IDS[name])) == shape(IDS[name])


def test_a_request_id_keeps_its_prefix_and_a_uuid_is_one_of_its_version():
    assert made(IDS["request"]).startswith("req_fa15e1d0")
    assert uuid.UUID(made(IDS["uuid"])).version == 4
    assert set(made(IDS["hex"])) <= set("0123456789abcdef")


@given(st.text(min_size=1))
def test_any_text_has_one_of_its_length_without_its_letters_and_digits(text):
    value = text.encode("utf-8", "surrogatepass").replace(b"\\", b"/").replace(b'"', b"'")
    pseudonym = Pseudonyms("k").of(value)
    assert len(pseudonym) == len(value)
    assert pseudonym.decode().isprintable() or not text.isprintable()


def test_escapes_of_a_json_string_stay_escapes():
    assert made(r"J\u00f6rg \"M\" 47\n").endswith("\\n")
    assert made(r"J\u00f6rg \"M\" 47\n").count('\\"') == 2


def test_a_process_has_a_key_of_its_own_which_the_environment_replaces(monkeypatch):
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    value = IDS["uuid"].encode()
    own = pseudonyms_for().of(value)
    assert own == Pseudonyms().of(value)
    monkeypatch.setenv(KEY_VARIABLE, "of the team")
    assert own != Pseudonyms().of(value) == Pseudonyms("of the team").of(value)


def test_a_redaction_may_keep_the_ids():
    assert pseudonyms_for(Redaction("no-ids")) is None
    value = IDS["uuid"].encode()
    assert pseudonyms_for(Redaction(key="k")).of(value) == Pseudonyms("k").of(value)


@pytest.mark.parametrize("name", ["request", "uuid", "hex", "ray"])
def test_a_text_is_revealed_with_the_ids_that_it_gave_itself(name):
    pseudonyms = Pseudonyms("k")
    line = f"request  {pseudonyms.of(IDS[name].encode()).decode()}, 12 events"
    assert pseudonyms.revealed(line) == f"request  {IDS[name]}, 12 events"
    assert Pseudonyms("k").revealed(line) == line


def test_it_remembers_a_bounded_number_of_ids():
    pseudonyms = Pseudonyms("k")
    first, *_, last = [pseudonyms.of(b"req_%020d" % n + b"abc") for n in range(5000)]
    assert pseudonyms.revealed(first.decode()) == first.decode()
    assert pseudonyms.revealed(last.decode()) == f"req_{4999:020}abc"
