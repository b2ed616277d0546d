"""Starts a subject, lets the probe judge it, and ends it."""

from __future__ import annotations

from gateways.running import KEY, free_port

import inspector

LIMITS = {"timeout": 120.0, "silence": 20.0, "patience": 3.0}
"""Seconds for a request. `timeout` is the default of a probe: LiteLLM takes minutes for 100,000 deltas."""


def score(subject, folder, only=()):
    """Probe a subject; return the scorecard. Its files and all recordings are in the folder."""
    home, recordings = folder.resolve() / "home", folder.resolve() / "recordings"
    home.mkdir(parents=True)
    arguments, options = [home], {}
    if subject.behind:
        port = free_port()
        arguments = [f"http://127.0.0.1:{port}", home]
        options = {"behind": port, "behind_protocol": subject.behind}
    with subject.start(*arguments) as server:
        return inspector.probe(
            server.url,
            model=subject.model,
            key=KEY,
            headers=server.headers,
            only=only,
            keep=recordings,
            **LIMITS,
            **options,
        )
