"""What says the same is read once: whole at its first place, then how often, in each form for people."""

from __future__ import annotations

import json
import re

import pytest
from right_endpoint import KEY, Reply, RightEndpoint
from score_examples import result

import inspector
from inspector.conformance.scoring.same import groups_of
from inspector.conformance.scoring.score_html import score_html
from inspector.conformance.scoring.score_junit import score_junit
from inspector.conformance.scoring.score_markdown import score_markdown
from inspector.conformance.scoring.score_text import score_lines
from inspector.conformance.scoring.scorecard import Deviation, Scorecard, State


def text_of(card, **options):
    return "\n".join(line.text for line in score_lines(card, **options))


def deviations(name, count, warns=False):
    return tuple(
        Deviation(f"index {n} comes at {n + 1}", f"{name}-{n}", n, rule="index-gap", warns=warns)
        for n in range(1, count + 1)
    )


def card_of(*results):
    return Scorecard("2026-11", "http://x", "m", results)


FAILED = card_of(
    result("text", State.FAIL, failures=deviations("text", 1)),
    result("long-text", State.FAIL, failures=deviations("long-text", 5)),
    result("tool", State.FAIL, failures=(*deviations("tool", 1), Deviation("no call", "tool-1"))),
)
WARNED = card_of(
    *(result(name, warnings=deviations(name, 1, warns=True)) for name in ("text", "tool", "idle"))
)
PEOPLE = pytest.mark.parametrize("form", [text_of, score_markdown, score_html])


@PEOPLE
def test_what_is_the_same_is_whole_once_and_counted(form):
    text = form(FAILED)
    assert text.count("comes at") == 1
    assert "the same in 6 more (long-text-1, long-text-2, long-text-3, …)" in text
    assert len(re.findall("the same as in (?:<code>)?text-1", text)) == 2
    assert text.count("no call") == 1


@PEOPLE
def test_a_warning_that_others_repeat_is_told_once(form):
    text = form(WARNED)
    assert text.count("comes at") == 1
    assert "the same in 2 more (tool-1, idle-1)" in text


def test_verbose_names_all_places():
    assert "(long-text-1, long-text-2, long-text-3, long-text-4, long-text-5, tool-1)" in text_of(
        FAILED, verbose=True
    )


def test_what_programs_read_has_everything():
    assert score_junit(FAILED).count("index-gap") == 7
    assert json.dumps(FAILED.to_dict()).count("index-gap") == 7


def test_another_rule_or_another_message_is_not_the_same():
    others = (Deviation("a", "text-1", rule="r"), Deviation("a", "text-1"), Deviation("b", "text-1"))
    groups = groups_of([result("text", State.FAIL, failures=others)])["text"]
    assert tuple(group.first for group in groups.failures) == others


def test_a_body_that_is_no_stream_is_the_only_finding():
    def deviate(asked, reply):
        return Reply(200, {"ok": True}) if "hundred" in asked.prompt else reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY, only=["text", "max-tokens"])
    assert [each.rule for each in card.result("max-tokens").failures] == ["body-not-sse"]
    assert card.result("max-tokens").warnings == ()


def test_a_wrong_content_type_hides_no_other_finding():
    def deviate(asked, reply):
        if reply.events is not None:
            reply.headers["content-type"] = "text/plain"
            del reply.events[0]["message"]["usage"]["output_tokens"]
            reply.events[-1] = b"data: [DONE]\n\n"
        return reply

    with RightEndpoint(deviate) as endpoint:
        result = inspector.probe(endpoint.url, key=KEY, only=["text"]).result("text")
    found = {each.rule for each in result.failures}
    assert found == {"start-field-missing", "body-not-sse", "done-sentinel"}
    (exchange,) = result.exchanges
    assert found == {each.rule for each in inspector.check(exchange.recording) if each.severity == "error"}


def test_one_cause_in_every_answer_takes_one_line():
    def deviate(asked, reply):
        if reply.events is not None:
            reply.events = [b"".join(reply.pieces()).replace(b"\n", b"\r\n")]
        return reply

    with RightEndpoint(deviate) as endpoint:
        card = inspector.probe(endpoint.url, key=KEY)
    assert json.dumps(card.to_dict()).count('"line-ending-nonlf"') > 10
    assert text_of(card).count("line-ending-nonlf") == 1


@pytest.mark.parametrize("form", ["the id toolu_01Ab{} comes twice", '"word {}" is not "a"'])
def test_ids_and_quoted_text_do_not_make_a_difference(form):
    card = card_of(
        *(result(name, warnings=(Deviation(form.format(name), warns=True),)) for name in ("ab", "cd", "ef"))
    )
    assert [group.more for group in groups_of(card.results)["ab"].warnings] == [2]


def test_two_members_are_two_findings():
    found = tuple(Deviation(f"the message has no member `{name}`") for name in ("id", "usage"))
    card = card_of(result("text", State.FAIL, failures=found))
    assert [group.more for group in groups_of(card.results)["text"].failures] == [0, 0]
