"""Rules about the event stream's lines, blocks and bytes."""

from __future__ import annotations

import pytest
from streams import END, GOOD, TEXT, delta, opens, recording, start, stops

from inspector import sse
from inspector.checker import Limits, Severity, check


def messages(sent, rule, **options):
    return [finding.message for finding in check(sent, select=[rule], **options)]


@pytest.mark.parametrize(("ending", "name"), [(b"\r\n", "CRLF"), (b"\r", "CR")])
def test_line_ends_are_named(ending, name):
    (message,) = messages(recording(GOOD.replace(b"\n", ending)), "line-ending-nonlf")
    assert message.startswith(f"lines end in {name} ")


def test_a_change_of_line_ends_is_reported_with_both():
    body = start() + TEXT.replace(b"\n", b"\r\n") + END
    (finding,) = check(recording(body), select=["line-ending-mixed"])
    assert finding.message == "line ends change from LF to CRLF in mid-stream"
    assert finding.more == 3


def test_a_stream_in_one_line_end_is_not_mixed():
    for ending in (b"\r\n", b"\r"):
        assert messages(recording(GOOD.replace(b"\n", ending)), "line-ending-mixed") == []


@pytest.mark.parametrize(
    ("body", "severity", "message"),
    [
        (
            GOOD[:-1],
            Severity.WARNING,
            "no blank line follows the last frame (message_stop), which is whole; parsers discard it",
        ),
        (
            start() + opens(0) + delta(0)[:60],
            Severity.ERROR,
            "the body ends in the middle of a frame (content_block_delta), after 60 bytes of it; "
            "open: block 0 (text)",
        ),
        (
            start() + b"data",
            Severity.ERROR,
            "the body ends in the middle of a frame, after 4 bytes of it",
        ),
    ],
)
def test_an_unterminated_frame_says_what_is_in_it(body, severity, message):
    (finding,) = check(recording(body), select=["frame-unterminated"])
    assert (finding.severity, finding.message) == (severity, message)


def test_frames_that_no_blank_line_separates_are_not_unterminated():
    assert messages(recording(GOOD.replace(b"\n\n", b"\n")), "frame-unterminated") == []


def test_a_byte_that_is_not_utf_8_is_found_once():
    body = start() + opens(0) + delta(0).replace(b"Hello", b"\xffello") + stops(0) + END
    at = body.index(b"\xff")
    whole, cut = recording(body), recording(body[: at - 5], body[at - 5 :])
    crlf = recording(body.replace(b"\n", b"\r\n"))
    for sent in (whole, cut, crlf):
        (finding,) = check(sent, select=["utf8-invalid"])
        assert finding.more == 0
    assert messages(whole, "utf8-invalid") == [f"byte 0xff at @{at} is not UTF-8"]


def test_a_character_that_the_end_cuts_off_is_no_invalid_utf_8():
    body = start() + opens(0) + delta(0, "caf\u00e9")
    assert messages(recording(body[: body.index(b"\xa9")]), "utf8-invalid") == []


def test_a_byte_order_mark_later_on_is_text():
    assert messages(recording(start() + b"\xef\xbb\xbf" + TEXT + END), "bom") == []


@pytest.mark.parametrize(("limit", "count"), [(100, 1), (70_123, 0), (70_122, 1)])
def test_the_largest_frame_is_a_limit(limit, count):
    sent = recording(start() + opens(0) + delta(0, "x" * 70_000) + stops(0))
    assert len(check(sent, select=["frame-oversize"], limits=Limits(max_frame=limit))) >= count
    assert bool(messages(sent, "frame-oversize", limits=Limits(max_frame=limit))) is bool(count)


@pytest.mark.parametrize("line", [b"data:x\n", b"event:x\n", b"id:1\ndata:x\n"])
def test_a_missing_space_is_found_on_every_line(line):
    assert messages(recording(line + b"\n"), "data-no-space")
    assert messages(recording(line.replace(b":", b": ") + b"\n"), "data-no-space") == []


@pytest.mark.parametrize("size", [sse.BLOCK_LIMIT + 5, 2 * sse.BLOCK_LIMIT + 5])
def test_a_frame_that_is_too_long_to_be_read_is_one_warning(size):
    huge = delta(0, "x" * size)
    sent = recording(start() + opens(0) + delta(0) + huge + delta(0) + stops(0) + END)
    (finding,) = [f for f in check(sent) if f.severity != "info"]
    assert (finding.rule, finding.severity, finding.offset) == ("frame-oversize", "warning", 513)
    assert finding.message == f"the frame is {len(huge):,} bytes; beyond 16 MiB, nothing reads it here"


def test_a_frame_that_is_too_long_and_unfinished_is_unterminated():
    huge = delta(0, "x" * (sse.BLOCK_LIMIT + 5))[:-2]
    for body in (huge, huge[: sse.BLOCK_LIMIT]):
        sent = recording(start() + opens(0) + body)
        assert [f.rule for f in check(sent) if f.severity != "info"] == ["frame-unterminated"]
