"""What goes wrong at a store: one clear line each, within a bounded time, and the rest goes on."""

from __future__ import annotations

import socket
import subprocess

import pytest
from object_servers import FakeStore, answer, refusal

from inspector.errors import RecordingError
from inspector.storage import Source, Unread, listed, object_clients, object_listing, objects, opened, read
from inspector.storage.object_files import SMALL

REAL_LIMITS, REAL_RETRIES = object_clients._LIMITS, object_clients._RETRIES
BIG = bytes(SMALL + 3_000_000)


@pytest.fixture(autouse=True)
def one_retry(monkeypatch):
    """Give up early, but wait for every answer, however busy the machine is."""
    monkeypatch.setattr(object_clients, "_clients", {})
    monkeypatch.setattr(object_clients, "_LIMITS", {"connect_timeout": "60s", "read_timeout": "60s"})
    monkeypatch.setattr(object_clients, "_RETRIES", {**object_clients._RETRIES, "max_retries": 1})


@pytest.fixture
def wait_for(monkeypatch):
    """Wait for an answer, but only for a second if there will be none."""

    def wait_for(answered):
        if answered is silent:
            limits = {"connect_timeout": "60s", "read_timeout": "1s"}
            monkeypatch.setattr(object_clients, "_LIMITS", limits)

    return wait_for


def results(*arguments):
    """The bytes of what is read, by name, and the messages of what is not."""
    got, messages = {}, []
    for argument in arguments:
        sources = []
        for each in listed(argument):
            (messages if isinstance(each, RecordingError) else sources).append(each)
        for member in read(sources):
            if isinstance(member, Unread):
                messages.append(member.error())
                continue
            try:
                got[member.name] = member.file.read()
            except RecordingError as error:
                messages.append(error)
    lines = [str(message) for message in messages]
    assert not any("\n" in line for line in lines)
    return got, lines


def cut(handler):
    """Send a part of the body that the head promises."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(BIG)))
    handler.end_headers()
    handler.wfile.write(BIG[:1_500_000])
    handler.close_connection = True


def silent(handler):
    """Send nothing until the client has gone."""
    handler.connection.settimeout(20)
    handler.rfile.read(1)
    handler.close_connection = True


def in_chunks(handler):
    """Send a body whose length no head says."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"2\r\nab\r\n0\r\n\r\n")


DENIED = refusal(403, "AccessDenied", "Access Denied")
EXPIRED = refusal(400, "ExpiredToken", "The token has expired")
ELSEWHERE = refusal(400, "AuthorizationHeaderMalformed", "the region 'x' is wrong")
OVERLOAD = refusal(503, "SlowDown", "Reduce your rate")
FROZEN = refusal(403, "InvalidObjectState", "It is in GLACIER")
HOSTILE = refusal(403, "Bad", "\x1b[2J<b> https://host/?sig=s3cr3t")

IN_LISTING = {
    "denied": (DENIED, "access is denied (HTTP 403, AccessDenied: Access Denied)"),
    "expired": (EXPIRED, "the store failed (HTTP 400, ExpiredToken: The token has expired)"),
    "region": (ELSEWHERE, "the bucket is in another region: set AWS_REGION (the region 'x' is wrong)"),
    "redirect": (refusal(301, "PermanentRedirect"), "the bucket is in another region: set AWS_REGION"),
    "overload": (OVERLOAD, "the store is overloaded or down (HTTP 503, SlowDown: Reduce your rate)"),
    "page": (answer(200, b"<html>Welcome"), "what answers is no object store: its listing cannot be read"),
    "hostile": (HOSTILE, "access is denied (HTTP 403, Bad: \\e[2J<b> …)"),
    "silence": (silent, "it did not answer in time"),
}


@pytest.mark.parametrize("answered, line", IN_LISTING.values(), ids=IN_LISTING)
def test_a_prefix_that_cannot_be_listed_is_one_line_and_the_rest_goes_on(
    fake_store, wait_for, answered, line
):
    wait_for(answered)
    fake_store.objects = {"a/1.jsonl": b"1", "b/1.jsonl": b"2"}
    fake_store.answers = {"/bucket?prefix=a/": answered}
    got, lines = results("s3://bucket/a/", "s3://bucket/b/")
    assert got == {"s3://bucket/b/1.jsonl": b"2"}
    assert len(lines) == 1 and lines[0].startswith("s3://bucket/a/: cannot be listed: ") and line in lines[0]
    assert "s3cr3t" not in lines[0]


