"""Gateways that read a request and its answer, and write new ones: for models of one API or of several.

Each is a context manager: it takes the upstream's URL and a folder for its files, and yields a `Running`.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from gateways.running import KEY, Running, free_port, running
from packages import locked_modules, program, small_servers, virtual_environment

HERE = Path(__file__).parent
MODEL = "claude-haiku-4-5"
"""The model that requests name."""

LITELLM_PROXY = ["litellm[proxy]~=1.106"]


@contextlib.contextmanager
def portkey(upstream, folder):
    """Portkey's gateway: headers of each request name the kind of upstream and its URL."""
    port = free_port()
    script = locked_modules(HERE / "portkey") / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    headers = {"x-portkey-provider": "anthropic", "x-portkey-custom-host": f"{upstream}/v1"}
    with running([program("node"), script, "--headless", f"--port={port}"], port, folder) as url:
        yield Running(url, headers)


@contextlib.contextmanager
def claude_code_router(upstream, folder, path="/v1/messages", **provider):
    """claude-code-router, with one provider and one model for every request."""
    port, home = free_port(), folder / ".claude-code-router"
    provider = {
        "name": "upstream",
        "api_base_url": f"{upstream}{path}",
        "api_key": "none",
        "models": [MODEL],
        **provider,
    }
    router = {"default": f"upstream,{MODEL}"}
    home.mkdir()
    (home / "config.json").write_text(
        json.dumps(
            {
                "PORT": port,
                "HOST": "127.0.0.1",
                "LOG": False,
                "NON_INTERACTIVE_MODE": True,
                "Providers": [provider],
                "Router": router,
            }
        )
    )
    modules = locked_modules(HERE / "claude-code-router")
    script = modules / "@musistudio" / "claude-code-router" / "dist" / "cli.js"
    with running([program("node"), script, "start"], port, folder, HOME=str(folder)) as url:
        yield Running(url)


@contextlib.contextmanager
def ant2oai(upstream, folder):
    port = free_port()
    script = small_servers() / "bin" / "ant2oai"
    command = [script, "--upstream", f"{upstream}/v1/chat/completions", "--port", port]
    with running(command, port, folder) as url:
        yield Running(url)


@contextlib.contextmanager
def litellm(upstream, folder, provider="anthropic", model=MODEL, key=KEY):
    """LiteLLM's own proxy, which asks the upstream for one model. Requests need the key.

    A model that has failed gets no more requests for some seconds by default: then no probe would reach it.
    Of a provider `openai` it demands the Responses API by default, and not Chat Completions.
    """
    port, file = free_port(), folder / "litellm.yaml"
    base = upstream if provider == "anthropic" else f"{upstream}/v1"
    parameters = {"model": f"{provider}/{model}", "api_base": base, "api_key": "none"}
    models = [{"model_name": model, "litellm_params": parameters}]
    settings = {
        "model_list": models,
        "router_settings": {"disable_cooldowns": True},
        "litellm_settings": {"use_chat_completions_url_for_anthropic_messages": True},
    }
    file.write_text(json.dumps(settings))
    script = virtual_environment("litellm_proxy", LITELLM_PROXY) / "bin" / "litellm"
    command = [script, "--config", file, "--host", "127.0.0.1", "--port", port]
    with running(command, port, folder, LITELLM_MASTER_KEY=key) as url:
        yield Running(url)
