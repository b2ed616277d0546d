"""LiteLLM: `completion(stream=True)`, with the chunks joined by its own stream_chunk_builder."""

from __future__ import annotations

import json

import litellm
from worker import KEY, PROMPT, SCHEMA, TOOLS, limits, model, thinking, work


def parsed(arguments):
    """A tool's input. If it is not JSON, because it was cut, it stays text."""
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def client(job, answer):
    tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in TOOLS]
    chunks = []
    for chunk in litellm.completion(
        model=f"anthropic/{model(job)}",
        messages=[{"role": "user", "content": PROMPT}],
        api_key=KEY,
        max_tokens=2048,
        **limits(job),
        stream=True,
        **({"api_base": job["url"]} if job["url"] else {}),
        **({"tools": tools} if job["tools"] else {}),
        **thinking(job),
    ):
        chunks.append(chunk)
        (choice,) = chunk.choices
        answer["text"] += choice.delta.content or ""
        answer["thinking"] += getattr(choice.delta, "reasoning_content", None) or ""
        answer["stop"] = choice.finish_reason or answer["stop"]
    calls = litellm.stream_chunk_builder(chunks).choices[0].message.tool_calls or []
    answer["tools"] = [
        {"name": call.function.name, "input": parsed(call.function.arguments)} for call in calls
    ]


work(client)
