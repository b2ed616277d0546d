"""A recording as text: its head and its summary; nothing in it drives a terminal."""

from __future__ import annotations

from dataclasses import replace

import click
import pytest

import inspector
from inspector.cli._event_lines import Look
from inspector.cli._recording_text import head_line, summary_text, torn_line
from inspector.recording import Torn
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.views.summary import summary

HELLO = inspector.load(bundled_recording("hello"))
EVIL = "\x1b[2J\u202e"


def first_recording(name):
    with bundled_recording(name).open("rb") as file:
        return next(inspector.recording.recordings(file))


def test_the_head_is_one_line_with_the_request_the_status_and_the_date():
    line = head_line(HELLO.head, "a.jsonl", look=Look())
    assert line.startswith(
        "a.jsonl · POST https://api.anthropic.com/v1/messages · 200 text/event-stream after 0."
    )
    assert line.endswith(" UTC")


def test_a_head_without_a_response_says_what_was_requested():
    head = first_recording("broken/no_response").head
    assert head_line(head, look=Look()).startswith("POST http://127.0.0.1:4000/v1/messages · 2026-")
    assert "after" not in head_line(head, look=Look())


@pytest.mark.parametrize("name", bundled_names())
def test_colour_changes_no_text(name):
    facts = summary(first_recording(name))
    assert click.unstyle(summary_text(facts, look=Look(True))) == summary_text(facts, look=Look())


def test_a_torn_line_is_shown_with_its_number():
    line = torn_line(Torn(b'{"t":1', 7), Look())
    assert "(torn line 7)" in line
    assert line.endswith('{"t":1')


def test_a_summary_has_a_line_for_each_fact():
    labels = [line.split()[0] for line in summary_text(summary(HELLO), "the SDK", look=Look()).splitlines()]
    assert labels == ["end", "body", "stop", "usage", "first", "request", "sdk"]


def test_an_http_error_says_when_to_try_again():
    text = summary_text(summary(inspector.load(bundled_recording("error_429"))), look=Look())
    assert "rate_limit_error" in text
    assert "retry-after  17" in text


def test_nothing_from_a_stream_drives_a_terminal():
    head = replace(HELLO.head, request=replace(HELLO.head.request, url=EVIL))
    facts = summary(replace(HELLO, head=head))
    facts.stop_reason = EVIL
    text = "".join(
        (
            head_line(head, EVIL, look=Look()),
            torn_line(Torn(EVIL.encode(), 1), Look()),
            summary_text(facts, EVIL, look=Look()),
        )
    )
    assert "\x1b" not in text and "\u202e" not in text
