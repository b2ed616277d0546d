"""Servers that are no object stores: a web server, a captive portal, a wrong port.

A client takes any well-formed answer for a listing, and a page has no objects in it. So where an endpoint was
set and a listing is empty, the answer itself is read.
"""

from __future__ import annotations

import urllib.request
from http.client import HTTPException
from urllib.error import HTTPError

__all__ = ["answers_no_listing"]

_TIMEOUT = 20.0  # seconds
_START = 4096  # bytes, in which the root of a listing stands
_ROOTS = (b"ListBucketResult", b"EnumerationResults")  # of S3 and Google; of Azure


def answers_no_listing(url: str) -> bool:
    """Request a listing without credentials; return whether the answer is a success and no listing.

    A refusal says nothing: it is what a store does.
    """
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
            start = answer.read(_START)
    except HTTPError as refusal:
        refusal.close()  # it is the response, too
        return False
    except (OSError, HTTPException, ValueError):
        return False
    return not any(root in start for root in _ROOTS)
