"""Clients of object stores: where credentials come from, what is sent, and to whom."""

from __future__ import annotations

import base64
import sys
import urllib.parse

import pytest
from object_servers import FakeStore, answer, settings

from inspector.errors import RecordingError
from inspector.storage import listed, object_clients, opened
from inspector.storage.object_urls import place_of

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def signer(store):
    """Who signed the last signed request; None if none is. The proof of an end may be requested unsigned."""
    signed = [header for _, _, headers in store.requests if (header := headers["Authorization"])]
    return signed[-1].partition("Credential=")[2].partition("/")[0] if signed else None


def names(argument):
    return [source.name for source in listed(argument)]


def test_credentials_come_from_the_environment(fake_store):
    fake_store.objects = {"a.jsonl": b"1"}
    assert names("s3://bucket/") == ["s3://bucket/a.jsonl"]
    assert signer(fake_store) == "loopback"


def test_without_any_credentials_requests_are_anonymous(fake_store, monkeypatch):
    fake_store.objects = {"a.jsonl": b"1"}
    for name in KEYS:
        monkeypatch.delenv(name)
    assert names("s3://bucket/") == ["s3://bucket/a.jsonl"]
    assert signer(fake_store) is None


def test_profiles_are_read_by_boto3(fake_store, monkeypatch, tmp_path):
    pytest.importorskip("boto3")
    fake_store.objects = {"a.jsonl": b"1"}
    for name in KEYS:
        monkeypatch.delenv(name)
    (tmp_path / "credentials").write_text(
        "[work]\naws_access_key_id = of-profile\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert names("s3://bucket/") == ["s3://bucket/a.jsonl"]
    assert signer(fake_store) == "of-profile"


PROFILES = {
    "fails": ("credential_process = /bin/false\n", "Error when retrieving credentials from custom-process"),
    "signed-out": ("sso_session = x\nsso_account_id = 1\nsso_role_name = r\n", "SSO Token"),
    "none": ("", "The config profile (none) could not be found"),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_that_cannot_be_used_is_one_line_and_never_anonymous(
    fake_store, monkeypatch, tmp_path, profile
):
    pytest.importorskip("boto3")
    settings, message = PROFILES[profile]
    for name in KEYS:
        monkeypatch.delenv(name)
    session = "[sso-session x]\nsso_region = us-east-1\nsso_start_url = https://nobody.invalid/start\n"
    (tmp_path / "config").write_text(session + (f"[profile {profile}]\n{settings}" if settings else ""))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", profile)
    (error,) = listed("s3://bucket/")
    assert str(error).startswith("s3://bucket") and "\n" not in str(error) and message in str(error)
    assert "the credentials cannot be read: " in str(error) and not fake_store.requests


def test_a_change_of_the_environment_counts_at_once(fake_store, monkeypatch):
    fake_store.objects = {"a.jsonl": b"1"}
    names("s3://bucket/")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    names("s3://bucket/")
    assert signer(fake_store) == "another"
    assert object_clients.client_of(place_of("s3://bucket/a")) is object_clients.client_of(
        place_of("s3://bucket/b")
    )


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"])
def test_plain_http_to_another_machine_must_be_allowed(clouds_unset, monkeypatch, name):
    monkeypatch.setenv(name, "http://store.invalid:9000")
    (error,) = listed("s3://bucket/")
    assert f"{name} is plain HTTP to another machine" in str(error) and "AWS_ALLOW_HTTP=true" in str(error)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    assert object_clients.client_of(place_of("s3://bucket"))


@pytest.mark.parametrize("missing, named", [KEYS, KEYS[::-1]])
def test_half_of_the_credentials_is_one_line(fake_store, monkeypatch, missing, named):
    monkeypatch.delenv(missing)
    (error,) = listed("s3://bucket/")
    assert f"set {missing}" in str(error) and named not in str(error)


def test_google_storage_is_listed_and_read(clouds_unset, monkeypatch):
    with FakeStore({"a/1.jsonl": b"1", "a/2.jsonl": b"2"}) as store:
        monkeypatch.setenv("GOOGLE_BASE_URL", store.url)
        assert names("gs://bucket/a") == ["gs://bucket/a/1.jsonl", "gs://bucket/a/2.jsonl"]
        with opened("gs://bucket/a/2.jsonl") as file:
            assert file.read() == b"2"
        assert store.requests[-1][2]["Authorization"] is None


AZURE_LISTING = (
    "<EnumerationResults><Blobs><Blob><Name>a/1.jsonl</Name><Properties>"
    "<Last-Modified>Sun, 01 Nov 2026 00:00:00 GMT</Last-Modified><Content-Length>3</Content-Length>"
    "<Content-Type>x/y</Content-Type>"
    "<BlobType>BlockBlob</BlobType><Etag>tag</Etag></Properties></Blob></Blobs><NextMarker/></EnumerationResults>"
)


def test_azure_storage_is_listed_and_read(clouds_unset, monkeypatch):
    headers = {"ETag": "tag", "Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT"}
    with FakeStore(answers={"/box/a/1.jsonl": answer(200, b"abc", **headers)}) as store:
        store.answers["/box"] = answer(200, AZURE_LISTING.encode())
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
        monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", store.url)
        for scheme in ("az", "azure", "abfss"):
            assert names(f"{scheme}://box/") == [f"{scheme}://box/a/1.jsonl"]
            with opened(f"{scheme}://box/a/1.jsonl") as file:
                assert file.read() == b"abc"


def test_azure_without_an_account_is_one_line(clouds_unset):
    (error,) = listed("az://box/")
    assert "no storage account: set AZURE_STORAGE_ACCOUNT_NAME" in str(error)


def test_without_obstore_the_message_names_the_remedy(clouds_unset, monkeypatch):
    monkeypatch.setattr(object_clients, "_clients", {})
    for module in ("obstore", "obstore.store", "obstore.exceptions"):
        monkeypatch.setitem(sys.modules, module, None)
    (error,) = listed("s3://bucket/")
    assert str(error) == 's3://bucket: object stores need obstore: pip install "sse-inspector[corpus]"'
    with pytest.raises(RecordingError, match="need obstore"), opened("https://host/a"):
        pass


# Objects of the web


def test_a_presigned_url_is_requested_as_it_stands(fake_store):
    boto3 = pytest.importorskip("boto3")
    parameters = {"Bucket": "bucket", "Key": "a b/c+d.jsonl", "ResponseContentType": "x/y"}
    url = boto3.client("s3").generate_presigned_url("get_object", Params=parameters)
    fake_store.objects = {"a b/c+d.jsonl": b"abc"}
    with opened(url) as file:
        assert file.read() == b"abc"
    ((method, target, headers),) = fake_store.requests
    sent, signed = urllib.parse.urlsplit(target), urllib.parse.urlsplit(url)
    assert (method, sent.path, sent.query) == ("GET", signed.path, signed.query)
    assert headers["Authorization"] is None and headers["Range"] is None


def test_a_user_and_password_become_a_header(fake_store):
    fake_store.objects = {"a.jsonl": b"abc"}
    url = fake_store.url.replace("//", "//me:p%40ss@") + "/bucket/a.jsonl"
    with opened(url) as file:
        assert file.read() == b"abc"
    assert fake_store.requests[-1][2]["Authorization"] == "Basic " + base64.b64encode(b"me:p@ss").decode()


def test_the_header_does_not_go_to_another_host(fake_store):
    with FakeStore({"a.jsonl": b"abc"}) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        fake_store.answers = {"/old": answer(302, Location=f"{elsewhere}/bucket/a.jsonl")}
        with opened(fake_store.url.replace("//", "//me:pass@") + "/old") as file:
            assert file.read() == b"abc"
        assert other.requests[-1][2]["Authorization"] is None


def test_the_settings_of_a_store_on_loopback_are_complete():
    assert {"AWS_ENDPOINT_URL", *KEYS} <= set(settings(1))
