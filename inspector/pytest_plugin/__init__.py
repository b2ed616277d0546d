"""The pytest plugin: tests answered from recordings, over a socket or in process, and held to them.

    @pytest.mark.recording("tool_use")
    def test_my_agent(replay_server):              # sets ANTHROPIC_BASE_URL and a dummy key
        assert my_app.ask("weather?") == "Sunny"

Nothing is autouse, and nothing but pytest is imported before a test asks for it. No option, marker or
fixture has a name that pytest-recording, pytest-vcr or cassetter have: those crash each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inspector.pytest_plugin._key import CASE

if TYPE_CHECKING:
    from inspector.pytest_plugin._virtual import VirtualTime

__all__ = ["every_split", "recordings_dir", "replay_server", "replay_transport", "virtual_time"]

_MARKER = (
    "recording(*names, speed=None, fault=None, match='order', strict=True): the recordings that answer this "
    "test's requests, in order, for the fixtures replay_server and replay_transport. A list of faults runs "
    "the test once for each. strict=False only tells what else would fail the test."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, none of which another plugin has."""
    group = parser.getgroup("inspector", "recordings of the Claude Messages API")
    group.addoption(
        "--inspector",
        dest="inspector_mode",
        choices=["replay", "record", "rewrite", "verify"],
        default="replay",
        help="Where answers come from. replay: from recordings, never the network (default). record: the API "
        "where a test's recordings are missing. rewrite: the API, and the recordings of tests that pass "
        "are replaced. verify: the API, compared with the recordings, which stay.",
    )
    group.addoption(
        "--inspector-force",
        dest="inspector_force",
        action="store_true",
        help="Record although CI is set.",
    )
    group.addoption(
        "--inspector-block-network",
        dest="inspector_block_network",
        action="store_true",
        help="Let no test of this process connect to, or look up, anything but this machine.",
    )
    parser.addini("inspector_block_network", "as --inspector-block-network does", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; refuse to record where nobody would want it."""
    config.addinivalue_line("markers", _MARKER)
    mode = config.getoption("inspector_mode")
    if mode in ("record", "rewrite") and os.environ.get("CI") and not config.getoption("inspector_force"):
        raise pytest.UsageError(
            f"--inspector={mode} would call the API and write recordings, and CI is set: "
            "record on your own machine and commit the files, or add --inspector-force"
        )
    if mode != "replay" and _blocks(config):
        raise pytest.UsageError(
            f"--inspector={mode} needs the network, which is blocked "
            "(--inspector-block-network or inspector_block_network): take one of them away"
        )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that is marked with a list of faults once for each."""
    marker = metafunc.definition.get_closest_marker("recording")
    fault = marker and marker.kwargs.get("fault")
    if isinstance(fault, list | tuple) and "_inspector_fault" in metafunc.fixturenames:
        ids = [each if isinstance(each, str) else "+".join(each) for each in fault]
        metafunc.parametrize("_inspector_fault", fault, indirect=True, ids=ids)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Guard the network, where that was asked for, from set-up to tear-down."""
    if not _blocks(item.config):
        return (yield)
    from inspector.pytest_plugin._guard import only_this_machine

    with only_this_machine():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Hold a test that used recordings to them, in its own report and not in an SDK's exception."""
    failed = True
    try:
        result = yield
        failed = False
        return result
    finally:
        case = item.stash.get(CASE, None)
        if case is not None:
            case.conclude(item, failed=failed)


@pytest.fixture
def recordings_dir(request: pytest.FixtureRequest) -> Path:
    """The folder that recordings are looked up in, and recorded to: override it to have another.

    `recordings/` beside the test's file if there is one, else in pytest's root directory.
    """
    beside = request.path.parent / "recordings"
    return beside if beside.is_dir() else request.config.rootpath / "recordings"


@pytest.fixture
def _inspector_fault(request: pytest.FixtureRequest) -> Any:
    """The fault that a test runs under."""
    marker = request.node.get_closest_marker("recording")
    fault = marker and marker.kwargs.get("fault")
    if isinstance(fault, list | tuple) and not hasattr(request, "param"):
        pytest.fail(
            "inspector: a list of faults runs a test once for each only where the test or its fixtures name "
            "replay_server, replay_transport or every_split as an argument, not by getfixturevalue",
            pytrace=False,
        )
    return getattr(request, "param", fault)


@pytest.fixture
def replay_server(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    recordings_dir: Path,
    _inspector_fault: Any,
) -> Iterator[Any]:
    """A server on loopback that answers from the test's recordings.

    `ANTHROPIC_BASE_URL` and a dummy `ANTHROPIC_API_KEY` are set while the test runs, so that an unmodified
    application, or one that it starts in any language, is answered. `.url` is where it answers, `.requests`
    what it was asked.
    """
    from inspector.pytest_plugin._case import case_of

    with case_of(request, recordings_dir, _inspector_fault).server(monkeypatch) as server:
        yield server


@pytest.fixture
def replay_transport(
    request: pytest.FixtureRequest, recordings_dir: Path, _inspector_fault: Any
) -> Iterator[Any]:
    """A transport for the SDK's HTTP client, sync or async, that answers from the test's recordings.

    `.requests` is what it was asked. With the fixture `virtual_time` it plays at the recorded pace.
    """
    from inspector.pytest_plugin._case import case_of

    clock = request.getfixturevalue("virtual_time") if "virtual_time" in request.fixturenames else None
    with case_of(request, recordings_dir, _inspector_fault).transport(clock) as transport:
        yield transport


@pytest.fixture
def virtual_time() -> Iterator[VirtualTime]:
    """A clock that jumps over every wait: asyncio's timers and this thread's `time.sleep` take no time.

    Timeouts of the code under test fire as they would. `.now` is the seconds that have passed. Meant for
    `replay_transport`, which has no I/O: a loop that waits for a socket waits really.
    """
    from inspector.pytest_plugin._virtual import virtual_time

    with virtual_time() as clock:
        yield clock


@pytest.fixture
def every_split(
    request: pytest.FixtureRequest, recordings_dir: Path, _inspector_fault: Any
) -> Callable[..., None]:
    """Call a function with a transport for every way in which the network may cut the recording's body.

    See `inspector.pytest_plugin._splits.Splits`: `every_split(function, at_most=500, seed=0)`.
    """
    from inspector.pytest_plugin._case import case_of
    from inspector.pytest_plugin._splits import Splits

    return Splits(case_of(request, recordings_dir, _inspector_fault).one_recording())


def _blocks(config: pytest.Config) -> bool:
    return bool(config.getoption("inspector_block_network") or config.getini("inspector_block_network"))
