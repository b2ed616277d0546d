"""A listing is complete, or says in one line that it is not: every page proves to be one."""

from __future__ import annotations

import itertools
import urllib.parse

import pytest
from object_servers import FakeStore, answer, refusal

from inspector.errors import RecordingError
from inspector.storage import listed, object_clients
from inspector.storage.object_ends import before
from inspector.storage.other_servers import Answer, what_follows

KEYS = [f"run/{number:02}.jsonl" for number in range(9)]
NAMES = [f"bucket/{key}" for key in KEYS]

WRONG = {
    "html": answer(200, b"<!doctype html><html><body>Sign in</body></html>"),
    "xhtml": answer(200, b'<?xml version="1.0"?><html><body>no ListBucketResult</body></html>'),
    "error": refusal(200, "InternalError"),
    "other-xml": answer(200, b"<ListAllMyBucketsResult/>"),
    "empty": answer(200, b""),
    "json": answer(200, b"{}"),
    "cut": answer(200, b"<ListBucketResult><IsTruncated>false</IsTruncated>"),
    "denied": refusal(403, "AccessDenied"),
    "failed": answer(500, b"no"),
}


@pytest.fixture(params=["s3", "gs"])
def bucket(request, fake_store, monkeypatch):
    """A bucket of nine objects, and three a page, that S3's and Google's client reach."""
    monkeypatch.setattr(object_clients, "_clients", {})
    monkeypatch.setattr(object_clients, "_RETRIES", {**object_clients._RETRIES, "max_retries": 0})
    monkeypatch.setenv("GOOGLE_BASE_URL", fake_store.url)
    monkeypatch.setenv("GOOGLE_SKIP_SIGNATURE", "true")
    fake_store.objects = dict.fromkeys(KEYS, b"1")
    fake_store.page = 3
    fake_store.scheme = request.param
    return fake_store


def misbehave(store, is_wrong, wrong):
    """Give a wrong answer to the listings that a function chooses by the key they start after.

    `is_wrong` has this key, the query, and how many listings there were before.
    """
    right, count = store.answer_to, -1

    def answer_to(target):
        nonlocal count
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))
        if "list-type" not in query:
            return right(target)
        count += 1
        token = query.get("continuation-token")
        after = bytes.fromhex(token).decode() if token else query.get("start-after", "")
        return wrong if is_wrong(after, query, count) else right(target)

    store.answer_to = answer_to


def refuse_unsigned(store):
    """Let the store want credentials, as real ones do."""

    def guard(handler):
        status, headers, body = (
            right(handler.path) if handler.headers["Authorization"] else refusal(403, "AccessDenied")
        )
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(body)

    right, store.answer_to = store.answer_to, lambda target: guard


def outcome(store, argument="run/"):
    """The names that are listed, and the messages, for a bucket of any scheme."""
    found = list(listed(f"{store.scheme}://bucket/{argument}"))
    errors = [str(each) for each in found if isinstance(each, RecordingError)]
    return [each.name.partition("://")[2] for each in found if not isinstance(each, RecordingError)], errors


def assert_complete_or_one_line(store, argument="run/"):
    names, errors = outcome(store, argument)
    assert names == NAMES[: len(names)]
    assert len(errors) == (names != NAMES) and not any("\n" in line for line in errors)
    if errors:
        assert (
            "cannot be listed" in errors[0]
            or "no object matches" in errors[0]
            or "no recordings" in errors[0]
        )
    return bool(errors)


PLACES = {
    "by-count": lambda page: lambda after, query, count: count == page,
    "by-key": lambda page: lambda after, query, count: after >= ["", *KEYS[2::3]][page],
    "by-key-once": lambda page: lambda after, query, count: after == ["", *KEYS[2::3]][page],
    "by-token": lambda page: lambda after, query, count: "continuation-token" in query and count >= page,
}


