"""Object stores on loopback: nanio, which is a real one, and a small one that misbehaves as a test says.

The fixtures `real_store` and `fake_store` set the environment so that `s3://` reaches them.
"""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

import pytest

SMALL_OBJECTS = 10_000
BIG_OBJECT = 50_000_000

KEYS = {"NANIO_ACCESS_KEY": "loopback", "NANIO_SECRET_KEY": "loopback-secret-0123456789"}


def settings(port, key="loopback", secret=KEYS["NANIO_SECRET_KEY"]):
    """The environment variables by which AWS's tools reach a store on loopback."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextlib.contextmanager
def nanio(folder):
    """Run nanio on the buckets in a folder, each a folder of files; give the environment that reaches it."""
    command = [sys.executable, "-c", _NANIO, "serve"]
    command += ["--data-dir", str(folder), "--no-access-log", "--log-level", "error"]
    with subprocess.Popen(command, env={**os.environ, **KEYS}, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield settings(int(server.stdout.readline()))
        finally:
            server.terminate()


_NANIO = """
import socket, sys, uvicorn
from nanio.cli import main

class Server(uvicorn.Server):
    async def startup(self, sockets):
        await super().startup(sockets)
        print(sockets[0].getsockname()[1], flush=True)

def run(app, *, workers, **options):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Server(uvicorn.Config(app, **options)).run([listening])

uvicorn.run = run
main(sys.argv[1:])
"""
"""nanio on a free port, which it prints. By itself it cannot choose one, and one that is chosen for it may be
taken by another program before it listens."""


def answer(status, body=b"", **headers):
    """An answer of a store that is no object: `(status, headers, body)`."""
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def refusal(status, code, message="no"):
    """An error as S3 writes it."""
    xml = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>'
    return answer(status, xml.encode(), Content_Type="application/xml")


class FakeStore:
    """A store of S3 with one bucket in memory, whatever its name is.

    `objects` are bytes by key. `answers` are answers by the start of a target, `/bucket/key` or
    `/bucket?…prefix=…` in its decoded form: one that `answer` made, or a function of the handler that writes
    by itself. `requests` are the methods, the targets and the headers of all requests that came.
    """

    page = 1000

    def __init__(self, objects=None, answers=None, certificate=None):
        self.objects = dict(objects or {})
        self.answers = dict(answers or {})
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"store": self}))
        self._server.handle_error = lambda *error: None  # clients that go away are what tests want
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.url = f"https://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()

    def answer_to(self, target):
        """Return an answer to a GET."""
        parts = urllib.parse.urlsplit(target)
        path = urllib.parse.unquote(parts.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        lists = "list-type" in query
        asked = f"{path.rstrip('/')}?prefix={query.get('prefix', '')}" if lists else path
        for start, what in self.answers.items():
            if asked.startswith(start):
                return what
        if lists:
            return self._listing(query)
        body = self.objects.get(path.lstrip("/").partition("/")[2] if path.count("/") > 1 else None)
        if body is None:
            return refusal(404, "NoSuchKey")
        return answer(200, body, ETag='"tag"', Last_Modified="Sun, 01 Nov 2026 00:00:00 GMT")

    def _listing(self, query):
        prefix = query.get("prefix", "")
        token = query.get("continuation-token")
        after = bytes.fromhex(token).decode() if token else query.get("start-after", "")
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        quoted = urllib.parse.quote if query.get("encoding-type") == "url" else escape
        items = "".join(
            f"<Contents><Key>{quoted(key)}</Key><LastModified>2026-11-01T00:00:00.000Z</LastModified>"
            f"<ETag>tag</ETag><Size>{len(self.objects[key])}</Size></Contents>"
            for key in keys[: self.page]
        )
        more = len(keys) > self.page
        token = (
            f"<NextContinuationToken>{keys[self.page - 1].encode().hex()}</NextContinuationToken>"
            if more
            else ""
        )
        encoding = "<EncodingType>url</EncodingType>" if query.get("encoding-type") == "url" else ""
        xml = (
            f'<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><KeyCount>{len(keys)}</KeyCount>'
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{encoding}{token}{items}</ListBucketResult>"
        )
        return answer(200, xml.encode(), Content_Type="application/xml")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: FakeStore

    def do_GET(self):
        self.store.requests.append((self.command, self.path, self.headers))
        what = self.store.answer_to(self.path)
        if callable(what):
            what(self)
            return
        status, headers, body = what
        asked = self.headers.get("Range")
        if asked and status == 200:
            start, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(start), min(int(end or len(body)), len(body) - 1)
            headers = {**headers, "Content-Range": f"bytes {first}-{last}/{len(body)}"}
            status, body = 206, body[first : last + 1]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, *args):
        pass


# Fixtures, for the tests of every room


@pytest.fixture(scope="session")
def nanio_environment(tmp_path_factory):
    pytest.importorskip("obstore")
    pytest.importorskip("nanio")
    folder = tmp_path_factory.mktemp("nanio")
    for number in range(SMALL_OBJECTS):
        if number % 1000 == 0:
            (folder / "small" / f"{number // 1000:02}").mkdir(parents=True)
        with open(f"{folder}/small/{number // 1000:02}/{number:05}.jsonl", "wb", 0) as file:  # noqa: PTH123
            file.write(b"object %d\n" % number)
    (folder / "big").mkdir()
    for name in ("a", "b"):
        with (folder / "big" / f"{name}.jsonl").open("wb") as file:
            for at in range(0, BIG_OBJECT, 1_000_000):
                file.write(b"%s%014d\n" % (name.encode(), at) + b"." * 999_984)
    with nanio(folder) as environment:
        yield environment


@pytest.fixture
def clouds_unset(monkeypatch):
    """No credentials and no settings of any cloud, and no file with them."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.fixture
def real_store(nanio_environment, clouds_unset, monkeypatch):
    """The environment of a real server: the bucket `small` has 10,000 objects, `big` has two of 50 MB."""
    for name, value in nanio_environment.items():
        monkeypatch.setenv(name, value)
    return nanio_environment


@pytest.fixture
def fake_store(clouds_unset, monkeypatch):
    """A store in memory that misbehaves as the test says."""
    pytest.importorskip("obstore")
    with FakeStore() as store:
        for name, value in settings(store.port).items():
            monkeypatch.setenv(name, value)
        yield store
