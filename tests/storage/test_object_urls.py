"""URLs of objects: a key stands as it is, and no name has a secret."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from inspector.errors import RecordingError
from inspector.storage.object_urls import SecretURL, place_of, public_name, whole, without_user

SECRET = "s3cr3t"
WITH_SECRETS = [
    f"https://host/a.jsonl?X-Amz-Signature={SECRET}",
    f"https://host/a.jsonl#{SECRET}",
    f"https://host/a.jsonl?{SECRET}",
    f"https://host?{SECRET}/a.jsonl",
    f"http://user:{SECRET}@host/a.jsonl",
    f"https://{SECRET}@host:443/a/b@c?x={SECRET}@",
    f"HTTPS://{SECRET}@host/a.jsonl",
]


@pytest.mark.parametrize(
    "url, root, key",
    [
        ("s3://bucket", "s3://bucket", ""),
        ("s3://bucket/", "s3://bucket", ""),
        ("s3://bucket//a", "s3://bucket", "/a"),
        ("S3A://bucket/a b%20?#&.jsonl", "S3A://bucket", "a b%20?#&.jsonl"),
        ("s3://bucket/a\nb/../ü/", "s3://bucket", "a\nb/../ü/"),
        ("abfss://box@account.dfs.core.windows.net/a", "abfss://box@account.dfs.core.windows.net", "a"),
        ("https://host/a?b#c", "https://host/a?b#c", ""),
    ],
)
def test_a_key_stands_in_a_url_as_it_is(url, root, key):
    place = place_of(url)
    assert (place.root, place.key) == (root, key)
    if not place.is_web:
        assert place_of(place.name("x/y")) == place._replace(key="x/y")


@pytest.mark.parametrize("url", WITH_SECRETS)
def test_a_name_has_no_secret_and_knows_the_url(url):
    name = public_name(url)
    assert whole(name) == url and place_of(name).root == url
    for text in (
        name,
        str(name),
        f"{name}",
        repr(name),
        json.dumps(name),
        name + "",
        f"{name!r}",
    ):
        assert SECRET not in text
    assert name == str(name) and hash(name) == hash(str(name)) and public_name(name) is name
    for copied in (pickle.loads(pickle.dumps(name)), copy.deepcopy(name), copy.copy(name)):
        assert isinstance(copied, SecretURL) and whole(copied) == url and copied == name


def test_the_container_of_an_azure_url_is_no_user_that_messages_hide():
    url = "abfss://captures@account.dfs.core.windows.net/x"
    assert str(RecordingError("no", path=url)) == f"{url}: no"
    assert SECRET not in str(RecordingError("no", path=f"abfss://captures:{SECRET}@account/x"))
    assert SECRET not in str(RecordingError("no", path=f"https://{SECRET}@account/x"))


@pytest.mark.parametrize("url", ["https://host/a%20b.jsonl", "s3://bucket/a?b", "/a/b", "abfss://c@a.net/k"])
def test_a_url_without_secrets_is_its_name(url):
    assert public_name(url) is url


@pytest.mark.parametrize(
    "url", [f"s3://key:{SECRET}@bucket/a", f"gs://{SECRET}@b/a", f"abfss://a:{SECRET}@b/a"]
)
@pytest.mark.parametrize("named", [str, public_name], ids=["as typed", "by its name"])
def test_credentials_in_the_url_of_a_bucket_are_refused_and_not_repeated(url, named):
    with pytest.raises(RecordingError, match="credentials do not belong in this URL") as caught:
        place_of(named(url))
    assert SECRET not in named(url) or named is str
    assert SECRET not in str(caught.value) and SECRET not in str(caught.value.path)


def test_a_user_is_split_off():
    assert without_user("https://a%40b:c%3A@host:1/x?y#z") == ("https://host:1/x?y", "a@b:c:")
    assert without_user("https://host/x") == ("https://host/x", None)