@pytest.mark.parametrize("signed", [False, True], ids=["open", "signed"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_page_anywhere_loses_nothing_in_silence(bucket, wrong, signed):
    if signed and bucket.scheme == "gs":
        pytest.skip("the client of this test has no credentials of Google's")
    right = bucket.answer_to
    arguments = ["run/", "run/*.jsonl"] if wrong == "error" else ["run/"]
    for argument, place, page in itertools.product(arguments, PLACES, range(3)):
        bucket.answer_to = right
        misbehave(bucket, PLACES[place](page), WRONG[wrong])
        if signed:
            refuse_unsigned(bucket)
        assert_complete_or_one_line(bucket, argument)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_page_may_have_one_object(bucket, wrong):
    bucket.page, right = 1, bucket.answer_to
    for place in PLACES:
        bucket.answer_to = right
        misbehave(bucket, PLACES[place](1), WRONG[wrong])
        assert_complete_or_one_line(bucket)


@pytest.mark.parametrize("page", [1, 3, 9])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_server_may_ignore_where_a_listing_starts(bucket, wrong, page):
    bucket.page = page
    right = bucket._listing
    bucket._listing = lambda query: right({key: query[key] for key in query if key != "start-after"})
    assert outcome(bucket) == (NAMES, [])
    misbehave(bucket, lambda after, query, count: "continuation-token" in query, WRONG[wrong])
    assert assert_complete_or_one_line(bucket) is (page < 9)


def test_a_server_that_promises_the_same_page_again_and_again_proves_no_end():
    page = (
        b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    )
    with FakeStore(answers={"/bucket": answer(200, page + b"</ListBucketResult>")}) as store:
        assert what_follows(f"{store.url}/bucket?list-type=2", "", "a") is Answer.MORE
    assert len(store.requests) == 2


@pytest.mark.parametrize("wrong", ["xhtml", "error"])
def test_what_is_no_page_is_read_on_when_the_store_is_well_again(bucket, wrong):
    misbehave(bucket, lambda after, query, count: count == 1, WRONG[wrong])
    assert outcome(bucket) == (NAMES, [])


@pytest.mark.parametrize("wrong", ["xhtml", "error"])
def test_the_line_says_where_the_listing_ends(bucket, wrong):
    misbehave(bucket, lambda after, query, count: after >= KEYS[2], WRONG[wrong])
    names, (line,) = outcome(bucket)
    assert names == NAMES[:3]
    assert line == (
        f"{bucket.scheme}://bucket/run/: cannot be listed to its end: what comes after run/02.jsonl is no "
        "listing; try again, or check the endpoint"
    )


@pytest.mark.parametrize("signed", [False, True], ids=["open", "signed"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_an_end_costs_two_requests_at_most(fake_store, count, signed):
    fake_store.page, fake_store.scheme = 3, "s3"
    fake_store.objects = dict.fromkeys(KEYS[:count], b"1")
    if signed:
        refuse_unsigned(fake_store)
    assert outcome(fake_store) == (NAMES[:count], [])
    listings = [target for _, target, _ in fake_store.requests if "list-type" in target]
    assert len(listings) == -(-count // 3) + 1 + signed


UNPROVEN = (
    "no recordings are listed below this, and the store does not say without credentials whether that is "
    "true; check the name and the endpoint"
)


@pytest.mark.parametrize("argument", ["", "run/", "run/0*.jsonl", "run/00.jsonl"])
@pytest.mark.parametrize("wrong", ["xhtml", "error", "other-xml"])
def test_nothing_but_wrong_answers_to_who_has_credentials_is_no_empty_folder(fake_store, wrong, argument):
    fake_store.scheme, fake_store.objects = "s3", {}
    misbehave(fake_store, lambda *which: True, WRONG[wrong])
    refuse_unsigned(fake_store)
    names, (line,) = outcome(fake_store, argument)
    assert names == [] and line.endswith(f": {UNPROVEN}")


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("no/", "no recordings below this: it is empty"),
        ("nothing", "there is no such object, and none below it"),
        ("run/0*.sse", "no object matches this pattern"),
        ("run/x*", "no object matches this pattern"),
        ("z/", "no recordings below this: it is empty"),
    ],
)
def test_a_bucket_that_lists_something_may_have_an_empty_folder(fake_store, argument, why):
    fake_store.scheme, fake_store.objects = "s3", dict.fromkeys(KEYS, b"1")
    refuse_unsigned(fake_store)
    names, (line,) = outcome(fake_store, argument)
    assert names == [] and line.endswith(f": {why}")


def test_what_is_added_while_a_bucket_is_listed_is_listed_too(fake_store):
    fake_store.objects = dict.fromkeys(KEYS[:3], b"1")
    sources = listed("s3://bucket/run/")
    names = [next(sources).name for _ in range(3)]
    fake_store.objects |= dict.fromkeys(KEYS, b"1")
    assert [*names, *(source.name for source in sources)] == [f"s3://{name}" for name in NAMES]


@pytest.mark.parametrize(
    "last", ["folder/", "folder", "é.jsonl", "a/é", "a b.jsonl", " ", "~", "!", "0", "x/0"]
)
@pytest.mark.parametrize("signed", [False, True], ids=["open", "signed"])
def test_any_key_may_be_the_last(fake_store, last, signed):
    fake_store.scheme = "s3"
    fake_store.objects = {" .jsonl": b"1", "folder-x.jsonl": b"1", "folder": b"", "0.jsonl": b"1"}
    fake_store.objects = {key: body for key, body in fake_store.objects.items() if key < last}
    expected = sorted(f"bucket/{key}" for key in fake_store.objects if key.endswith("jsonl"))
    fake_store.objects[last] = b""
    if signed:
        refuse_unsigned(fake_store)
    if last.endswith("jsonl"):
        expected.append(f"bucket/{last}")
    names, errors = outcome(fake_store, "")
    assert names == expected
    assert not errors or "no recordings below this" in errors[0]


def test_a_server_may_misread_blanks_in_a_query(fake_store):
    fake_store.scheme = "s3"
    fake_store.objects = {"a.jsonl": b"1", "run 1.jsonl": b"1", "run 2.jsonl": b"1"}
    right = fake_store.answer_to
    fake_store.answer_to = lambda target: (
        refusal(403, "SignatureDoesNotMatch") if "+" in target else right(target)
    )
    refuse_unsigned(fake_store)
    assert outcome(fake_store, "") == ([f"bucket/{key}" for key in fake_store.objects], [])


@pytest.mark.parametrize("wrong", ["html", "xhtml", "other-xml"])
@pytest.mark.parametrize("page", [0, 1, 2])
def test_the_pages_that_boto3_lists_prove_it_too(fake_store, page, wrong):
    pytest.importorskip("boto3")
    keys = [f"a//{number}.jsonl" for number in range(9)]
    fake_store.objects, fake_store.page = dict.fromkeys(keys, b"1"), 3
    misbehave(fake_store, lambda after, query, count: after >= ["", keys[2], keys[5]][page], WRONG[wrong])
    found = list(listed("s3://bucket/a/"))
    names = [each.name for each in found if not isinstance(each, RecordingError)]
    assert names == [f"s3://bucket/{key}" for key in keys[: 3 * page]]
    (error,) = [each for each in found if isinstance(each, RecordingError)]
    assert "\n" not in str(error)


@pytest.mark.parametrize("key", ["a/1.jsonl", "é", "a/é", "0", "a ", "a/!", "~", "a\u07ff", "\ue000"])
def test_what_is_before_a_key_is_less(key):
    assert before(key) is None or before(key) < key


PAGE = """<EnumerationResults><Blobs><Blob><Name>a.jsonl</Name><Properties>
<Last-Modified>Sun, 01 Nov 2026 00:00:00 GMT</Last-Modified><Content-Length>1</Content-Length>
<Content-Type>text/plain</Content-Type>
</Properties></Blob></Blobs><NextMarker>{}</NextMarker></EnumerationResults>"""


@pytest.mark.parametrize("wrong", WRONG)
def test_a_client_of_azure_takes_nothing_else_for_a_page(fake_store, monkeypatch, wrong):
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", fake_store.url)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_SKIP_SIGNATURE", "true")
    monkeypatch.setattr(object_clients, "_clients", {})
    monkeypatch.setattr(object_clients, "_RETRIES", {**object_clients._RETRIES, "max_retries": 0})
    for pages in (1, 2):
        answers = [answer(200, PAGE.format("more").encode())] * (pages - 1) + [WRONG[wrong]]
        coming = iter(answers)
        fake_store.answer_to = lambda target, coming=coming: next(coming, WRONG[wrong])
        *found, error = listed("az://bucket/")
        assert len(found) < pages and "cannot be listed" in str(error)
