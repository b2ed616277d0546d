"""URLs of objects: which store keeps them, under which key, and by which name people see them.

A key stands in a URL as it is, and nothing in it is decoded: `s3://bucket/a b%20c?.jsonl` has the key
`a b%20c?.jsonl`. Only `https://` and `http://` URLs are written as browsers take them.

**No name has a secret.** A URL of the web may have one, in its query (a signature) or before its host (a
password). Its name is the URL without both, and is a `SecretURL`: a text that remembers the whole URL for
`opened`. Whoever prints it, compares it, or writes it into a table has the text alone. Only pickling takes
the whole URL along, since a worker in another process has to open it.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from inspector.errors import RecordingError
from inspector.manual import page

__all__ = ["Place", "SecretURL", "place_of", "public_name", "whole", "without_user"]

_URL = re.compile(r"([a-z0-9+.-]+)://([^/]*)(/?)(.*)", re.IGNORECASE | re.DOTALL)
_WEB = ("https", "http")
_BUCKETS = ("s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss")
_CONTAINER_FIRST = ("adl", "abfs", "abfss")  # abfss://container@account.dfs.core.windows.net/key


class SecretURL(str):
    """The name of an object whose URL has a secret: the text has none, `url` is the whole."""

    __slots__ = ("url",)
    url: str

    def __new__(cls, name: str, url: str) -> SecretURL:
        """Make one of the name and the whole URL."""
        made = super().__new__(cls, name)
        made.url = url
        return made

    def __reduce__(self) -> tuple[type[SecretURL], tuple[str, str]]:
        return SecretURL, (str(self), self.url)


class Place(NamedTuple):
    """Where an object is: `root` is what one client reads, a bucket or one URL of the web; `key` is in it."""

    scheme: str
    root: str
    key: str

    @property
    def is_web(self) -> bool:
        """Whether it is one object of the web, which nothing is listed of."""
        return self.scheme in _WEB

    def name(self, key: str) -> str:
        """Return the name of another object of the same bucket."""
        return f"{self.root}/{key}"


def place_of(name: str) -> Place:
    """Return where the object of a URL is. Raises `RecordingError` for a URL that no store keeps."""
    match = _URL.match(whole(name))
    scheme, host, _, key = match.groups() if match else ("", "", "", "")
    scheme = scheme.lower()
    if scheme in _WEB and host:
        return Place(scheme, whole(name), "")
    if scheme not in _BUCKETS:
        known = "s3://, gs://, az:// and https://"
        raise RecordingError(f"a URL of this kind cannot be read; known are {known}", path=public_name(name))
    user, at, _ = host.rpartition("@")
    if at and (":" in user or scheme not in _CONTAINER_FIRST):
        raise RecordingError(
            "credentials do not belong in this URL, where every list of processes shows them: set them in "
            f"the environment (see {page('object_stores')})",
            path=public_name(name),
        )
    if not host:
        raise RecordingError(f"no bucket: write {scheme}://BUCKET/KEY", path=public_name(name))
    return Place(scheme, f"{match[1]}://{host}" if match else "", key)


def public_name(name: str | os.PathLike[str]) -> str:
    """Return what a path or a URL is called: a URL without its secrets, which `whole` knows nevertheless."""
    name = os.fspath(name)
    if isinstance(name, SecretURL):
        return name
    match = _URL.match(name)
    if match is None:
        return name
    scheme, host, slash, key = match.groups()
    plain_host = host.rpartition("@")[2]
    if scheme.lower() in _WEB:
        plain = re.split("[?#]", f"{plain_host}{slash}{key}", maxsplit=1)[0]
        return SecretURL(f"{scheme}://{plain}", name) if plain != f"{host}{slash}{key}" else name
    if scheme.lower() in _CONTAINER_FIRST and ":" not in host:
        return name
    # It is refused, but only by who opens it: the name must not make another URL of it.
    return SecretURL(f"{scheme}://{plain_host}{slash}{key}", name) if plain_host != host else name


def whole(name: str) -> str:
    """Return the URL that a name stands for, with its secrets."""
    return name.url if isinstance(name, SecretURL) else name


def without_user(url: str) -> tuple[str, str | None]:
    """Split the user and password off a URL of the web; return them as `user:password`, None without."""
    from urllib.parse import unquote, urlsplit, urlunsplit  # rarely needed, and commands start quickly

    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host, fragment="")), unquote(user) if at else None
