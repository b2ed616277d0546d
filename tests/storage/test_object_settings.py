"""The settings of clouds: blank ones are unset, and no nonsense makes a client panic."""

from __future__ import annotations

import os

import pytest

from inspector.errors import RecordingError
from inspector.storage import listed, object_clients
from inspector.storage.object_settings import endpoint_of, plain_settings

CLOUDS = {
    "s3://bucket/": """
        AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL AWS_ENDPOINT AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE
        AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SKIP_SIGNATURE AWS_ALLOW_HTTP
        AWS_CA_BUNDLE
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_REQUEST_PAYER AWS_S3_EXPRESS AWS_CHECKSUM_ALGORITHM
        AWS_VIRTUAL_HOSTED_STYLE_REQUEST AWS_SERVER_SIDE_ENCRYPTION AWS_CONDITIONAL_PUT""",
    "gs://bucket/": """
        GOOGLE_BASE_URL GOOGLE_SERVICE_ACCOUNT GOOGLE_SERVICE_ACCOUNT_KEY GOOGLE_APPLICATION_CREDENTIALS
        GOOGLE_BEARER_TOKEN GOOGLE_SKIP_SIGNATURE GOOGLE_ALLOW_HTTP""",
    "az://bucket/": """
        AZURE_STORAGE_ENDPOINT AZURE_ENDPOINT AZURE_STORAGE_ACCOUNT_NAME AZURE_STORAGE_ACCOUNT_KEY
        AZURE_STORAGE_SAS_TOKEN AZURE_STORAGE_TOKEN AZURE_SKIP_SIGNATURE AZURE_USE_AZURE_CLI
        AZURE_STORAGE_USE_EMULATOR AZURE_ALLOW_HTTP""",
}
VARIABLES = [(url, name) for url, names in CLOUDS.items() for name in names.split()]
IDS = [name for _, name in VARIABLES]


@pytest.fixture
def stores(fake_store, monkeypatch):
    """One store that every cloud's client reaches, by plain settings of all three."""
    monkeypatch.setattr(object_clients, "_clients", {})
    monkeypatch.setattr(object_clients, "_RETRIES", {**object_clients._RETRIES, "max_retries": 0})
    fake_store.objects = {"a.jsonl": b"1"}
    monkeypatch.setenv("GOOGLE_BASE_URL", fake_store.url)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", fake_store.url)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    for name in ("GOOGLE_SKIP_SIGNATURE", "AZURE_SKIP_SIGNATURE"):
        monkeypatch.setenv(name, "true")
    return fake_store


def outcome(url):
    """The names that are listed, or the line that says why none are."""
    return [str(each) if isinstance(each, RecordingError) else each.name for each in listed(url)]


@pytest.mark.parametrize("blank", ["", " ", "\n"])
@pytest.mark.parametrize("url, name", VARIABLES, ids=IDS)
def test_a_blank_variable_is_unset(stores, monkeypatch, url, name, blank, capfd):
    if "AWS_ENDPOINT" in name or name in ("GOOGLE_BASE_URL", "AZURE_STORAGE_ENDPOINT"):
        pytest.skip("without it the test would ask a real cloud; see the tests of endpoints")
    monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(object_clients, "_clients", {})
    unset = outcome(url)
    monkeypatch.setenv(name, blank)
    assert outcome(url) == unset
    assert os.environ[name] == blank
    assert "panicked" not in capfd.readouterr().err


NONSENSE = {
    "line": "no\nsense",
    "control": "a\x1b[2J",
    "word": "::",
    "blank": "a b",
    "unicode": "é",
    "port": "x:99999",
}


