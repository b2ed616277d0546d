"""What went wrong at an object store, in one line for people.

The client's own errors go over many lines, and quote URLs with their signatures. Only the HTTP status, the
code and message of the store's answer, and known marks are taken from one. It is raised again `from None`,
since a traceback would print its cause. `explained` is the one way from a library's error to ours.
"""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Callable, Iterator

from inspector.errors import RecordingError
from inspector.manual import page
from inspector.redact import mask_text

__all__ = ["NO_STORE", "explained", "one_line", "reason"]

_URL = re.compile(r"\S+://\S+")  # it may have a signature
_PROVIDER = re.compile(r"External \w+ credential provider: (.*)")
_STATUS = re.compile(r"non-2xx status code: (\d{3})")
_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")
_LOCAL = re.compile(r'message: "([^"]{1,100})"|error: "([^"]{1,200})"')
_CERTIFICATE = re.compile(r"InvalidCertificate\(\s*(\w+)")

NO_STORE = "what answers is no object store: its listing cannot be read; check the endpoint"
"""What an answer means that is a success and no listing."""

_OF_TRANSPORT = {
    "InvalidCertificate": "TLS failed: its certificate is not trusted ({detail}). SSL_CERT_FILE names the "
    "certificates to trust",
    "InvalidContentType": "TLS failed: what answers there does not speak TLS; write http:// for plain HTTP",
    "received corrupt message": "TLS failed: what answers there does not speak TLS",
    "received fatal alert": "TLS failed: the server refuses the connection",
    "dns error": "its host has no address: {detail}",
    "tcp connect error": "nothing answers there: {detail}",
    "TimedOut": "it did not answer in time",
    "IncompleteBody": "the answer broke off",
    "BadScheme": "plain HTTP is not allowed",
    "MissingContentLength": "the answer has no Content-Length: save it as a file first",
    "Received redirect without LOCATION": "the bucket is in another region: set AWS_REGION",
    "Missing AccessKeyId": "half of the credentials is set: set AWS_ACCESS_KEY_ID",
    "Missing SecretAccessKey": "half of the credentials is set: set AWS_SECRET_ACCESS_KEY",
    "UrlNotRecognised": "no storage account: write abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/KEY, or "
    "abfss://CONTAINER/KEY and set AZURE_STORAGE_ACCOUNT_NAME",
    "Account must be specified": "no storage account: set AZURE_STORAGE_ACCOUNT_NAME",
    "InvalidListResponse": NO_STORE,
}
"""What the client's description of an error has in it, and what that means."""

_OF_CODE = {
    "NoSuchBucket": "there is no such bucket",
    "ContainerNotFound": "there is no such container",
    "PermanentRedirect": "the bucket is in another region: set AWS_REGION",
    "NoSuchKey": "there is no such object",
}

_OF_STATUS = {
    401: "the credentials are not accepted",
    403: "access is denied",
    404: "there is no such object",
    429: "the store refuses more requests for now",
    503: "the store is overloaded or down",
}

_ANONYMOUS = f"; the request was anonymous, since no credentials were set (see {page('object_stores')})"


@contextlib.contextmanager
def explained(path: str, why: Callable[[BaseException], str]) -> Iterator[None]:
    """Raise whatever a library raises in the block as a `RecordingError` of one line: what `why` says of it.

    A panic of a library in Rust is no `Exception`, so that programs do not go on after it. This one can: the
    client keeps no state from one request to the next.
    """
    try:
        yield
    except (RecordingError, MemoryError):
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise RecordingError(why(error), path=path) from None


def reason(error: BaseException, *, anonymous: bool = False, is_web: bool = False) -> str:
    """Return what an error of the client means.

    `anonymous` says that the request had no credentials. `is_web` says that the URL may have had some in it:
    nothing is quoted then that a server may have copied from it.
    """
    text = str(error)
    status = _STATUS.search(text)
    if status is None:
        if unread := _PROVIDER.search(text):
            return f"the credentials cannot be read: {one_line(unread[1])[:200]}"
        return _of_transport(text) or f"the store failed: {_first_line(text)}"
    number = int(status[1])
    code, message = _CODE.search(text), _MESSAGE.search(text)
    detail = one_line(html.unescape(message[1])) if message else ""
    if is_web:
        detail = "the URL has expired" if "expired" in detail.lower() else ""
    if code and code[1] == "AuthorizationHeaderMalformed" and "region" in detail:
        return f"the bucket is in another region: set AWS_REGION ({detail})"
    denied = _ANONYMOUS if anonymous and number in (401, 403) else ""
    if code and code[1] in _OF_CODE:
        return _OF_CODE[code[1]] + denied
    said = ": ".join(filter(None, [one_line(code[1]) if code and not is_web else "", detail]))
    means = _OF_STATUS.get(number) or "the store failed"
    return f"{means} (HTTP {number}{', ' + said if said else ''}){denied}"


def _of_transport(text: str) -> str | None:
    for mark, means in _OF_TRANSPORT.items():
        if mark in text:
            certificate, local = _CERTIFICATE.search(text), _LOCAL.search(text)
            detail = certificate[1] if certificate else (local[1] or local[2]) if local else "no details"
            return means.format(detail=detail)
    return None


def _first_line(text: str) -> str:
    return one_line(text.strip().partition("\n")[0])[:200] or "it does not say why"


def one_line(text: str) -> str:
    """Return a text of somebody else on one line, without secrets."""
    return mask_text(_URL.sub("…", " ".join(text.split())))
