"""Servers that are no object stores: a web server, a captive portal, a proxy that is overloaded.

A client takes any well-formed XML for a page of a listing, and a page of the web has no objects in it. So the
answer itself is read, where an endpoint is set.
"""

from __future__ import annotations

import enum
import urllib.request
from http.client import HTTPException
from urllib.parse import quote, urlencode

__all__ = ["Answer", "what_follows"]

_TIMEOUT = 20.0  # seconds
_MOST = 4 * 1024 * 1024  # bytes; a page of a listing has less than one million
_ROOT = "ListBucketResult"  # of S3, and of Google


class Answer(enum.Enum):
    """What a server says of the objects that follow a key."""

    NONE = enum.auto()
    """It lists, and nothing follows."""
    MORE = enum.auto()
    """It lists, and something follows."""
    NO_LISTING = enum.auto()
    """It answers with a success that is no listing."""
    REFUSED = enum.auto()
    """It does not answer a request without credentials: a store does that, too."""


def what_follows(url: str, folder: str, last: str) -> Answer:
    """Request the listing of a folder after a key, without credentials, and return what the answer means."""
    query = urlencode({"prefix": folder, "start-after": last}, quote_via=quote)
    try:
        with urllib.request.urlopen(f"{url}&{query}", timeout=_TIMEOUT) as answer:
            return _meaning(answer.read(_MOST), last)
    except (OSError, HTTPException, ValueError):
        return Answer.REFUSED


def _meaning(body: bytes, last: str) -> Answer:
    from xml.etree import ElementTree  # only those who set an endpoint need it

    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):  # no XML, or in an unknown encoding
        return Answer.NO_LISTING
    if _name(root.tag) != _ROOT:
        return Answer.NO_LISTING
    # Not every server heeds `start-after`: it may list from the beginning.
    is_cut = any(_name(each.tag) == "IsTruncated" and each.text == "true" for each in root)
    # `last` is a name of obstore's, which drops the slash at the end of a key.
    keys = ((each.text or "").removesuffix("/") for each in root.iter() if _name(each.tag) == "Key")
    return Answer.MORE if is_cut or any(key > last for key in keys) else Answer.NONE


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]
