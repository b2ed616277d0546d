"""What one command can read, every command can read, and all say the same of it; lines are exact."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import http.client
import io
import json
import random
import re
import sys
import warnings
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from zstd_library import zstd

import inspector
from inspector import faults
from inspector.checker import report
from inspector.checker.session import session_reports
from inspector.cli import cli
from inspector.http_library import sdk_library
from inspector.recording import Reader, Recorder, dump, load_all, parse_line, recordings
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.serve.server import Server

TOOL, SESSION, CUT = (bundled_recording(name) for name in ("tool_use", "tool_session", "broken/cut_tool"))
BODY = inspector.load(TOOL).body
DUPLICATE = BODY + b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
HEADS = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
PAYLOADS = b"".join(block.data + b"\n" for block in inspector.load(TOOL).blocks)

PLAIN = {
    "recording.jsonl": (TOOL.read_bytes(), [BODY]),
    "session.jsonl": (SESSION.read_bytes(), [each.body for each in load_all(SESSION)]),
    "findings.jsonl": (CUT.read_bytes(), [inspector.load(CUT).body]),
    "lf.sse": (DUPLICATE, [DUPLICATE]),
    "crlf.sse": (BODY.replace(b"\n", b"\r\n"), [BODY.replace(b"\n", b"\r\n")]),
    "cr.sse": (BODY.replace(b"\n", b"\r"), [BODY.replace(b"\n", b"\r")]),
    "unfinished.sse": (BODY[:-9], [BODY[:-9]]),
    "curl_i.txt": (HEADS + BODY, [BODY]),
    "payloads.jsonl": (PAYLOADS, [BODY]),
    "torn.jsonl": (TOOL.read_bytes()[:-9], [BODY]),
    "error.sse": (b'{"type":"error","error":{"type":"overloaded_error","message":"x"}}', None),
    "page.txt": (b"<html>\n\n<p>Sign in</p>", None),
}
"""What a file may hold, and the bodies in it; None if the file is the body."""

FORMS = {name: (text, bodies or [text]) for name, (text, bodies) in PLAIN.items()}
FORMS |= {f"{name}.gz": (gzip.compress(text), bodies) for name, (text, bodies) in FORMS.items()}
FORMS |= {
    f"{name}.zst": (zstd.compress(text), bodies) for name, (text, bodies) in list(FORMS.items())[: len(PLAIN)]
}
FORMS["torn.jsonl.gz"] = (gzip.compress(TOOL.read_bytes())[:-6], [BODY])
FORMS["torn.sse.gz"] = (gzip.compress(BODY)[:-6], [BODY])

PIPED = {
    name: form
    for name, form in FORMS.items()
    # A compressed body without a name is the body of a server that compressed it.
    if not name.endswith((".gz", ".zst"))
    or name.startswith(("recording", "session", "findings", "curl", "torn.jsonl"))
}


class Given:
    """A form, as a file or on standard input."""

    def __init__(self, path, stdin, bodies):
        self.path, self.stdin, self.bodies = path, stdin, bodies

    def run(self, *arguments):
        result = CliRunner().invoke(cli, [*arguments, self.path], input=self.stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    @contextlib.contextmanager
    def read(self):
        """Let whoever reads standard input in this process find the form there; a torn one is no surprise."""
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore", inspector.RecordingWarning)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(self.stdin)))
            yield

    def loaded(self):
        with self.read():
            return load_all(self.path)


@pytest.mark.parametrize("command", ["show", "replay", "check", "stats", "ls", "redact"])
@pytest.mark.parametrize("name", ["-", "x.jsonl", "x.sse", "x.txt"])
def test_nothing_is_refused_as_a_file_and_on_standard_input(command, name, tmp_path):
    path = tmp_path / name
    if name != "-":
        path.write_bytes(b"")
    where = name if name == "-" else str(path)
    result = CliRunner().invoke(cli, [command, where], input=b"")
    assert (result.exit_code, f"{where}: is empty: no recording in it" in result.stderr) == (3, True)


@pytest.fixture(params=[*FORMS, *(f"< {name}" for name in PIPED)])
def given(request, tmp_path):
    name = request.param.removeprefix("< ")
    text, bodies = FORMS[name]
    if request.param.startswith("<"):
        return Given("-", text, bodies)
    path = tmp_path / name
    path.write_bytes(text)
    return Given(str(path), b"", bodies)


def said(recording):
    """What a recording says, without its times."""
    events = [(event.name, event.block.data) for event in recording.events()]
    return recording.body, events, recording.message(), recording.end and recording.end.how


def test_load_all_reads_it(given):
    assert [recording.body for recording in given.loaded()] == given.bodies


def test_show_raw_is_the_body(given):
    assert given.run("show", "--format", "raw").stdout_bytes == b"".join(given.bodies)


def test_show_events_are_the_payloads(given):
    blocks = [block for recording in given.loaded() for block in recording.blocks]
    shown = given.run("show", "--format", "events").stdout_bytes
    assert shown == b"".join(block.data + b"\n" for block in blocks if block.data is not None)


def test_show_jsonl_is_a_recording_that_says_the_same(given):
    result = given.run("show", "--format", "jsonl")
    again = list(recordings(io.BytesIO(result.stdout_bytes)))
    assert list(map(said, again)) == list(map(said, given.loaded()))
    assert [each.head.timed for each in again] == [each.head.timed for each in given.loaded()]


def test_show_message_and_text_are_the_message(given):
    loaded = given.loaded()
    decoder, shown = json.JSONDecoder(), given.run("show", "--format", "message").stdout.strip()
    for recording in loaded:
        message, end = decoder.raw_decode(shown)
        shown = shown[end:].lstrip()
        body = recording.body
        assert message == (recording.message() or (json.loads(body) if body[:1] == b"{" else None))
    content = [block for each in loaded for block in (each.message() or {}).get("content", ())]
    texts = [block["text"] for block in content if block.get("type") == "text"]
    assert given.run("show", "--format", "text").stdout.replace("\n", "") == "".join(texts).replace("\n", "")


def test_show_has_a_row_for_every_block(given):
    shown = given.run("show", "--unfold").stdout
    # The rows of a recording stand between the names of the columns and the first line of the summary.
    tables = re.findall(r"event +content\n((?:.*\n)*?) {7,8}(?:end|body)  ", shown)
    rows = [line for table in tables for line in table.splitlines() if "(torn line" not in line]
    assert len(rows) == sum(len(recording.blocks) for recording in given.loaded())


@pytest.mark.parametrize("fold", ["--fold", "--unfold"])
@pytest.mark.parametrize("form", ["pretty", "jsonl", "events", "text", "raw", "message"])
def test_replay_shows_what_show_shows(given, form, fold):
    shown = given.run("show", "--format", form, fold)
    replayed = given.run("replay", "--format", form, fold, "--speed", "1000000")
    assert (replayed.exit_code, replayed.stdout_bytes) == (0, shown.stdout_bytes)
    assert replayed.stderr == shown.stderr


def in_short(reports):
    """The findings, without the lines of the file, which a recording in memory does not have."""
    return [
        [(each["rule"], each["message"], each["event"], each["offset"]) for each in one["findings"]]
        for one in reports
    ]


def test_check_finds_what_is_wrong_with_the_recordings(given):
    result = given.run("check", "--format", "json")
    reports = json.loads(result.stdout)["reports"]
    expected = [report(recording).to_dict() for recording in given.loaded()]
    assert in_short(reports) == in_short(expected)
    assert [each["verdict"] for each in reports] == [each["verdict"] for each in expected]


def test_check_says_the_same_in_every_format(given):
    findings = [
        finding
        for each in json.loads(given.run("check", "--format", "json").stdout)["reports"]
        for finding in each["findings"]
    ]
    located = [(each["rule"], each["line"]) for each in findings]
    loud = [each["rule"] for each in findings if each["severity"] != "info"]
    (run,) = json.loads(given.run("check", "--format", "sarif").stdout)["runs"]
    regions = [each["locations"][0]["physicalLocation"].get("region") or {} for each in run["results"]]
    rules = [each["ruleId"] for each in run["results"]]
    assert list(zip(rules, (region.get("startLine") for region in regions), strict=True)) == located
    annotations = re.findall(
        r"(?:,line=(\d+))?,title=([\w-]+)::", given.run("check", "--format", "github").stdout
    )
    assert [rule for _, rule in annotations] == loud
    junit = ElementTree.fromstring(given.run("check", "--format", "junit").stdout)
    cases = "".join(junit.itertext())
    text = given.run("check").stdout
    assert [rule for rule in loud if rule not in text or rule not in cases] == []


def test_edit_edits_it(given):
    fault = "http-error=529"
    result = given.run("edit", "--fault", fault)
    assert result.exit_code == 0, result.stderr
    edited = list(recordings(io.BytesIO(result.stdout_bytes)))
    assert list(map(said, edited)) == [said(faults.apply(each, fault)) for each in given.loaded()]


def fetched(url):
    """The body that a server sends; up to where it breaks off."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("POST", "/v1/messages", b'{"stream":true}')
    response = connection.getresponse()
    try:
        return response.read()
    except http.client.IncompleteRead as error:
        return error.partial
    finally:
        connection.close()


