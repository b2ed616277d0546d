"""Probes of the calls beside messages: counting tokens, and the list of models."""

from __future__ import annotations

from collections.abc import Iterator

from inspector import _json
from inspector.conformance.arrival import shown
from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import probe
from inspector.conformance.prompts import NOW, WEATHER, user
from inspector.conformance.scoring.scorecard import Deviation

__all__: list[str] = []


@probe(
    "count-tokens",
    "Tokens are counted before a request is sent, those of tools, too.",
    requests=2,
    max_tokens=0,
    source="https://platform.claude.com/docs/en/build-with-claude/token-counting",
    seen=(
        "https://github.com/decolua/9router/issues/2337",
        "https://github.com/diegosouzapw/OmniRoute/issues/6221",
    ),
)
def count_tokens(endpoint: Endpoint) -> Iterator[Deviation]:
    """Count the tokens of a question, without and with tools."""
    body = {"model": endpoint.model, "messages": user("What is the weather in Paris?")}
    plain = endpoint.post("/v1/messages/count_tokens", body).there("count_tokens")
    with_tools = endpoint.post("/v1/messages/count_tokens", body | {"tools": [WEATHER, NOW]}).accepted()
    counts = []
    for answer in (plain, with_tools):
        count = _json.as_object(answer.json).get("input_tokens")
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            yield answer.fail(f"input_tokens is {shown(count)}; it should be a number above 0")
        else:
            counts.append(count)
    if len(counts) == 2 and counts[1] <= counts[0]:
        yield with_tools.fail(
            f"{counts[1]} tokens with two tools, and {counts[0]} without: they do not count"
        )


@probe(
    "models",
    "The list of models has the API's form.",
    requests=1,
    max_tokens=0,
    source="https://platform.claude.com/docs/en/api/models/list",
)
def models(endpoint: Endpoint) -> Iterator[Deviation]:
    """Get the list of models."""
    answer = endpoint.request("GET", "/v1/models").there("list of models")
    page = _json.as_object(answer.json)
    data = page.get("data")
    if not isinstance(data, list):
        yield answer.fail("the list of models has no list `data`")
        return
    if page.get("object") == "list":
        yield answer.fail('the list of models has OpenAI\'s form: `object` is "list"')
        return
    yield from _page(answer, page)
    for each in data:
        model = _json.as_object(each)
        missing = [name for name in ("id", "display_name", "created_at") if name not in model]
        if model.get("type") != "model" or missing:
            lacks = f"lacks {', '.join(missing)}" if missing else f"has the type {shown(model.get('type'))}"
            yield answer.fail(f"the model {shown(model.get('id'))} of the list {lacks}")
            return


def _page(answer: Answer, page: dict[str, object]) -> Iterator[Deviation]:
    """Judge what says whether there are more pages."""
    missing = [name for name in ("has_more", "first_id", "last_id") if name not in page]
    if missing:
        yield answer.fail(f"the list of models lacks {', '.join(missing)}")
