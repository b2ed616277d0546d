"""The table of the real programs that `inspector probe` is tried on: how each is started, and its version."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from gateways import model_servers, proxies, translators
from gateways.running import Running
from installed import NODE
from packages import PLACE

import inspector

ALL = "INSPECTOR_INTEROP_ALL"
"""The environment variable that adds the large subjects, if it is set to anything."""


@dataclass(frozen=True)
class Subject:
    """A program with its settings. `start` takes the upstream's URL, if it has one, and a folder.

    `behind` is the API that it expects from its upstream, `anthropic` or `openai`; empty for a server that
    answers by itself. `settings` says in half a sentence how it is configured. `large` subjects take long to
    install or to start.
    """

    id: str
    name: str
    settings: str
    start: Callable[..., AbstractContextManager[Running]]
    version: Callable[[], str]
    behind: str = ""
    model: str = translators.MODEL
    large: bool = False

    @property
    def skipped(self):
        """Why this subject is left out of a run; empty if it is not."""
        return f"large; {ALL} is not set" if self.large and not os.environ.get(ALL) else ""


def from_npm(modules, package):
    """Return the version of an installed package of npm."""
    return json.loads((modules / package / "package.json").read_text())["version"]


def from_pypi(environment, package):
    """Return the version of an installed package of PyPI."""
    python = PLACE / environment / "bin" / "python"
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


_NGINX = partial(proxies.first_version, "nginx", "-v")
_HAPROXY = partial(proxies.first_version, "haproxy", "-v")
_MITMPROXY = partial(from_pypi, "mitmproxy", "mitmproxy")
_LITELLM = partial(from_pypi, "litellm_proxy", "litellm")
_ROUTER = partial(from_npm, PLACE / "claude-code-router" / "node_modules", "@musistudio/claude-code-router")

SUBJECTS = {
    subject.id: subject
    for subject in (
        Subject(
            "inspector-proxy",
            "inspector proxy",
            "as installed",
            proxies.inspector_proxy,
            lambda: inspector.__version__,
            "anthropic",
        ),
        Subject(
            "nginx",
            "nginx",
            "only `proxy_pass`",
            proxies.nginx,
            _NGINX,
            "anthropic",
        ),
        Subject(
            "nginx-streams",
            "nginx",
            "settings for streams: `proxy_http_version 1.1`, `proxy_buffering off`",
            partial(proxies.nginx, settings=proxies.NGINX_FOR_STREAMS),
            _NGINX,
            "anthropic",
        ),
        Subject(
            "caddy",
            "Caddy",
            "only `reverse_proxy`",
            proxies.caddy,
            partial(proxies.first_version, "caddy", "version"),
            "anthropic",
        ),
        Subject(
            "haproxy",
            "HAProxy",
            "`mode http` and time limits of 60 s",
            proxies.haproxy,
            _HAPROXY,
            "anthropic",
            large=True,
        ),
        Subject(
            "haproxy-streams",
            "HAProxy",
            "the same with `http-no-delay` and `abortonclose`",
            partial(proxies.haproxy, settings=proxies.HAPROXY_FOR_STREAMS),
            _HAPROXY,
            "anthropic",
            large=True,
        ),
        Subject(
            "mitmproxy",
            "mitmproxy",
            "reverse mode, nothing else",
            lambda upstream, folder: proxies.mitmproxy(upstream, folder),
            _MITMPROXY,
            "anthropic",
            large=True,
        ),
        Subject(
            "mitmproxy-streams",
            "mitmproxy",
            "the same with `stream_large_bodies=1`",
            lambda upstream, folder: proxies.mitmproxy(upstream, folder, "stream_large_bodies=1"),
            _MITMPROXY,
            "anthropic",
            large=True,
        ),
        Subject(
            "portkey",
            "Portkey gateway",
            "headers name the provider `anthropic` and its URL",
            translators.portkey,
            partial(from_npm, PLACE / "portkey" / "node_modules", "@portkey-ai/gateway"),
            "anthropic",
        ),
        Subject(
            "claude-code-router",
            "claude-code-router",
            "one provider with the transformer `Anthropic`",
            partial(translators.claude_code_router, transformer={"use": ["Anthropic"]}),
            _ROUTER,
            "anthropic",
        ),
        Subject(
            "claude-code-router-openai",
            "claude-code-router",
            "one provider that speaks Chat Completions",
            partial(translators.claude_code_router, path="/v1/chat/completions"),
            _ROUTER,
            "openai",
        ),
        Subject(
            "ant2oai",
            "ant2oai",
            "only the upstream's URL",
            translators.ant2oai,
            partial(from_pypi, "small-servers", "ant2oai"),
            "openai",
        ),
        Subject(
            "litellm",
            "LiteLLM proxy",
            "one model of the provider `anthropic`, without cooldowns",
            translators.litellm,
            _LITELLM,
            "anthropic",
            large=True,
        ),
        Subject(
            "litellm-openai",
            "LiteLLM proxy",
            "one model of the provider `openai` by Chat Completions, without cooldowns",
            partial(translators.litellm, provider="openai"),
            _LITELLM,
            "openai",
            large=True,
        ),
        Subject(
            "inspector-serve",
            "inspector serve",
            "the bundled recordings at full speed, chosen by the model's name",
            model_servers.inspector_serve,
            lambda: inspector.__version__,
            model="hello",
        ),
        Subject(
            "aimock",
            "aimock",
            "fixtures with text and calls of the tools that it is offered",
            model_servers.aimock,
            partial(from_npm, NODE / "node_modules", "@copilotkit/aimock"),
        ),
        Subject(
            "llmock",
            "llmock",
            "as installed",
            model_servers.llmock,
            partial(from_pypi, "small-servers", "llmock"),
        ),
    )
}
