"""Whether a dashboard of dask is there: its address alone proves nothing.

A scheduler serves that port also with `--no-dashboard`, without the page. Without bokeh it serves a page that
says so.
"""

from __future__ import annotations

import urllib.request
from http.client import HTTPException
from urllib.error import HTTPError

__all__ = ["page_is_there"]

_TIMEOUT = 2.0  # seconds
_START = 4096  # bytes
_WITHOUT_BOKEH = b"Dask needs bokeh"  # which distributed.http.scheduler.missing_bokeh writes


def page_is_there(link: str) -> bool:
    """Return whether a dashboard answers at `link`. It is near: no proxy leads there."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(link, timeout=_TIMEOUT) as answer:
            return _WITHOUT_BOKEH not in answer.read(_START)
    except HTTPError as refusal:
        refusal.close()  # it is the response, too
        return False
    except (OSError, HTTPException, ValueError):
        return False
