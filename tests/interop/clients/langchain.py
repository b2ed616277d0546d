"""LangChain's ChatAnthropic: `stream`, with the chunks added up as in its documentation."""

from __future__ import annotations

from langchain_anthropic import ChatAnthropic
from worker import KEY, PROMPT, SCHEMA, TOOLS, limits, model, thinking, work


def client(job, answer):
    where = {"base_url": job["url"]} if job["url"] else {}
    chat = ChatAnthropic(
        model=model(job), api_key=KEY, max_tokens=2048, **limits(job), **where, **thinking(job)
    )
    if job["tools"]:
        chat = chat.bind_tools([{"name": name, "input_schema": SCHEMA} for name in TOOLS])
    whole = None
    for chunk in chat.stream(PROMPT):
        whole = chunk if whole is None else whole + chunk
        answer["text"] += chunk.text
        for block in chunk.content if isinstance(chunk.content, list) else []:
            answer["thinking"] += block.get("thinking", "")
    answer["tools"] = [{"name": call["name"], "input": call["args"]} for call in whole.tool_calls]
    answer["stop"] = whole.response_metadata.get("stop_reason")


work(client)
