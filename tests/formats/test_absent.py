"""What a source does not have: the head says so, and rules that need it rest."""

from __future__ import annotations

import dataclasses
import io
import json

import pytest
from format_texts import URL, har, json_text, ruby_vcr, vcrpy, yaml_text

from inspector import faults
from inspector.checker import RULES, report
from inspector.formats import load_all, recordings
from inspector.recording import Absent, Ending, load
from inspector.recording.bundled import bundled_names, bundled_recording

BUNDLED = [name for name in bundled_names() if name != "broken/torn"]


def rules_of(recording):
    return {finding.rule for finding in report(recording).findings}


def saved_by_vcrpy(wire):
    return vcrpy(wire.body, wire.request.url or URL, **wire.response.headers)


def saved_by_vcrpy_decoded(wire):
    """vcrpy's `decode_compressed_response` puts a Content-Length in, beside whatever else is there."""
    length = {"content-length": str(len(wire.body))}
    headers = {**wire.response.headers, **length}
    headers.pop("content-encoding", None)
    return vcrpy(wire.body, wire.request.url or URL, **headers)


def saved_without_headers(wire):
    cassette = vcrpy(wire.body, wire.request.url or URL)
    cassette["interactions"][0]["response"]["headers"] = {}
    return cassette


def exchange_of(cassette, wire):
    """Give a cassette's one exchange the request and the status of the wire."""
    (exchange,) = cassette["interactions"]
    exchange["request"]["body"] = (wire.request.body or b"").decode("utf-8", "replace")
    exchange["response"]["status"]["code"] = wire.response.status
    exchange["response"]["headers"].pop("request-id", None)
    exchange["response"]["headers"].update(
        {k: [v] for k, v in wire.response.headers.items() if k == "request-id"}
    )
    return yaml_text(cassette)


@pytest.mark.parametrize("save", [saved_by_vcrpy, saved_by_vcrpy_decoded, saved_without_headers])
@pytest.mark.parametrize("name", BUNDLED)
def test_every_rule_that_fires_on_a_cassette_fires_on_the_wire(name, save):
    for wire in load_all(bundled_recording(name)):
        if wire.response is None:
            continue
        (imported,) = recordings(io.BytesIO(exchange_of(save(wire), wire)), "x.yaml")
        assert imported.body == wire.body
        found = rules_of(imported) - rules_of(wire)
        if wire.end is None or wire.end.how is not Ending.COMPLETE:
            # The wire's finding names the cut. A cassette has only its consequence: the sentence of each of
            # these rules is as wrong on the wire, and is left out there because the cut explains it.
            found -= rules_of(dataclasses.replace(wire, end=imported.end))
        assert found == set()


def test_every_rule_that_rests_names_what_it_needs():
    assert {rule.id for rule in RULES.values() if Absent.HEADERS in rule.needs} >= {
        "content-length-on-stream",
        "content-length-with-chunked",
        "request-id-missing",
    }
    assert {name for rule in RULES.values() for name in rule.needs} <= set(Absent)


@pytest.mark.parametrize("needs", sorted({name for rule in RULES.values() for name in rule.needs}))
def test_a_rule_rests_only_if_what_it_needs_is_absent(needs):
    wire = load(bundled_recording("hello"))
    for absent in Absent:
        head = dataclasses.replace(wire.head, extra={"absent": [absent]})
        without = dataclasses.replace(
            wire,
            head=dataclasses.replace(head, response=dataclasses.replace(wire.response, headers={"x": "y"})),
        )
        fires = "request-id-missing" in rules_of(without)
        assert fires is (absent is not Absent.HEADERS)


def test_a_cassette_says_what_it_lacks():
    (imported,) = recordings(io.BytesIO(yaml_text(vcrpy())))
    assert imported.head.extra == {"absent": ["end", "headers", "reads", "sent", "times"]}
    assert (imported.head.at, imported.head.timed, imported.response.http) == ("", False, "")


def test_a_har_has_the_times_of_its_request_its_head_and_its_end():
    (imported,) = recordings(io.BytesIO(json_text(har())))
    assert imported.head.extra == {"absent": ["end", "headers", "reads", "times"]}
    assert imported.head.at == "2026-08-19T14:34:12.500000Z"
    assert (imported.response.t, imported.end.t, imported.response.http) == (0.5, 1.5, "HTTP/2")
    assert {block.t for block in imported.blocks} == {0.5}


def test_ruby_vcr_knows_when_it_was_saved():
    (imported,) = recordings(io.BytesIO(yaml_text(ruby_vcr({"encoding": "UTF-8", "string": "x"}))))
    assert imported.head.at == "2026-08-19T14:34:12.000000Z"
    assert "sent" in imported.head.absent
    assert imported.head.recorder == {"name": "VCR 6.4.0"}


def test_what_is_absent_stays_so_after_an_edit():
    (imported,) = recordings(io.BytesIO(json.dumps(vcrpy()).encode()))
    edited = faults.apply(imported, "cut-fin@ev:2")
    assert edited.head.absent == imported.head.absent == {"end", "headers", "reads", "sent", "times"}
