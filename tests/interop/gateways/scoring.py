"""Starts a subject, lets `inspector.probe` judge it, and ends it."""

from __future__ import annotations

import contextlib

from gateways.running import free_port

import inspector

LIMITS = {"timeout": 15.0, "silence": 5.0, "patience": 3.0}
"""Seconds for a request. The subjects run on this machine, and the upstream's answers are short."""


def score(subject, folder, **options):
    """Probe a subject; return the scorecard. Its files and all recordings are in the folder."""
    home, recordings = folder.resolve() / "home", folder.resolve() / "recordings"
    home.mkdir(parents=True)
    with contextlib.ExitStack() as started:
        arguments = [home]
        if subject.behind:
            port = free_port()
            arguments.insert(0, f"http://127.0.0.1:{port}")
            options |= {"behind": port, "behind_protocol": subject.behind}
        server = started.enter_context(subject.start(*arguments))
        return inspector.probe(
            server.url,
            model=subject.model,
            key="sk-none",
            headers=server.headers,
            keep=recordings,
            **LIMITS,
            **options,
        )