@pytest.mark.parametrize("value", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("url, name", VARIABLES, ids=IDS)
def test_no_nonsense_makes_a_client_panic(stores, monkeypatch, url, name, value, capfd):
    monkeypatch.setenv(name, value)
    for line in outcome(url):
        assert "\n" not in line and "\x1b" not in line
    assert "panicked" not in capfd.readouterr().err


ENDPOINTS = {
    "": "",
    "http://127.0.0.1:9": "",
    "https://[::1]:9/a/b": "",
    "HTTPS://S3.example.com": "",
    ":abc": "it does not begin with http:// or https://",
    "ftp://x": "it does not begin with http:// or https://",
    "127.0.0.1:9000": "it does not begin with http:// or https://",
    "http://": "it does not begin with http:// or https://",
    "http://127.0.0.1:99999": "its port is no number from 1 to 65535",
    "http://127.0.0.1:0": "its port is no number from 1 to 65535",
    "http://127.0.0.1:x": "its port is no number from 1 to 65535",
    "http://[::1": "its host or its path cannot be one",
    "http://[::1%25lo]:9": "its host or its path cannot be one",
    "http://999.1.1.1": "its host or its path cannot be one",
    "http://:9000": "its host or its path cannot be one",
    "http://a b": "it has a blank in it",
    "http://é": "its host or its path cannot be one",
    "http://xn--a": "its host or its path cannot be one",
    "http://host/<x>": "its host or its path cannot be one",
    "http://host/?a=b": "it has more than a server and a path",
}


@pytest.mark.parametrize("endpoint, wrong", ENDPOINTS.items(), ids=repr)
def test_an_endpoint_is_used_or_says_what_is_wrong_with_it(clouds_unset, monkeypatch, endpoint, wrong):
    pytest.importorskip("obstore")
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    if not wrong:
        assert endpoint_of(("AWS_ENDPOINT_URL",), object_clients._parses, "s3://b") == (
            "AWS_ENDPOINT_URL" if endpoint else "",
            endpoint,
        )
        return
    with pytest.raises(RecordingError) as caught:
        endpoint_of(("AWS_ENDPOINT_URL",), object_clients._parses, "s3://b")
    assert str(caught.value).startswith(f"s3://b: AWS_ENDPOINT_URL is {endpoint.partition('?')[0]!r}"[:-1])
    assert wrong in str(caught.value) and "write http://HOST:PORT or https://HOST:PORT" in str(caught.value)


@pytest.mark.parametrize("endpoint", ["https://me:s3/cr@t@host", "me:s3cr@t@host", "https://host/?sig=s3cr"])
def test_an_endpoint_is_shown_without_its_secrets(clouds_unset, monkeypatch, endpoint):
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(RecordingError) as caught:
        endpoint_of(("AWS_ENDPOINT_URL",), object_clients._parses, "s3://b")
    assert "host" in str(caught.value) and "s3" not in str(caught.value).removeprefix("s3://b")


def test_blanks_around_a_value_are_no_part_of_it(stores, monkeypatch, capfd):
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, f" {os.environ[name]}\n")
    assert outcome("s3://bucket/") == ["s3://bucket/a.jsonl"]
    assert "Credential=loopback/" in stores.requests[0][2]["Authorization"]


def test_a_blank_endpoint_leaves_the_next_one_to_count(stores, monkeypatch, capfd):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "")
    monkeypatch.setenv("AWS_ENDPOINT", "")
    assert outcome("s3://bucket/") == ["s3://bucket/a.jsonl"]
    assert "panicked" not in capfd.readouterr().err


def test_a_blank_endpoint_is_unset_while_a_client_is_made(clouds_unset, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("GOOGLE_BASE_URL", " http://x ")
    with plain_settings((), "s3://b"):
        assert "AWS_ENDPOINT_URL" not in os.environ and os.environ["GOOGLE_BASE_URL"] == "http://x"
    assert (os.environ["AWS_ENDPOINT_URL"], os.environ["GOOGLE_BASE_URL"]) == ("", " http://x ")


def test_the_most_special_endpoint_counts_and_no_other_is_read(stores, monkeypatch, capfd):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", stores.url)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, "https://nothing.invalid")
    assert outcome("s3://bucket/") == ["s3://bucket/a.jsonl"]
    assert os.environ["AWS_ENDPOINT"] == "https://nothing.invalid"


def test_a_line_break_in_a_token_is_one_line_that_hides_it(stores, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "s3cr\nt")
    (line,) = outcome("s3://bucket/")
    assert line == (
        "s3://bucket: AWS_SESSION_TOKEN has a line break in it, which no request can have: "
        "set it again, without it"
    )