IN_READING = {
    "vanished": (refusal(404, "NoSuchKey"), "there is no such object"),
    "denied": (DENIED, "access is denied (HTTP 403, AccessDenied: Access Denied)"),
    "frozen": (FROZEN, "access is denied (HTTP 403, InvalidObjectState: It is in GLACIER)"),
    "failed": (refusal(500, "InternalError"), "the store failed (HTTP 500, InternalError: no)"),
    "cut": (cut, "broke off"),
    "silence": (silent, "it did not answer in time"),
}


@pytest.mark.parametrize("size", [1, len(BIG)], ids=["small", "big"])
@pytest.mark.parametrize("answered, line", IN_READING.values(), ids=IN_READING)
def test_an_object_that_cannot_be_read_is_one_line_and_the_rest_goes_on(
    fake_store, wait_for, answered, line, size
):
    wait_for(answered)
    fake_store.objects = {"1.jsonl": b"1", "2.jsonl": bytes(size), "3.jsonl": b"3"}
    fake_store.answers = {"/bucket/2.jsonl": answered}
    got, lines = results("s3://bucket/")
    assert got == {"s3://bucket/1.jsonl": b"1", "s3://bucket/3.jsonl": b"3"}
    assert len(lines) == 1 and lines[0].startswith("s3://bucket/2.jsonl: ") and line in lines[0]


def test_an_object_is_read_to_its_end_only_as_it_was_at_the_beginning(fake_store):
    fake_store.objects = {"a.jsonl": BIG}
    with opened("s3://bucket/a.jsonl") as file:
        file.read(10)
        fake_store.answers = {"/bucket/a.jsonl": refusal(412, "PreconditionFailed")}
        file.seek(3_000_000)
        with pytest.raises(RecordingError, match="the object was replaced while it was read"):
            file.read(10)
    assert fake_store.requests[-1][2]["If-Match"] == '"tag"'


