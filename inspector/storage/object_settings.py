"""The settings of clouds in the environment, before a client reads them.

A client reads the environment by itself, and panics at what it does not expect: then it prints a trace of
Rust, which nothing can take back. So what it reads is made plain before.

Law: a variable that is set and blank is unset. Blanks around a value are no part of it. A value that no
client can use is one line, which shows what is wrong and hides secrets.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator

from inspector.errors import RecordingError
from inspector.redact import mask_text
from inspector.storage.object_errors import explained, reason

__all__ = ["VARIABLES", "endpoint_of", "plain_settings", "with_its_variable"]

VARIABLES = ("AWS_", "GOOGLE_", "AZURE_")
"""How the variables begin that clients read."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f]"
)  # no header may have one: keys and tokens are sent in headers
_ENDPOINT = re.compile(
    r"https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]*)?(?:/[\w.~%!$&'()*+,;=:@/-]*)?", re.ASCII | re.IGNORECASE
)
_PORT = re.compile(r"(?:\]|^[^][]*?):([^:\]]*)$")
_GENERIC = re.compile(r"^Generic \w+ error: ")  # how obstore begins
_WRITE = "write http://HOST:PORT or https://HOST:PORT"


@contextlib.contextmanager
def plain_settings(endpoints: tuple[str, ...], path: str) -> Iterator[None]:
    """Take the blanks off the variables of clouds in the block, and unset those that are blank.

    Of several `endpoints`, only the first one that is set stays: clients do not agree which one counts.
    Raises `RecordingError` for `path` if a variable has a character that no request can have.
    """
    before = {name: value for name, value in os.environ.items() if name.startswith(VARIABLES)}
    plain = {name: stripped for name, value in before.items() if (stripped := value.strip())}
    for name in [name for name in endpoints if name in plain][1:]:
        del plain[name]
    changed = {name: value for name, value in before.items() if plain.get(name) != value}
    try:
        for name in changed:
            if name in plain:
                os.environ[name] = plain[name]
            else:
                del os.environ[name]
        _refuse_controls(plain, path)
        yield
    finally:
        os.environ.update(changed)


def _refuse_controls(settings: dict[str, str], path: str) -> None:
    for name, value in settings.items():
        if odd := _CONTROL.search(value):
            what = "a line break" if odd[0] in "\r\n" else f"a control character (U+{ord(odd[0]):04X})"
            message = f"{name} has {what} in it, which no request can have: set it again, without it"
            raise RecordingError(message, path=path)


def endpoint_of(names: tuple[str, ...], parses: Callable[[str], bool], path: str) -> tuple[str, str]:
    """Return the variable that names the server to use, and its URL; two empty texts if none is set.

    `parses` says whether the client's own parser takes a URL. Raises `RecordingError` for `path` if it is no
    URL of a server: the client would panic.
    """
    name = next((name for name in names if os.environ.get(name, "").strip()), "")
    endpoint = os.environ.get(name, "").strip()
    if name and (wrong := _wrong_in(endpoint, parses)):
        raise RecordingError(
            f"{name} is {_shown(endpoint)!r}, which is no URL of a server: {wrong}; {_WRITE}", path=path
        )
    return name, endpoint


def _wrong_in(endpoint: str, parses: Callable[[str], bool]) -> str:
    """Return what is wrong with the URL of a server; empty if nothing is."""
    scheme, mark, rest = endpoint.partition("://")
    if not mark or scheme.lower() not in ("http", "https"):
        return "it does not begin with http:// or https://"
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if not authority or authority.startswith(":"):
        return "it has no host"
    if "@" in authority:
        return "it has a user or a password, which belong into variables of their own"
    if re.search(r"\s", endpoint):
        return "it has a blank in it"
    if "?" in rest or "#" in rest:
        return "it has more than a server and a path"
    if (port := _PORT.search(authority)) and not (port[1].isdecimal() and 0 < int(port[1]) < 65536):
        return "its port is no number from 1 to 65535"
    if not _ENDPOINT.fullmatch(endpoint) or not parses(endpoint):
        return "its host or its path cannot be one"
    return ""


def with_its_variable(message: str, make: Callable[[], object]) -> str:
    """Return why a client cannot be made, with the variable without which it can.

    `make` makes it. Not every message quotes the value that is wrong, so each variable is left out once.
    """
    before, failed, said = dict(os.environ), *message.partition(": ")[::2]
    if failed != "the store failed":
        return message
    for name in sorted(name for name in before if name.startswith(VARIABLES)):
        try:
            del os.environ[name]
            with explained("", reason):
                make()
        except RecordingError:
            continue
        finally:
            os.environ[name] = before[name]
        return f"{name} cannot be used: {_GENERIC.sub('', said)}"
    return message


def _shown(endpoint: str) -> str:
    """Return a URL as it may be shown: without a user and password, and without a query."""
    start, mark, rest = endpoint.rpartition("@")
    if mark:
        scheme = start.partition("://")[0] + "://" if "://" in start else ""
        endpoint = f"{scheme}…@{rest}"
    shown, query, _ = endpoint.partition("?")
    return mask_text(shown) + ("?…" if query else "")
