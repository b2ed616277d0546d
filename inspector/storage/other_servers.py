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
    """Request the listing of a folder after a key, without credentials, and return what the answer means.

    A server may ignore where a listing shall start: then its pages are read up to the last.
    """
    query = {"prefix": folder, "start-after": last}
    tokens = {""}
    while True:
        try:
            with urllib.request.urlopen(
                f"{url}&{urlencode(query, quote_via=quote)}", timeout=_TIMEOUT
            ) as answer:
                meaning, token = _meaning(answer.read(_MOST), last)
        except (OSError, HTTPException, ValueError):
            return Answer.REFUSED
        if token in tokens:  # there is no other page, or the server goes round in a circle
            return meaning
        tokens.add(token)
        query["continuation-token"] = token


def _meaning(body: bytes, last: str) -> tuple[Answer, str]:
    """Return what a page means, and the token of the next page if only that one knows what follows."""
    from xml.etree import ElementTree  # only those who set an endpoint need it

    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):  # no XML, or in an unknown encoding
        return Answer.NO_LISTING, ""
    if _name(root.tag) != _ROOT:
        return Answer.NO_LISTING, ""
    # `last` is a name of obstore's, which drops the slash at the end of a key.
    keys = ((each.text or "").removesuffix("/") for each in root.iter() if _name(each.tag) == "Key")
    if any(key > last for key in keys):
        return Answer.MORE, ""
    said = {_name(each.tag): each.text or "" for each in root}
    is_cut = said.get("IsTruncated") == "true"
    return (Answer.MORE, said.get("NextContinuationToken", "")) if is_cut else (Answer.NONE, "")


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]
