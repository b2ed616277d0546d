"""Probes of answers that are text: how they begin, end and are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector import _json
from inspector.conformance.arrival import shown
from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import NotTested, probe
from inspector.conformance.prompts import user
from inspector.conformance.scoring.scorecard import Deviation
from inspector.recording import Event

__all__: list[str] = []

_STREAM = "https://platform.claude.com/docs/en/build-with-claude/streaming"
_STOPS = "https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons"
_MESSAGES = "https://platform.claude.com/docs/en/api/messages/create"

_HELLO = user("Reply with the single word: hello")
_MEMBERS = ("id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage")
_FEW_DELTAS = 3
_LONG_TEXT = 300  # characters
_WORDS_A_TOKEN = 10  # a token holds hardly ever more than a word
_UNLIKE = 0.7  # of the same input, counted twice
_PERSONA = (
    "You are the patient keeper of an old lighthouse on a rocky island in the north. You know the tides, the "
    "birds and the ships that pass. You answer every question kindly, in plain words, and in one short "
    "sentence, and you never speak of anything that happened after the lamp was lit for the last time."
)


@probe(
    "text",
    "A streamed answer follows the grammar, ends its turn, names its model and counts its tokens.",
    requests=1,
    max_tokens=512,
    source=_STREAM,
)
def text(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for a short answer."""
    answer = endpoint.ask(_HELLO, max_tokens=512).accepted()
    yield from answer.ended()
    if not answer.message:
        return
    if answer.stop_reason not in ("end_turn", "max_tokens"):
        yield answer.fail(f'a short answer {answer.stops}; it should be "end_turn"')
    if answer.text and not answer.usage.get("output_tokens"):
        yield answer.fail("usage counts no output tokens for an answer with text")
    yield from _miscounted(answer, 512)
    yield from _said_twice(answer)
    start = next((event for event in answer.events if event.type == "message_start"), None)
    if start is not None and not answer.counted_input:
        yield answer.fail("neither message_start nor message_delta says how many tokens went in", start)


