"""Pydantic AI: a direct request to the model, or with `agent` an agent that runs its tool and goes on."""

from __future__ import annotations

import asyncio

from pydantic_ai import Agent
from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelRequest, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.tools import ToolDefinition
from worker import KEY, PROMPT, SCHEMA, TOOLS, model, thinking, work


def fill(answer, response):
    for part in response.parts:
        match part:
            case TextPart():
                answer["text"] += part.content
            case ThinkingPart():
                answer["thinking"] += part.content
            case ToolCallPart():
                answer["tools"].append({"name": part.tool_name, "input": part.args_as_dict()})
    answer["stop"] = (response.provider_details or {}).get("finish_reason")


def get_weather(location: str, date: str = "", unit: str = "") -> str:
    """The forecast for one place and one day."""
    return "-6 degrees, snow"


async def direct(made, settings, job, answer):
    tools = [ToolDefinition(name=name, parameters_json_schema=SCHEMA) for name in TOOLS]
    parameters = ModelRequestParameters(function_tools=tools if job["tools"] else [])
    async with model_request_stream(
        made,
        [ModelRequest.user_text_prompt(PROMPT)],
        model_settings=settings,
        model_request_parameters=parameters,
    ) as stream:
        try:
            async for _ in stream:
                pass
        finally:
            fill(answer, stream.get())


async def agent(made, settings, job, answer):
    async with Agent(made, tools=[get_weather]).iter(PROMPT, model_settings=settings) as run:
        async for node in run:
            if Agent.is_model_request_node(node):
                async with node.stream(run.ctx) as stream:
                    async for _ in stream:
                        pass
    for message in run.result.all_messages():
        if message.kind == "response":
            fill(answer, message)


async def ask(job, answer):
    where = {"base_url": job["url"]} if job["url"] else {}
    made = AnthropicModel(model(job), provider=AnthropicProvider(api_key=KEY, **where))
    settings = {"max_tokens": 2048, "timeout": job.get("timeout", 10)}
    if job["thinking"]:
        settings["anthropic_thinking"] = thinking(job)["thinking"]
    await (agent if job["how"] == "agent" else direct)(made, settings, job, answer)


work(lambda job, answer: asyncio.run(ask(job, answer)))
