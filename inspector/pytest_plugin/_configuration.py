"""What a project's tests have in common: the dictionary that its fixture `inspector_config` returns.

    @pytest.fixture(scope="module")
    def inspector_config():
        return {"match": "body", "ignore": ["system"], "filter_headers": ["x-team"]}

The names are vcrpy's, as in its fixture `vcr_config`, where it has them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from inspector import _json
from inspector.errors import UsageError
from inspector.play.matching import Match, comparison_for
from inspector.recording import Recording, Request
from inspector.views.json_paths import json_path, replaced, without

__all__ = ["Configuration", "configuration"]

BeforeRecord = Callable[[Recording], Recording | None]
Filters = Sequence[str | tuple[str, str | None]]
"""Names of what is left out, or pairs of a name and what stands there instead."""


class Configuration(NamedTuple):
    """The entries of `inspector_config`.

    `match` and `ignore` are as for `inspector.replay`; those of a marker take precedence. `filter_headers`
    names header fields, and `filter_body` members of a request's body, that are left out of recordings, or
    pairs of a name and what is recorded instead. `before_record` gets each recording before it is written;
    it returns the one to write, or None to write none.
    """

    match: Match | None = None
    ignore: Sequence[str] = ()
    filter_headers: Filters = ()
    filter_body: Filters = ()
    before_record: BeforeRecord | None = None

    def ignored(self, marker: Sequence[str] | None) -> list[str]:
        """Return what two requests are not compared by: what is not recorded cannot be compared."""
        return [*(self.ignore if marker is None else marker), *dict(_pairs(self.filter_body))]

    def edited(self, recording: Recording) -> Recording | None:
        """Return a recording as it is to be written; None if it is not to be.

        Raises `UsageError` if `before_record` fails, or returns something else.
        """
        result: object = self._filtered(recording)
        if self.before_record is not None:
            try:
                result = self.before_record(self._filtered(recording))
            except Exception as error:
                raise UsageError(f"before_record raised {type(error).__name__}: {error}") from error
        if result is not None and not isinstance(result, Recording):
            raise UsageError(f"before_record returned {type(result).__name__}, and not a Recording or None")
        return result

    def _filtered(self, recording: Recording) -> Recording:
        head = recording.head
        headers = {name.lower(): new for name, new in _pairs(self.filter_headers)}
        request = dataclasses.replace(
            head.request,
            headers=_without_fields(head.request.headers, headers),
            body=self._filtered_body(head.request),
        )
        response = head.response and dataclasses.replace(
            head.response, headers=_without_fields(head.response.headers, headers)
        )
        return dataclasses.replace(
            recording, head=dataclasses.replace(head, request=request, response=response)
        )

    def _filtered_body(self, request: Request) -> bytes | None:
        before = value = request.json()
        for text, new in _pairs(self.filter_body):
            path = json_path(text)
            value = without(value, path) if new is None else replaced(value, path, new)
        return request.body if value is before else _json.dumps(value)


def configuration(value: Any) -> Configuration:
    """Read what the fixture returns. Raises `UsageError` for a name or a value without meaning."""
    if not isinstance(value, Mapping):
        raise UsageError(f"the fixture inspector_config returns a dictionary, and not {value!r}")
    unknown = sorted(map(str, set(value) - set(Configuration._fields)))
    if unknown:
        known = ", ".join(Configuration._fields)
        raise UsageError(f"inspector_config does not know {', '.join(unknown)}; it knows {known}")
    for name in ("ignore", "filter_headers", "filter_body"):
        entries = value.get(name, ())
        if isinstance(entries, str) or not isinstance(entries, Iterable) or not all(map(_is_filter, entries)):
            raise UsageError(
                f"inspector_config: {name} is a list of names"
                + ("" if name == "ignore" else ", or of pairs of a name and a text")
                + f", and not {entries!r}"
            )
    result = Configuration(**value)
    if result.before_record is not None and not callable(result.before_record):
        raise UsageError(f"inspector_config: before_record is a function, and not {result.before_record!r}")
    comparison_for(result.match or "order", result.ignored(None))  # which refuses what is no path
    return result


def _is_filter(entry: object) -> bool:
    if isinstance(entry, tuple | list):
        return len(entry) == 2 and isinstance(entry[0], str) and isinstance(entry[1], str | None)
    return isinstance(entry, str)


def _pairs(filters: Filters) -> Iterable[tuple[str, str | None]]:
    return [(each, None) if isinstance(each, str) else (each[0], each[1]) for each in filters]


def _without_fields(headers: Mapping[str, str], filters: Mapping[str, str | None]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers.items():
        new = filters.get(name.lower(), value)
        if new is not None:
            kept[name] = new
    return kept