@probe(
    "same-answer-unstreamed",
    "Without `stream`, the same answer comes as one JSON message with the same members.",
    requests=2,
    max_tokens=1024,
    source=_MESSAGES,
    seen=("https://github.com/vllm-project/vllm/pull/56371",),
)
def same_answer_unstreamed(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask the same with and without a stream."""
    streamed = endpoint.ask(_HELLO, max_tokens=512).accepted()
    whole = endpoint.ask(_HELLO, max_tokens=512, stream=False).accepted()
    yield from whole.clean()
    if whole.content_type != "application/json":
        yield whole.fail(f"the content type of a JSON message is {whole.content_type or 'missing'}")
    if not whole.message:
        return
    for name in _MEMBERS:
        if name not in whole.message:
            yield whole.fail(f"the message has no member `{name}`")
    if whole.stop_reason is None:
        yield whole.fail("a finished message has no stop_reason")
    if whole.stop_reason == "end_turn" and whole.message.get("stop_sequence") is not None:
        yield whole.fail("stop_sequence is set, and no stop sequence was given; it should be null")
    for name in ("type", "role", "model"):
        if streamed.message and streamed.message.get(name) != whole.message.get(name):
            ours, theirs = (shown(each.message.get(name)) for each in (whole, streamed))
            yield whole.fail(f"`{name}` is {ours}, and {theirs} in the stream")
    for name in ("input_tokens", "output_tokens"):
        if not isinstance(whole.usage.get(name), int):
            yield whole.fail(f"usage has no number of {name}")


@probe(
    "long-text",
    "A long answer comes in many deltas, spread over time.",
    requests=1,
    max_tokens=600,
    source=_STREAM,
)
def long_text(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for a few hundred tokens."""
    answer = endpoint.ask(user("Write about 200 words on the sea."), max_tokens=600).accepted()
    yield from answer.clean()
    yield from _miscounted(answer, 600)
    yield from _said_twice(answer)
    deltas = len(answer.deltas("text_delta"))
    if len(answer.text) < _LONG_TEXT:
        raise NotTested(f"the answer has {len(answer.text)} characters, too few to judge")
    if deltas <= _FEW_DELTAS:
        came = "1 delta" if deltas == 1 else f"{deltas} deltas"
        yield answer.warn(f"{len(answer.text)} characters came in {came}: this is no stream to a reader")
    elif len({block.t for block in answer.recording.blocks}) == 1:
        yield answer.warn(f"all {len(answer.events)} events came in one read: something buffers them")


def _miscounted(answer: Answer, limit: int) -> Iterator[Deviation]:
    """Warn of a count of output tokens that no tokenizer makes, or that is above the request's `limit`."""
    counted, length = answer.usage.get("output_tokens"), len(answer.text.split())
    if not isinstance(counted, int):
        return
    if counted > limit:
        yield answer.warn(f"usage says {counted} output tokens, and the limit was {limit}")
    elif 0 < counted * _WORDS_A_TOKEN < length:
        yield answer.warn(f"usage says {counted} for the output tokens of a text of {length} words")


def _said_twice(answer: Answer) -> Iterator[Deviation]:
    """Judge whether the deltas of a block repeat the text of its start: a client shows both."""
    starts: dict[Any, tuple[str, Event]] = {}
    joined: dict[Any, str] = {}
    for event in answer.events:
        data = _json.as_object(event.data)
        index = str(data.get("index"))
        if event.type == "content_block_start":
            text = _json.as_object(data.get("content_block")).get("text")
            if isinstance(text, str) and text:
                starts[index] = (text, event)
        elif event.type == "content_block_delta" and index in starts:
            joined[index] = joined.get(index, "") + str(_json.as_object(data.get("delta")).get("text") or "")
    for index, (text, event) in starts.items():
        if joined.get(index, "").startswith(text):
            yield answer.fail("the start of a text block holds text that its deltas repeat", event)


@probe(
    "max-tokens",
    "An answer stops at its limit of tokens, and says so.",
    requests=1,
    max_tokens=5,
    source=_STOPS,
    seen=("https://github.com/Wei-Shaw/sub2api/issues/4141",),
)
def max_tokens(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for much more than five tokens hold."""
    answer = endpoint.ask(user("Count from one to one hundred, in words."), max_tokens=5).accepted()
    yield from answer.ended("message-empty")  # a model may think, and say nothing, in five tokens
    if answer.message and answer.stop_reason != "max_tokens":
        yield answer.fail(f'it {answer.stops}; with max_tokens 5 it should be "max_tokens"')
    counted = answer.usage.get("output_tokens")
    if isinstance(counted, int) and counted > 5:
        yield answer.fail(f"usage says {counted} output tokens, and the limit was 5")


@probe(
    "stop-sequence",
    "An answer stops before its stop sequence, and says which it was.",
    requests=1,
    max_tokens=256,
    source=_STOPS,
    seen=("https://github.com/agentgateway/agentgateway/issues/3283",),
)
def stop_sequence(endpoint: Endpoint) -> Iterator[Deviation]:
    """Let a model count, and stop it at five."""
    prompt = "Count from one to ten in lower-case English words, with blanks between them: one two three"
    answer = endpoint.ask(user(prompt), max_tokens=256, stop_sequences=["five"]).accepted()
    yield from answer.ended()
    if not answer.message:
        return
    said, reason = answer.text.lower(), answer.stop_reason
    if "five" in answer.text:
        yield answer.fail('the text holds the stop sequence "five"')
    elif reason == "stop_sequence":
        if answer.message.get("stop_sequence") != "five":
            named = shown(answer.message.get("stop_sequence"))
            yield answer.fail(f'stop_sequence is {named}, and not "five"')
    elif "four" in said and "six" not in said and reason == "end_turn":
        yield answer.fail('the text stops before "five", and stop_reason is "end_turn", not "stop_sequence"')
    else:
        raise NotTested(f"the model did not count to five: it {answer.stops}")


@probe(
    "system-forms",
    "`system` and `content` may be a text or a list of text blocks, with the same meaning.",
    requests=3,
    max_tokens=768,
    source=_MESSAGES,
)
def system_forms(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask the same in three forms, and compare how much input was counted."""
    question = "What do you keep?"
    blocks = [{"type": "text", "text": _PERSONA}]
    plain = endpoint.ask(user(question), max_tokens=256, system=_PERSONA).accepted()
    yield from plain.clean()
    forms = {
        "a system prompt of blocks": (user(question), blocks),
        "content of blocks": (user([{"type": "text", "text": question}]), _PERSONA),
    }
    for name, (turns, system) in forms.items():
        answer = endpoint.ask(turns, max_tokens=256, system=system)
        if answer.status == 400:
            yield answer.fail(f"{name} is refused, and text is not: {answer.said}")
            continue
        yield from answer.accepted().clean()
        yield from _same_input(answer, plain, name)


def _same_input(answer: Answer, plain: Answer, name: str) -> Iterator[Deviation]:
    """Judge whether as much input was counted in one form as in the other."""
    ours, theirs = answer.counted_input, plain.counted_input
    if ours and theirs and min(ours, theirs) < _UNLIKE * max(ours, theirs):
        yield answer.fail(
            f"{name}: {ours} input tokens, and {theirs} for the same as text: something is lost"
        )


@probe(
    "unicode",
    "Characters of every kind come whole: emoji, CJK, U+2028.",
    requests=1,
    max_tokens=256,
    source=_STREAM,
)
def unicode(endpoint: Endpoint) -> Iterator[Deviation]:
    """Have the model repeat characters of two, three and four bytes."""
    sample = "naïve — 漢字かな 한글 🦜👩\u200d🔬 \u2028 end"
    answer = endpoint.ask(user(f"Repeat this line exactly, and say nothing else: {sample}"), max_tokens=256)
    yield from answer.accepted().clean()
    if "\ufffd" in answer.text:
        broken = next((each for each in answer.events if "\ufffd" in str(each.data)), None)
        yield answer.fail("a character arrives as U+FFFD: its bytes were split and decoded apart", broken)
    elif answer.text.isascii():
        raise NotTested("the model wrote no character beyond ASCII")