def test_serve_serves_it(given):
    with given.read(), Server(given.path, match="any") as server:
        assert [fetched(server.url) for _ in given.bodies] == given.bodies


def test_a_transport_plays_it(given):
    library = sdk_library()
    with given.read():
        transport = inspector.replay(given.path, match="any")
        with library.Client(transport=transport) as client:
            for body in given.bodies:
                chunks = []
                with (
                    contextlib.suppress(library.TransportError),
                    client.stream("POST", "http://x/v1/messages", content=b'{"stream":true}') as response,
                ):
                    chunks.extend(response.iter_raw())
                assert b"".join(chunks) == body


@pytest.mark.parametrize("name", ["x.sse", "x.jsonl", "x.jsonl.gz"])
def test_a_large_file_is_played_while_it_is_read(name, tmp_path):
    body = BODY + b": %b\n\n" % random.Random(1).randbytes(1_500_000).hex().encode()
    recorder = Recorder()
    blocks = (*recorder.feed([(1.0, body)]), *recorder.close())
    large = dataclasses.replace(inspector.load(TOOL), blocks=blocks)
    text = body if name == "x.sse" else b"".join((*dump(large), *dump(inspector.load(CUT))))
    path = tmp_path / name
    path.write_bytes(gzip.compress(text, 1) if name.endswith("gz") else text)
    assert path.stat().st_size > 1 << 20
    bodies = [body] if name == "x.sse" else [body, inspector.load(CUT).body]
    library = sdk_library()
    transport = inspector.replay(path, match="any")
    with library.Client(transport=transport) as client:
        assert [
            client.post("http://x/v1/messages", content=b'{"stream":true}').content for _ in bodies
        ] == bodies
    with Server(path, match="any") as server:
        assert [fetched(server.url) for _ in bodies] == bodies


