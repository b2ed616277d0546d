"""Clients of object stores: their credentials, their limits, and the rule about forks.

This is the one module that imports `obstore`, and it does so when the first URL is read.

**Credentials** come from the environment, under the names that each cloud's own tools use. If the
environment has none, the cloud's Python library gets them if it is installed (`boto3`, `google-auth`,
`azure-identity`): it knows profiles, single sign-on, and the roles of machines. If there are none at all,
requests are anonymous, as public buckets want them.

**Limits.** A request is tried again three times, within half a minute; a store that does not answer is given
up after that, and never waited for without an end.

**Forks.** The client has threads. A forked process does not have them, and each request there would never
end: `client_of` refuses. A process that reads objects starts others with `spawn`, or forks them before
it reads its first object.
"""

from __future__ import annotations

import base64
import importlib
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from inspector.errors import RecordingError
from inspector.storage.object_errors import explained, one_line, reason
from inspector.storage.object_settings import VARIABLES, endpoint_of, plain_settings
from inspector.storage.object_urls import Place, public_name, without_user

__all__ = ["Client", "aws_client", "client_of"]

_NOT_INSTALLED = 'object stores need obstore: pip install "sse-inspector[corpus]"'

_RETRIES = {
    "max_retries": 3,
    "retry_timeout": timedelta(seconds=30),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
# No limit for a whole request: a big object takes as long as its reader does.
_LIMITS = {"connect_timeout": "5s", "read_timeout": "20s", "timeout": "1day"}

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TRUE = ("1", "true", "yes", "on", "t", "y")


class _Cloud(NamedTuple):
    """How one cloud is reached, and how the requests to it are signed."""

    endpoints: tuple[str, ...]
    """Environment variables with the URL of another server, the one that counts first."""
    allows_http: str
    """The variable that allows plain HTTP to it."""
    variables: tuple[str, ...]
    """Beginnings of environment variables with credentials, which the client reads itself."""
    provider: str
    """Where the class stands that gets them from the cloud's own library."""
    needs: str
    """A module of that library."""


_AWS = _Cloud(
    ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "AWS_ALLOW_HTTP",
    ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_", "AWS_SKIP_SIGNATURE"),
    "obstore.auth.boto3.Boto3CredentialProvider",
    "boto3",
)
_GOOGLE = _Cloud(
    ("GOOGLE_BASE_URL",),
    "GOOGLE_ALLOW_HTTP",
    (
        "GOOGLE_SERVICE_ACCOUNT",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_BEARER_TOKEN",
        "GOOGLE_SKIP_SIGNATURE",
    ),
    "obstore.auth.google.GoogleCredentialProvider",
    "google.auth",
)
_AZURE = _Cloud(
    ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT"),
    "AZURE_ALLOW_HTTP",
    (
        *("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_MASTER_KEY"),
        *("AZURE_STORAGE_SAS_", "AZURE_STORAGE_TOKEN", "AZURE_STORAGE_CLIENT_", "AZURE_CLIENT_"),
        *("AZURE_FEDERATED_", "AZURE_MSI_", "AZURE_IDENTITY_ENDPOINT", "AZURE_USE_AZURE_CLI"),
        *("AZURE_STORAGE_USE_EMULATOR", "AZURE_SKIP_SIGNATURE"),
    ),
    "obstore.auth.azure.AzureCredentialProvider",
    "azure.identity",
)
_NONE_THERE = ("ValueError", "DefaultCredentialsError")
"""What those classes raise if there are no credentials. Anything else is a mistake in a user's settings."""

_CLOUDS = {"s3": _AWS, "s3a": _AWS, "gs": _GOOGLE}


def _cloud_of(place: Place) -> _Cloud:
    return _CLOUDS.get(place.scheme, _AZURE)


class Client(NamedTuple):
    """A client of one bucket, or of one URL of the web."""

    store: Any
    """It has the methods of obstore's stores."""
    anonymous: bool
    """Whether credentials were looked for, and there were none."""
    is_web: bool = False
    listing: str = ""
    """The URL of the bucket's listing, if an endpoint is set: whatever answers there. Empty for Azure."""

    def reason(self, error: BaseException) -> str:
        """Return what an error of this client means, in one line without secrets."""
        return reason(error, anonymous=self.anonymous, is_web=self.is_web)

    def explained(self, name: str, before: str = "") -> AbstractContextManager[None]:
        """Raise whatever this client raises in the block as a `RecordingError` of one line.

        `name` is what is read, and `before` begins the line.
        """
        return explained(public_name(name), lambda error: before + self.reason(error))


_clients: dict[tuple[str, int], Client] = {}
_aws_clients: dict[int, Any] = {}
_one_at_a_time = threading.Lock()
_process: int | None = None
"""The process that has the client's threads."""


def client_of(place: Place) -> Client:
    """Return a client for an object's bucket; the same one for the same bucket and environment.

    Raises `RecordingError` if obstore is not installed, if the settings make no sense, and in a process that
    was forked after the first call.
    """
    global _process
    if _process not in (None, os.getpid()):
        raise RecordingError(
            "an object store cannot be read in a process that was forked while its parent read one: "
            'start it with multiprocessing.get_context("spawn")',
            path=public_name(place.root),
        )
    if place.is_web:  # it is of one URL only, with its signature: it is not kept
        _process = os.getpid()
        return _made(place)
    with _one_at_a_time:
        key = place.root, _environment()
        client = _clients.get(key)
        if client is None:
            _process = os.getpid()
            with plain_settings(_cloud_of(place).endpoints, public_name(place.root)):
                client = _clients[key] = _made(place)
    return client


def aws_client() -> Any:
    """Return boto3's client of S3; the same one for the same environment.

    Raises `ImportError` if boto3 is not installed.
    """
    with _one_at_a_time:
        key = _environment()
        if key not in _aws_clients:
            with plain_settings(_AWS.endpoints, "s3://"):
                _aws_clients[key] = _made_by_boto3()
        return _aws_clients[key]


def _environment() -> int:
    """Return a number that changes with the settings of the clouds."""
    return hash(frozenset(item for item in os.environ.items() if item[0].startswith(VARIABLES)))


def _made_by_boto3() -> Any:
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    session = boto3.session.Session()
    limits: dict[str, Any] = {"connect_timeout": 5, "read_timeout": 20, "retries": {"total_max_attempts": 4}}
    if session.get_credentials() is None:
        limits["signature_version"] = UNSIGNED
    return session.client(
        "s3",
        endpoint_url=os.environ.get("AWS_ENDPOINT"),  # boto3 reads the other names of it itself
        region_name=session.region_name or os.environ.get("AWS_REGION") or "us-east-1",
        config=Config(**limits),
    )


def _made(place: Place) -> Client:
    try:
        from obstore.store import HTTPStore, from_url
    except ImportError as error:
        raise RecordingError(_NOT_INSTALLED, path=public_name(place.root)) from error
    settings: dict[str, Any] = {"client_options": _LIMITS, "retry_config": _RETRIES}
    with explained(public_name(place.root), reason):
        if place.is_web:
            url, user = without_user(place.root)
            settings["client_options"] = _web_options(user)
            return Client(HTTPStore(url, **settings), anonymous=False, is_web=True)
        cloud = _cloud_of(place)
        settings |= _signing(cloud, place.root)
        settings["client_options"] = _LIMITS | _transport(cloud, place)
        store = from_url(place.root, **settings)
        return Client(store, anonymous="skip_signature" in settings, listing=_listing(cloud, place))


def _web_options(user: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {**_LIMITS, "allow_http": True}  # the user wrote http://
    if user is not None:
        basic = base64.b64encode(user.encode()).decode()
        options["default_headers"] = {"Authorization": f"Basic {basic}"}
    return options


def _signing(cloud: _Cloud, root: str) -> dict[str, Any]:
    """Return the settings by which requests are signed, or that they are not."""
    if any(name.startswith(cloud.variables) for name in os.environ):
        return {}
    provider = _provider(cloud, root)
    return {"credential_provider": provider} if provider else {"skip_signature": True}


def _provider(cloud: _Cloud, root: str) -> object | None:
    """Return what gets credentials from the cloud's own library; None if it is not there or has none."""
    module, _, name = cloud.provider.rpartition(".")
    try:
        importlib.import_module(cloud.needs)
        provider: Callable[[], object] = getattr(importlib.import_module(module), name)
        return provider()
    except ImportError:
        return None
    except Exception as error:  # each library has errors of its own
        if type(error).__name__ in _NONE_THERE:
            return None
        message = f"the credentials cannot be read: {one_line(str(error))}"
        raise RecordingError(message, path=root) from error


def _transport(cloud: _Cloud, place: Place) -> dict[str, Any]:
    """Allow plain HTTP for an endpoint on this machine; trust the certificates that AWS's tools trust."""
    options: dict[str, Any] = {}
    name, endpoint = endpoint_of(cloud.endpoints, _parses, place.root)
    url = urlsplit(endpoint)
    if url.scheme == "http":
        allowed = os.environ.get(cloud.allows_http, "").lower() in _TRUE
        if not allowed and url.hostname not in _LOOPBACK:
            raise RecordingError(
                f"{name} is plain HTTP to another machine: requests and recordings would go there "
                f"unencrypted. Set {cloud.allows_http}=true to allow it",
                path=place.root,
            )
        options["allow_http"] = True
    elif cloud is _AWS and (bundle := os.environ.get("AWS_CA_BUNDLE")):
        try:
            options["root_certificate"] = Path(bundle).read_bytes()
        except OSError as error:
            message = f"AWS_CA_BUNDLE names {bundle}, which cannot be read: {error.strerror}"
            raise RecordingError(message, path=place.root) from error
    return options


def _listing(cloud: _Cloud, place: Place) -> str:
    """Return the URL of the bucket's listing at an endpoint that is set, without a signature."""
    endpoint = endpoint_of(cloud.endpoints, _parses, place.root)[1].rstrip("/")
    bucket = place.root.rpartition("/")[2]
    return f"{endpoint}/{bucket}?list-type=2" if endpoint and cloud is not _AZURE else ""


def _parses(url: str) -> bool:
    """Return whether the client's own parser takes a URL. It knows of much that a host cannot be."""
    from obstore.exceptions import BaseError
    from obstore.store import HTTPStore

    try:
        HTTPStore(url, client_options={"allow_http": True})
    except (BaseError, ValueError):
        return False
    return True
