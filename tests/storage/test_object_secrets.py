"""The law of secrets in URLs: they are sent, and reach no terminal, file, table, log or traceback."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner
from object_servers import answer, refusal

import inspector
from inspector.cli import cli
from inspector.errors import RecordingError
from inspector.storage import Unread, listed, read

pytest.importorskip("obstore")

PASSWORD, SIGNATURE = "pa55-of-m1ne", "51gn4ture-0f-m1ne"
BASIC = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
SECRETS = [PASSWORD, SIGNATURE, BASIC]
HELLO = Path(__file__).parents[2] / "recordings" / "hello.jsonl"


def url(store, path="/bucket/hello.jsonl"):
    return (
        store.url.replace("//", f"//me:{PASSWORD}@")
        + f"{path}?X-Amz-Signature={SIGNATURE}&x={SIGNATURE}#{SIGNATURE}"
    )


@pytest.fixture
def store(fake_store):
    fake_store.objects = {"hello.jsonl": HELLO.read_bytes()}
    return fake_store


def echo(handler):
    """Answer with everything that came, as a careless server does."""
    said = f"{handler.path} {handler.headers['Authorization']}"
    handler.store.answers = {"/": refusal(403, "Echo", said)}
    handler.do_GET()


ANSWERS = {
    "the recording": None,
    "a denial that quotes the request": echo,
    "nothing": refusal(404, "NoSuchKey"),
    "a redirect to it": answer(302, Location=f"/bucket/hello.jsonl?sig={SIGNATURE}"),
    "a redirect to nothing": answer(302, Location=f"http://nobody:{PASSWORD}@127.0.0.1:1/x?sig={SIGNATURE}"),
    "no recording": answer(200, b"nothing to see"),
}
COMMANDS = [
    ["show"],
    ["check"],
    ["check", "--format", "json"],
    ["check", "--format", "sarif"],
    ["check", "--format", "junit"],
    ["check", "-j", "2"],
    ["stats"],
    ["stats", "--format", "json"],
    ["ls"],
    ["ls", "--format", "json"],
    ["diff", str(HELLO)],
    ["report", "-o", "page.html"],
    ["export", "--format", "har", "-o", "out.har"],
    ["edit", "--fault", "cut-rst"],
    ["redact", "-o", "redacted.jsonl"],
]


@pytest.mark.parametrize("answered", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_or_writes_it(store, tmp_path, monkeypatch, caplog, command, answered):
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    if answered is not None:
        store.answers = {"/bucket/old": answered}
    argument = url(store, "/bucket/old" if answered is not None else "/bucket/hello.jsonl")
    result = CliRunner().invoke(cli, [*command, argument])
    assert result.exit_code in (0, 1, 3), result.output
    assert store.requests
    written = [path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (result.output, caplog.text, str(result.exception), *written):
        assert not [secret for secret in SECRETS if secret in text]
    if answered is None:
        assert result.exit_code != 3, result.output


def test_it_is_sent(store):
    assert inspector.load(url(store)).message
    headers = store.requests[-1][2]
    assert headers["Authorization"] == f"Basic {BASIC}" and SIGNATURE in store.requests[-1][1]


@pytest.mark.parametrize("answered", list(ANSWERS.values())[1:3], ids=list(ANSWERS)[1:3])
def test_no_traceback_and_no_value_has_it(store, answered):
    store.answers = {"/bucket/old": answered}
    with pytest.raises(RecordingError) as caught:
        inspector.load_all(url(store, "/bucket/old"))
    error = caught.value
    for text in ("".join(traceback.format_exception(error)), repr(error), str(error.path), error.reason):
        assert not [secret for secret in SECRETS if secret in text]
    for each in read(listed(url(store, "/bucket/old"))):
        assert isinstance(each, Unread)
        for text in (repr(each), json.dumps(each.source), each.message, str(each.error())):
            assert not [secret for secret in SECRETS if secret in text]


def test_a_worker_that_gets_a_source_reads_it(store):
    sources = pickle.loads(pickle.dumps(list(listed(url(store)))))
    assert [member.file.read() for member in read(sources)] == [HELLO.read_bytes()]


def test_a_url_that_has_expired_says_so(store):
    store.answers = {"/bucket/old": refusal(403, "AccessDenied", "Request has expired")}
    (unread,) = read(listed(url(store, "/bucket/old")))
    assert unread.message == "access is denied (HTTP 403, the URL has expired)"
