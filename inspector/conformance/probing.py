"""`inspector.probe`: find out whether an endpoint speaks the Messages API."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inspector.conformance.calling import Settings
from inspector.conformance.defaults import JOBS, PATIENCE, PROTOCOLS, SILENCE, STALL, TIMEOUT
from inspector.conformance.probes import Kind, chosen_probes
from inspector.conformance.runner import Progress, run_probes
from inspector.conformance.scoring.scorecard import Scorecard
from inspector.conformance.sets import NEWEST_SET
from inspector.conformance.through_run import Behind, run_through
from inspector.errors import UsageError
from inspector.protocol import DEFAULT_MODEL

__all__ = ["probe"]


def probe(
    base_url: str,
    *,
    model: str = DEFAULT_MODEL,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    jobs: int = JOBS,
    repeat: int = 1,
    of: str = NEWEST_SET,
    timeout: float = TIMEOUT,
    silence: float = SILENCE,
    patience: float = PATIENCE,
    keep: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Progress = lambda probe, result: None,
    behind: int | None = None,
    behind_protocol: str | None = None,
    command: Sequence[str] = (),
    variables: Sequence[str] = (),
    stall: float | None = None,
) -> Scorecard:
    """Probe the endpoint whose `/v1/messages` is below `base_url`; return the scorecard.

        card = inspector.probe("http://127.0.0.1:8080", model="my-model")
        assert not card.failed, card.score

    `key` None means the environment variable ANTHROPIC_API_KEY. `of` is the set of probes, and `only` and
    `skip` name some of it. Each probe runs `repeat` times, and at most `jobs` run at a time. `timeout` is for
    one exchange, `silence` for the time in which nothing comes, and `patience` for the longest `retry-after`
    that is waited for, in seconds. `keep` is a folder for the recordings, without any, or `overwrite`
    replaces those of another run. Nothing that an endpoint does raises.

    With `behind` or a `command`, the endpoint is a gateway, and the probes are about what it does to a
    stream. Its upstream is here, on 127.0.0.1 and the port `behind`, and speaks `behind_protocol`:
    `anthropic`, the default, or `openai` for Chat Completions. `command` starts the gateway: `{upstream}` in
    its words is replaced by the upstream's URL, and each of `variables` is set to it. The upstream is silent
    for at most `stall` seconds, by default 5.

    Raises `UsageError` for what makes no sense, as a URL that is none, and for a gateway that does not start,
    `AddressError` if the port is taken, and `RecordingError` if recordings cannot be kept.
    """
    settings = Settings(
        base_url=base_url,
        model=model,
        key=os.environ.get("ANTHROPIC_API_KEY", "") if key is None else key,
        headers=dict(headers or {}),
        timeout=timeout,
        silence=silence,
        patience=patience,
    )
    options: dict[str, Any] = {
        "jobs": jobs,
        "repeat": repeat,
        "of": of,
        "progress": progress,
        "overwrite": overwrite,
    }
    options["keep"] = None if keep is None else os.fspath(keep)
    if behind is None and not command:
        given = {"variables": variables or None, "behind_protocol": behind_protocol, "stall": stall}
        for name, value in given.items():
            if value is not None:
                raise UsageError(f"{name} is for a gateway: give behind=PORT, or the command that starts it")
        return run_probes(settings, chosen_probes(Kind.DIRECT, only, skip, of=of), **options)
    protocol = PROTOCOLS[0] if behind_protocol is None else behind_protocol
    hop = Behind(behind or 0, protocol, command, variables, STALL if stall is None else stall)
    return run_through(settings, chosen_probes(Kind.THROUGH, only, skip, of=of), hop, **options)
