"""What several test files share: where recordings are, the streams of real servers if they are here, and HTTP
clients of every installed library, sync and async.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import signal
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

pytest_plugins = ["object_servers"]

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"

# A shell starts what runs in the background with Ctrl-C ignored, and the programs under test inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Containers often set this. Then each of hundreds of programs that tests start compiles the package again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

hypothesis.settings.register_profile("inspector", database=None, deadline=None, derandomize=True)
hypothesis.settings.load_profile("inspector")


@pytest.fixture(scope="session", autouse=True)
def no_certificates() -> Iterator[None]:
    """Let no client of a test load certificate authorities, which takes 20 ms: no test needs one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl.SSLContext, "load_verify_locations", lambda self, *args, **options: None)
        yield


@pytest.fixture(scope="session")
def recordings_folder() -> Path:
    return ROOT / "recordings"


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not CORPUS.is_dir():
        pytest.skip(f"the streams of real servers are not here: there is no {CORPUS}")
    return CORPUS


def pytest_generate_tests(metafunc):
    """Run a test with the fixture `corpus_stream` for the path of every stream; skip it if there is none."""
    if "corpus_stream" in metafunc.fixturenames:
        paths = [p for f in ("streams", "handwritten", "transcribed") for p in (CORPUS / f).rglob("*.sse")]
        metafunc.parametrize("corpus_stream", sorted(paths), ids=lambda p: str(p.relative_to(CORPUS)))


LIBRARIES = [importlib.import_module(name) for name in ("httpx2", "httpx") if importlib.util.find_spec(name)]

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without certificate authorities: by default a client loads all of them, which takes 20 ms."""

for _library in LIBRARIES:
    _library.HTTPTransport(verify=NO_CERTIFICATES)  # imports httpcore, which an inner pytest run would forget


@dataclass
class Fetched:
    """What a caller saw of one response."""

    status: int | None = None
    headers: list = field(default_factory=list)
    chunks: list = field(default_factory=list)
    error: Exception | None = None

    @property
    def seen(self):
        """All of it, in a form that can be compared."""
        return self.status, self.headers, self.chunks, type(self.error), str(self.error)


@dataclass(frozen=True)
class Caller:
    """Makes requests with a plain client of a library, sync or async."""

    library: ModuleType
    mode: str

    def fetch(self, url, *, read="raw", on_chunk=None, headers=None, content=b"{}", **options):
        """POST, and read the body by `iter_raw` or `iter_bytes`. An exception becomes part of the result."""
        fetched = Fetched()
        request = {"headers": headers, "content": content}
        take = fetched.chunks.append if on_chunk is None else lambda c: (fetched.chunks.append(c), on_chunk())
        options = {"trust_env": False, "timeout": 60, "verify": NO_CERTIFICATES, **options}
        try:
            if self.mode == "sync":
                self._fetch(fetched, url, read, take, request, options)
            else:
                asyncio.run(self._afetch(fetched, url, read, take, request, options))
        except Exception as error:
            fetched.error = error
        return fetched

    def _fetch(self, fetched, url, read, take, request, options):
        with self.library.Client(**options) as client, client.stream("POST", url, **request) as response:
            fetched.status, fetched.headers = response.status_code, response.headers.multi_items()
            for chunk in getattr(response, f"iter_{read}")():
                take(chunk)

    async def _afetch(self, fetched, url, read, take, request, options):
        async with (
            self.library.AsyncClient(**options) as client,
            client.stream("POST", url, **request) as response,
        ):
            fetched.status, fetched.headers = response.status_code, response.headers.multi_items()
            async for chunk in getattr(response, f"aiter_{read}")():
                take(chunk)


@pytest.fixture(
    params=[Caller(library, mode) for library in LIBRARIES for mode in ("sync", "async")],
    ids=lambda caller: f"{caller.library.__name__}-{caller.mode}",
)
def caller(request):
    return request.param


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request):
    return request.param
