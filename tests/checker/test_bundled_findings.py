"""The bundled recordings: whole ones are clean, and broken ones have the one finding they were made for."""

from __future__ import annotations

import warnings

import pytest
from captures import BUNDLED

from inspector.checker import Severity, check
from inspector.recording import load_all

pytestmark = pytest.mark.skipif(not BUNDLED.exists(), reason="the bundled recordings are not here")

EXPECTED = {
    "crlf": ["line-ending-nonlf"],
    "error_401": ["http-status"],
    "error_429": ["http-status"],
    "error_529": ["http-status"],
    "error_mid_stream": ["error-event"],
}
"""The findings of whole recordings; the others have none."""

BROKEN = {
    "abandoned": [],
    "bad_json": ["json-invalid"],
    "bad_utf8": ["utf8-invalid"],
    "cut_text": ["body-truncated"],
    "cut_tool": ["message-stop-missing"],
    "done_sentinel": ["done-sentinel"],
    "glued_tool": ["tool-json-trailing"],
    "html": ["body-not-sse"],
    "index_gap": ["index-gap"],
    "no_end": ["recording-unfinished"],
    "no_response": ["no-response"],
    "reset": ["body-truncated"],
    "spliced": ["message-start-spliced"],
    "timeout": ["body-timeout"],
    "torn": ["recording-unfinished"],
    "unfinished": ["frame-unterminated"],
    "unnamed": ["frame-event-missing"],
}


def rules_of(path):
    """The rules with an error or a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one has a torn line
        loaded = load_all(path)
    return [f.rule for sent in loaded for f in check(sent) if f.severity is not Severity.INFO]


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_whole_recording_is_clean(path):
    assert rules_of(path) == EXPECTED.get(path.stem, [])


@pytest.mark.parametrize("path", sorted((BUNDLED / "broken").glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_broken_recording_has_the_finding_it_was_made_for(path):
    assert rules_of(path) == BROKEN[path.stem]
