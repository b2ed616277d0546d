"""Laws that hold for every fault in every mode, and for the table that lists them."""

from __future__ import annotations

import copy
import io
import re

import pytest
from edited import edit, load
from fault_rows import ROWS

import inspector
from inspector import faults
from inspector.errors import UsageError
from inspector.http_library import ending_of, exception_for
from inspector.recording import dump, recordings
from inspector.recording.bundled import bundled_names, bundled_recording

every_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
every_fault = pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)


@every_row
def test_the_laws_of_a_recording_hold(row):
    edited = edit(row.recording, row.fault)
    times = [t for t, _ in edited.chunks()]
    assert times == sorted(set(times))
    assert b"".join(chunk for _, chunk in edited.chunks()) == edited.body
    assert all(round(t, 6) == t for t in (*times, edited.end.t))
    assert edited.end.t >= max([edited.response.t if edited.response else 0.0, *times])
    if edited.response and times:
        assert times[0] >= edited.response.t


@every_row
def test_a_fault_changes_something_but_not_its_argument(row):
    before = load(row.recording)
    kept = copy.deepcopy(before)
    after = faults.apply(before, row.fault)
    assert before == kept
    assert (after.body, after.end, after.head.response, list(after.chunks())) != (
        before.body,
        before.end,
        before.head.response,
        list(before.chunks()),
    )
    assert after.request == before.request


@every_row
def test_the_same_seed_gives_the_same_result(row):
    assert edit(row.recording, row.fault, seed=7) == edit(row.recording, row.fault, seed=7)


@every_row
def test_an_edited_recording_survives_a_file(row):
    edited = edit(row.recording, row.fault)
    (read,) = recordings(io.BytesIO(b"".join(dump(edited))))
    assert read == edited
    assert list(read.chunks()) == list(edited.chunks())


@every_row
def test_an_edited_recording_is_replayed_faithfully(row, library):
    edited = edit(row.recording, row.fault)
    transport = inspector.replay(load(row.recording), fault=row.fault)
    request = library.Request("POST", "http://test/v1/messages", content=b'{"stream":true}')
    chunks, raised = [], None
    try:
        response = transport.handle_request(request)
        assert response.status_code == edited.response.status
        chunks.extend(response.stream)
    except library.TransportError as error:
        raised = error
    expected = exception_for(library, edited.end, edited.head, "")
    assert chunks == [chunk for _, chunk in edited.chunks()]
    assert (type(raised), str(raised)) == (type(expected), str(expected))
    assert raised is None or edited.response is None or ending_of(raised)[0] is edited.end.how


@every_row
def test_the_head_lists_the_applied_faults(row):
    assert edit(row.recording, row.fault).head.extra == {"faults": [row.fault]}


@pytest.mark.parametrize("name", bundled_names())
@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")
def test_a_fault_applies_to_any_recording_or_says_why_not(name):
    for recording in inspector.load_all(bundled_recording(name)):
        for row in ROWS:
            try:
                edited = faults.apply(recording, row.fault)
            except UsageError as error:
                assert "\n" not in str(error)
            else:
                assert [t for t, _ in edited.chunks()] == sorted({t for t, _ in edited.chunks()})


# The table itself


def test_every_fault_has_a_row():
    assert {faults.parse(row.fault).kind.name for row in ROWS} == set(faults.FAULTS)


@every_fault
def test_every_option_has_a_row(kind):
    rows = " ".join(row.fault for row in ROWS if faults.parse(row.fault).kind is kind)
    for parameter in kind.parameters:
        for option in re.split(r"[|+](?!1)", parameter.shape):
            written = re.search(rf"[=+]{re.escape(option)}(?![\w-])", rows)
            is_word = option.islower() and parameter.shape not in ("yes|no", "SECONDS|forever")
            assert written or not is_word or option == parameter.default, (
                f"{kind.name} {parameter.name}={option}"
            )
