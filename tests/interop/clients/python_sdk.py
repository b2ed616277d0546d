"""The official SDK for Python: raw events, and the stream helper."""

from __future__ import annotations

import json

import anthropic
from worker import KEY, PROMPT, SCHEMA, TOOLS, limits, model, thinking, work


def request(job):
    tools = [{"name": name, "input_schema": SCHEMA} for name in TOOLS]
    return {
        "model": model(job),
        "max_tokens": 2048,
        "messages": [{"role": "user", "content": PROMPT}],
        **({"tools": tools} if job["tools"] else {}),
        **thinking(job),
    }


def parsed(text):
    """A tool's input. If it is not JSON, because it was cut, it stays text."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def raw(client, job, answer):
    pieces = []
    for event in client.messages.create(**request(job), stream=True):
        if event.type == "content_block_start" and event.content_block.type == "tool_use":
            pieces.append([event.content_block.name, ""])
        if event.type == "content_block_delta":
            answer["text"] += getattr(event.delta, "text", "")
            answer["thinking"] += getattr(event.delta, "thinking", "")
            if event.delta.type == "input_json_delta":
                pieces[-1][1] += event.delta.partial_json
        if event.type == "message_delta":
            answer["stop"] = event.delta.stop_reason
    answer["tools"] = [{"name": name, "input": parsed(text)} for name, text in pieces]


def helper(client, job, answer):
    with client.messages.stream(**request(job)) as stream:
        for event in stream:
            if event.type in ("text", "thinking"):
                answer[event.type] += getattr(event, event.type)
        message = stream.get_final_message()
    answer["tools"] = [
        {"name": block.name, "input": block.input} for block in message.content if block.type == "tool_use"
    ]
    answer["stop"] = message.stop_reason


def client(job, answer):
    where = {"base_url": job["url"]} if job["url"] else {}
    with anthropic.Anthropic(api_key=KEY, **limits(job), **where) as made:
        {"raw": raw, "helper": helper}[job["how"]](made, job, answer)


work(client)
