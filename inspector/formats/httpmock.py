"""Recordings of Rust's httpmock (https://docs.rs/httpmock): YAML documents of a `when` and a `then`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.formats.cassettes import body_of
from inspector.formats.documents import Document
from inspector.formats.interaction import Interaction, as_headers, as_mapping, as_text

__all__ = ["claims", "interactions"]


def claims(value: Any) -> bool:
    """Whether a document is one of httpmock."""
    mapping = as_mapping(value)
    return bool(as_mapping(mapping.get("when"))) and bool(as_mapping(mapping.get("then")))


def interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield an exchange for each document."""
    for line, value in documents:
        when, then = as_mapping(as_mapping(value).get("when")), as_mapping(as_mapping(value).get("then"))
        status = then.get("status")
        body, _ = body_of(then)
        yield Interaction(
            line=line,
            method=as_text(when.get("method")) or "POST",
            url=_url(when),
            request_headers=as_headers(when.get("header")),
            request_body=body_of(when)[0] or None,
            status=status if isinstance(status, int) else 200,
            response_headers=as_headers(then.get("header")),
            reads=[(0.0, body)] if body else [],
        )


def _url(when: Any) -> str:
    """Return the URL as far as it was saved: often only its path."""
    host, path = when.get("host"), as_text(when.get("path"))
    if not host:
        return path
    port = f":{when['port']}" if when.get("port") else ""
    return as_text(f"{when.get('scheme') or 'https'}://{host}{port}{path}")
