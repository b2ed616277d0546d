"""The plugin's options, its marker, and what the options of a run begin with.

Like the hooks that call it, this imports nothing but pytest until an option needs more.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

__all__ = ["MARKER", "add_options", "begin_run", "blocks_network"]

MARKER = (
    "recording(*names, speed=None, fault=None, match=None, ignore=None, strict=True, loop=False, "
    "resilient=False): the recordings that answer this test's requests to Claude, in order; without a name, "
    "the test's own recording, each request from the one that it was recorded for. match and ignore say "
    "which recording answers. With a list of faults the test runs once for each. With strict=False, requests "
    "without an answer and recordings that were not played are reported and do not fail the test. With "
    "loop=True the recordings are played again and again. With resilient=True the verdict on the client must "
    "have no fault."
)


def add_options(parser: pytest.Parser) -> None:
    """Add the options. Each begins with `inspector`, so that no other plugin has it."""
    group = parser.getgroup("inspector", "recordings of the Claude Messages API")
    group.addoption(
        "--inspector",
        dest="inspector_mode",
        choices=["replay", "none", "record", "new", "rewrite", "verify"],
        default="replay",
        help="Where answers come from. replay (default): from recordings, never from the network. "
        "none: the same, and strict=False of a marker does not count. "
        "record: from the API, if a test's recordings are missing; they are then written. "
        "new: as record; and what a test's own recording does not answer is recorded and added to it. "
        "rewrite: from the API; the recordings of each test that passes are replaced. "
        "verify: from the API; compares the answers with the recordings and does not change them.",
    )
    group.addoption(
        "--inspector-force",
        dest="inspector_force",
        action="store_true",
        help="Record even if the environment variable CI is set.",
    )
    group.addoption(
        "--inspector-block-network",
        dest="inspector_block_network",
        action="store_true",
        help="Block connections and name look-ups to other machines while tests run.",
    )
    group.addoption(
        "--inspector-doctor",
        dest="inspector_doctor",
        action="store_true",
        help="After the tests, list the recordings that no test has opened, that hold secrets, that are from "
        "models or SDKs long gone, or that `inspector check` objects to. One of them fails the run.",
    )
    group.addoption(
        "--inspector-faults",
        dest="inspector_faults",
        action="store_true",
        help="Run each marked test once under each fault of inspector.DIRTY_DOZEN, and print a table of what "
        "the programs did. A run fails if its program has a fault, whatever its test asserts.",
    )
    group.addoption(
        "--inspector-probe",
        dest="inspector_probe",
        metavar="URL",
        help="Add a test for each probe of `inspector probe`, of the endpoint at URL.",
    )
    group.addoption(
        "--inspector-probe-model",
        dest="inspector_probe_model",
        metavar="NAME",
        help="The model that the requests of --inspector-probe name.",
    )
    group.addoption(
        "--inspector-probe-keep",
        dest="inspector_probe_keep",
        metavar="DIR",
        help="Keep the recordings of --inspector-probe in DIR; those of an earlier run are replaced.",
    )
    parser.addini(
        "inspector_block_network",
        "Block the network, as --inspector-block-network does.",
        type="bool",
        default=False,
    )


def begin_run(config: pytest.Config, case_key: pytest.StashKey[Any]) -> None:
    """Register the marker, and the plugins of a run that records, or has faults or a doctor.

    `case_key` is the key of a test's case. Raises `pytest.UsageError` for options that exclude each other.
    """
    config.addinivalue_line("markers", MARKER)
    if config.getoption("inspector_doctor"):
        from inspector.pytest_plugin._doctor import Doctor

        config.pluginmanager.register(Doctor(config), "inspector-doctor")
    if config.getoption("inspector_probe"):
        from inspector.pytest_plugin._probe_tests import ProbeTests

        config.pluginmanager.register(ProbeTests(config), "inspector-probe")
    mode = config.getoption("inspector_mode")
    if config.getoption("inspector_faults"):
        from inspector.pytest_plugin._fault_table import FaultTable

        if mode != "replay":
            raise pytest.UsageError("--inspector-faults plays recordings: leave --inspector out")
        config.pluginmanager.register(
            FaultTable(lambda item: item.stash.get(case_key, None)), "inspector-faults"
        )
    if (
        mode in ("record", "new", "rewrite")
        and os.environ.get("CI")
        and not config.getoption("inspector_force")
    ):
        raise pytest.UsageError(
            f"--inspector={mode} calls the API and writes recordings, but the environment variable CI is "
            "set. Record on your own machine and commit the files, or add --inspector-force"
        )
    if mode not in ("replay", "none") and blocks_network(config):
        raise pytest.UsageError(
            f"--inspector={mode} needs the network, but --inspector-block-network (or the setting "
            "inspector_block_network) blocks it. Remove one of the two"
        )
    if mode not in ("replay", "none"):
        from inspector.pytest_plugin._case import RECORDING_SESSION
        from inspector.pytest_plugin._recording_session import RecordingSession

        # Not from the environment: a run inside a test of a worker has the variable, too.
        run = getattr(config, "workerinput", {}).get("testrunuid")
        config.pluginmanager.register(RecordingSession(mode, run), RECORDING_SESSION)


def blocks_network(config: pytest.Config) -> bool:
    """Whether the user chose to block the network."""
    return bool(config.getoption("inspector_block_network") or config.getini("inspector_block_network"))