def test_an_endpoint_that_is_not_there_is_one_line(fake_store, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    for argument in ("s3://bucket/", "s3://bucket/a.jsonl", "s3://bucket/*"):
        got, (line,) = results(argument)
        assert not got and "nothing answers there: Connection refused" in line


def test_a_host_without_an_address_is_one_line(fake_store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://nothing.invalid")
    _, (line,) = results("s3://bucket/a")
    assert line.startswith("s3://bucket/a: its host has no address: ")


def test_a_certificate_that_is_not_trusted_is_one_line(clouds_unset, tmp_path):
    certificate = tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout - -out -"
    try:
        made = subprocess.run(command.split(), capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("openssl cannot make a certificate here")
    certificate.write_bytes(made.stdout)
    with FakeStore({"a.jsonl": b"abc"}, certificate=certificate) as store:
        _, (line,) = results(f"{store.url}/bucket/a.jsonl")
    assert "TLS failed: its certificate is not trusted (" in line and "SSL_CERT_FILE" in line
    assert not store.requests


def test_the_limits_of_real_use_end_within_a_minute():
    assert REAL_LIMITS["read_timeout"] == "20s" and REAL_LIMITS["connect_timeout"] == "5s"
    assert REAL_RETRIES["retry_timeout"].total_seconds() + 20 <= 60


class PanicException(BaseException):
    """As the library of an object store in Rust raises it: no `Exception`."""


class Panics:
    """A client that panics whatever it is asked for."""

    def __getattr__(self, name):
        def panic(*arguments, **options):
            raise PanicException("request valid: InvalidUri")

        return panic


@pytest.mark.parametrize("argument", ["s3://bucket/", "s3://bucket/a.jsonl", "s3://bucket/*"])
def test_a_panic_of_the_library_is_one_line(fake_store, monkeypatch, argument):
    client = object_clients.Client(Panics(), anonymous=False)
    for module in (objects, object_listing):
        monkeypatch.setattr(module, "client_of", lambda place: client)
    _, (line,) = results(argument)
    assert line.startswith("s3://bucket/") and line.endswith("the store failed: request valid: InvalidUri")
    (unread,) = read([Source("s3://bucket/b.jsonl", 1)])
    assert unread.message == "the store failed: request valid: InvalidUri"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_what_ends_the_program_is_no_error_of_a_store(error):
    with pytest.raises(error), object_clients.Client(None, anonymous=False).explained("s3://bucket/a"):
        raise error


def test_a_source_whose_bucket_cannot_be_reached_has_its_own_name(fake_store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "garbage")
    names = ["s3://bucket/a.jsonl", "s3://bucket/b.tar", "s3://bucket/c.jsonl"]
    assert [each.name for each in read([Source(name, 1) for name in names])] == names


def test_a_server_without_tls_at_an_https_url_is_one_line(fake_store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake_store.url.replace("http:", "https:"))
    for argument in ("s3://bucket/", "s3://bucket/a.jsonl"):
        _, (line,) = results(argument)
        assert "TLS failed: what answers there does not speak TLS" in line


def test_an_azure_url_without_an_account_is_one_line(clouds_unset):
    _, (line,) = results("abfss://c@a/x")
    assert line.startswith("abfss://c@a: no storage account: write ") and "dfs.core.windows.net/KEY" in line


@pytest.mark.parametrize("cloud", ["AWS_ENDPOINT_URL s3", "GOOGLE_BASE_URL gs", "AZURE_STORAGE_ENDPOINT az"])
def test_an_empty_bucket_is_empty_and_a_web_page_is_no_bucket(fake_store, monkeypatch, cloud):
    name, scheme = cloud.split()
    monkeypatch.setenv(name, fake_store.url)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    azure = b"<EnumerationResults><Blobs></Blobs><NextMarker/></EnumerationResults>"
    fake_store.answers = {"/bucket": answer(200, azure)} if scheme == "az" else {}
    _, (line,) = results(f"{scheme}://bucket/a/")
    assert line == f"{scheme}://bucket/a/: no recordings below this: it is empty"
    fake_store.answers = {"/bucket": answer(200, b"<html><body><p>Log in</p></body></html>")}
    _, (line,) = results(f"{scheme}://bucket/a/")
    assert "cannot be listed: what answers is no object store" in line and "check the endpoint" in line


@pytest.mark.parametrize("size", [9, len(BIG)], ids=["small", "big"])
@pytest.mark.parametrize("key", ["a.jsonl", "a//b.jsonl"])
def test_an_object_that_comes_shorter_than_listed_is_not_read(fake_store, key, size):
    if key != "a.jsonl":
        pytest.importorskip("boto3")
    fake_store.objects = {key: bytes(size - 3)}
    for listed_size, is_read in ((size, False), (size - 3, True), (size - 5, True), (None, True)):
        (member,) = read([Source(f"s3://bucket/{key}", listed_size)])
        assert isinstance(member, Unread) is not is_read
        if not is_read:
            message = (
                f"comes with {size - 3:,} bytes, and the listing says {size:,}: it was cut or replaced since"
            )
            assert member.message == message


# Objects of the web


def test_an_object_without_a_length_is_one_line(fake_store):
    fake_store.answers = {"/a.jsonl": in_chunks}
    _, (line,) = results(f"{fake_store.url}/a.jsonl")
    assert "the answer has no Content-Length: save it as a file first" in line


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_an_error_page_is_one_line(fake_store, status):
    fake_store.answers = {"/a.jsonl": answer(status, b"<html>\nno")}
    _, (line,) = results(f"{fake_store.url}/a.jsonl")
    assert f"(HTTP {status})" in line and "anonymous" not in line


def test_a_redirect_is_followed(fake_store):
    fake_store.answers = {"/old": answer(302, Location="/new?sig=x"), "/new": answer(200, b"abc")}
    assert results(f"{fake_store.url}/old")[0] == {f"{fake_store.url}/old": b"abc"}


def test_redirects_end(fake_store):
    fake_store.answers = {"/old": answer(302, Location="/old")}
    got, lines = results(f"{fake_store.url}/old")
    assert not got and len(lines) == 1


def test_a_size_that_was_listed_wrongly_holds_no_big_object(fake_store):
    fake_store.objects = {"a.jsonl": BIG}
    members = read([Source("s3://bucket/a.jsonl", 1)])
    member = next(members)
    assert len(member.file.read(5)) == 5 and member.file.seekable()