def test_stream_offline_plays_it(given):
    shown = given.run("stream", "--speed", "1e6", "--format", "raw", "--offline")
    assert shown.stdout_bytes == given.bodies[0]


def test_the_payloads_that_show_prints_are_checked(tmp_path):
    for name in bundled_names():
        loaded = quietly(bundled_recording(name))
        if len(loaded) > 1 or loaded[0].message() is None:
            continue
        payloads = CliRunner().invoke(cli, ["show", "--format", "events", str(bundled_recording(name))])
        (checked,) = session_reports(Reader(io.BytesIO(payloads.stdout_bytes), "-"))
        assert checked.events == len([*loaded[0].events()]), name
        if not name.startswith("broken/"):
            assert [finding.rule for finding in checked.findings if finding.severity == "error"] == [
                finding.rule for finding in report(loaded[0]).findings if finding.severity == "error"
            ], name


def quietly(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", inspector.RecordingWarning)
        return load_all(path)


# Lines


def with_blank_lines(text, chance):
    """The text with blank lines put in, and where each of its lines is then."""
    places, lines = {}, []
    for number, line in enumerate(text.split(b"\n"), 1):
        lines += chance.choices([b"", b" ", b"\r", b"\t "], k=chance.choice([0, 0, 1, 3]))
        lines.append(line)
        places[number] = len(lines)
    return b"\n".join(lines), places


def findings_of(text, name):
    reports = session_reports(Reader(io.BytesIO(text), name))
    return [(finding, each.number) for each in reports for finding in each.findings]


@pytest.mark.parametrize("name", bundled_names())
def test_findings_stay_at_their_lines_when_blank_lines_are_put_in(name):
    text = bundled_recording(name).read_bytes()
    findings = findings_of(text, name)
    for seed in range(5):
        spread, places = with_blank_lines(text, random.Random(seed))
        moved = findings_of(spread, name)
        assert [finding.line for finding, _ in moved] == [
            finding.line and places[finding.line] for finding, _ in findings
        ]
        for (one, _), (other, _) in zip(findings, moved, strict=True):
            assert (one.rule, one.event, one.offset) == (other.rule, other.event, other.offset)


@pytest.mark.parametrize("name", bundled_names())
def test_a_finding_is_at_the_line_of_its_event_or_at_the_end_of_its_recording(name):
    text, _ = with_blank_lines(bundled_recording(name).read_bytes(), random.Random(7))
    events, ends, number = {}, {}, 0
    for line, content in enumerate(text.split(b"\n"), 1):
        if content.startswith(b'{"recording"'):
            number, count = number + 1, 0
        if not content.strip():
            continue
        ends[number] = line
        with contextlib.suppress(ValueError):  # a torn line
            if getattr(parse_line(content), "data", None) is not None:
                count += 1
                events[number, count] = line
    for finding, of in findings_of(text, name):
        lines = [events.get((of, finding.event)), ends[of]]
        first = min([line for (each, _), line in events.items() if each == of], default=ends[of])
        assert finding.line in lines or finding.line < first or finding.event is None, finding


@pytest.mark.parametrize("name", bundled_names())
def test_a_finding_of_a_bare_stream_is_at_the_line_at_which_its_event_begins(name):
    for recording in quietly(bundled_recording(name)):
        body = recording.body
        if b"\r" in body or not recording.blocks:
            continue
        begins = {event.number: body[: event.offset].count(b"\n") + 1 for event in recording.events()}
        last = len(body.splitlines())
        for finding, _ in findings_of(body, "x.sse"):
            assert finding.line in (begins.get(finding.event), last, 1) or finding.event is None
            assert finding.line <= last
