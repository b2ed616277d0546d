"""Half tools and doubled text: what a broken stream does to the work of a program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector import _json
from inspector.resilience.client_findings import FAULT, UNKNOWN, CallContext, Note, Notes, client_check
from inspector.resilience.sent import SentTool

__all__: list[str] = []


@client_check(
    FAULT,
    remedy="Run a tool only if its JSON is one complete object and its message has come to `message_stop`.",
    source="https://github.com/dust-tt/dust/pull/24414",
)
def half_tool_run(c: CallContext) -> Notes:
    """No tool runs on a part of its input.

    Observed: a tool whose JSON broke off was sent back with a result that is no error, or was handed out.

    Why: SDKs hand out `{}` or a repaired object, and the tool runs with arguments that the model never gave.
    """
    half = [tool for tool in c.last.sent.tools if not tool.is_whole]
    if c.last.missed:
        return
    for tool in half:
        text = f"request {c.last.number}: tool {tool.name} got {_short(tool.input)}, which is not whole"
        handed_out = dict(c.program.tools or ())
        if c.call.turn is not None:
            turn = c.call.turn
            key, given = _given(tool, turn.tools)
            if key in turn.results and not turn.results[key]:
                message = (
                    f"{text}; request {turn.number} has its result, for the input {_json.dumps_text(given)}"
                )
                yield Note(message, (c.last.number, turn.number))
        elif tool.name in handed_out:
            given = _json.dumps_text(handed_out[tool.name])
            yield Note(f"{text}; it was handed out with the input {given}", (c.last.number,))
        elif c.program.tools is None and (c.program.succeeded or not c.program.is_over):
            yield Note(f"{text}; whether it ran is not known", (c.last.number,), UNKNOWN)


@client_check(
    FAULT,
    remedy="Throw away the text of an attempt before the next begins; keep only the last message of a body.",
    source="https://github.com/vercel/ai/issues/18331",
)
def doubled_text(c: CallContext) -> Notes:
    """What a broken attempt said is not put before what the next one says.

    Observed: the text that was handed out, or sent back in the next turn, is the part of one attempt and then
    all of the next; or the text of two messages that came in one body.

    Why: users read the beginning twice, and the model takes the mixture for its own words.
    """
    texts = [each.sent.text for each in c.call.attempts[:-1] if each.sent.has_content]
    *earlier, whole = c.last.sent.texts or ("",)
    parts = [part for part in (*texts, *earlier) if part.strip()]
    if not parts or not whole.strip():
        return
    known = list(_handed_out(c))
    requests = tuple(each.number for each in c.call.attempts)
    for text, where, number in known:
        if _has_part_before(text, parts, whole):
            message = f"{where} begins with text of a broken answer, and then has the whole of the next"
            yield Note(message, (*requests, *number))
            return
    if not known and (c.program.succeeded or not c.program.is_over) and c.last.sent.is_whole:
        message = f"request {c.last.number} began again after text had come; what was handed out is not known"
        yield Note(message, requests, UNKNOWN)


def _given(tool: SentTool, tools: Any) -> tuple[str, Any]:
    """Return the id under which the next turn has a tool, and its input there."""
    for key, (name, given) in tools.items():
        if key == tool.id or (not tool.id and name == tool.name):
            return key, given
    return "", None


def _handed_out(c: CallContext) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    if c.program.text is not None:
        yield c.program.text, "the text that was handed out", ()
    if c.call.turn is not None:
        yield c.call.turn.text, f"the answer in request {c.call.turn.number}", (c.call.turn.number,)


def _has_part_before(text: str, parts: list[str], whole: str) -> bool:
    """Whether `text` is the beginning of one of `parts`, and then `whole`."""
    text, whole = text.strip(), whole.strip()
    before = text.removesuffix(whole).strip()
    return text.endswith(whole) and bool(before) and any(part.strip().startswith(before) for part in parts)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
