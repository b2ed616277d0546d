"""The pytest plugin: answer tests from recordings, over a socket or in process, and compare their requests.

    @pytest.mark.recording("tool_use")
    def test_my_agent():
        assert my_app.ask("weather?") == "Sunny"

Rule 1: tests without the marker are left alone. Until the first test with it, nothing but pytest is imported.
Rule 2: no option, marker or fixture has a name of pytest-recording, pytest-vcr or cassetter. Those plugins
share names, and crash when two of them are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inspector.pytest_plugin._options import add_options, begin_run, blocks_network

if TYPE_CHECKING:
    from inspector.pytest_plugin._case import Case
    from inspector.pytest_plugin._running import Running
    from inspector.pytest_plugin._virtual import VirtualTime

__all__ = [
    "every_split",
    "inspector_config",
    "recordings_dir",
    "replay_server",
    "replay_transport",
    "virtual_time",
]

# The keys are here and not beside their classes, so that the hooks need not import those.
_CASE: pytest.StashKey[Case] = pytest.StashKey()
_RUNNING: pytest.StashKey[Running] = pytest.StashKey()

_NEED_A_MARKER = {"every_split", "replay_server", "replay_transport"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker. Refuse to record under CI, or while the network is blocked."""
    begin_run(config, _CASE)


@pytest.hookimpl(trylast=True)  # the fault is the last part of the test's id
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test whose marker has a list of faults once for each fault."""
    marker = metafunc.definition.get_closest_marker("recording")
    faults = marker and marker.kwargs.get("fault")
    if faults and isinstance(faults, list | tuple):
        from inspector.pytest_plugin._marker import FAULT, fault_runs

        runs = fault_runs(faults)
        metafunc.fixturenames.append(FAULT)
        metafunc.parametrize(FAULT, runs, ids=[run.id for run in runs])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Block the network from set-up to tear-down, if the user chose to."""
    if not blocks_network(item.config):
        return (yield)
    from inspector.pytest_plugin._guard import only_this_machine

    with only_this_machine():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Begin with a marked test before anything of it is set up."""
    fixtures = getattr(item, "fixturenames", ())
    used = item.get_closest_marker("recording") is not None or not _NEED_A_MARKER.isdisjoint(fixtures)
    if not used:
        result = yield
        if item.get_closest_marker("recording") is None:
            return result
    running = _running_in(item.config)
    item.stash[_CASE] = running.begin(item)
    try:
        if used:
            result = yield
        running.ready()  # if it has no fixture, or has its marker from one
    finally:  # a skipped test may have no fixture any more, so nothing is read for it here
        if running.problem is not None:  # it is the reason of whatever else has failed
            raise running.problem from None
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Catch a marked test's requests from its first fixture on, of whatever scope."""
    running = request.config.stash.get(_RUNNING, None)
    if running is None:
        return (yield)
    with running.set_up(fixturedef):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Compare the test's requests with its recordings, and report differences in the test's own report.

    An SDK's exception may be swallowed by the code under test, so that it is not enough.
    """
    error = None
    try:
        return (yield)
    except BaseException as raised:
        error = raised
        raise
    finally:
        case = item.stash.get(_CASE, None)
        if case is not None:
            case.finish(error)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Leave everything as it was, when the last fixture is torn down."""
    try:
        return (yield)
    finally:
        if _CASE in item.stash:
            _running_in(item.config).end()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hide the secrets in the report of a test that uses recordings: its requests carry keys."""
    report = yield
    case = item.stash.get(_CASE, None)
    if case is not None:
        from inspector.pytest_plugin._reports import hide_secrets

        hide_secrets(report, case.mask())
        if call.when == "teardown":  # a plugin may run the same item again, which must then begin anew
            del item.stash[_CASE]
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the HTTP libraries as they were."""
    running = config.stash.get(_RUNNING, None)
    if running is not None:
        running.close()


@pytest.fixture
def recordings_dir(request: pytest.FixtureRequest) -> Path:
    """Return the folder of the recordings: `recordings/` beside the test's file, else in pytest's root.

    A test's own recording is always beside the test's file. Recordings are looked up in the folder and
    recorded to it. Override this fixture to use another folder.
    """
    beside = request.path.parent / "recordings"
    marker = request.node.get_closest_marker("recording")
    own = marker is not None and not marker.args
    return beside if own or beside.is_dir() else request.config.rootpath / "recordings"


@pytest.fixture(scope="session")
def inspector_config() -> dict[str, Any]:
    """Return what all marked tests have in common: `match`, `ignore`, filters. Override it, in any scope.

    `{"match": "body", "ignore": ["system"], "filter_headers": ["x-team"], "filter_body": ["system"],
    "before_record": function}`, each of them optional: see `docs/matching.md`.
    """
    return {}


@pytest.fixture(scope="session")
def replay_server(request: pytest.FixtureRequest) -> Any:
    """Return a server on loopback that answers from the running test's recordings, over a socket.

    Without this fixture a marked test is answered in process. `ANTHROPIC_BASE_URL` and a dummy
    `ANTHROPIC_API_KEY` are set in both cases. `.url` is the server's URL, the same for all tests, `.requests`
    the requests that the test has sent.
    """
    from inspector.pytest_plugin._session_wide import CurrentServer

    return CurrentServer(_running_in(request.config))


@pytest.fixture(scope="session")
def replay_transport(request: pytest.FixtureRequest) -> Any:
    """Return a transport for the SDK's HTTP client, sync or async, that answers from the test's recordings.

    `.requests` are the requests that the test has sent. With the fixture `virtual_time` it plays at the
    recorded pace.
    """
    from inspector.pytest_plugin._session_wide import current_transport

    return current_transport(_running_in(request.config))


@pytest.fixture
def virtual_time() -> Iterator[VirtualTime]:
    """Make waiting take no time: asyncio's timers and this thread's `time.sleep` move a clock instead.

    Timeouts of the code under test fire as they would in real time. `.now` is the number of seconds that
    have passed. Use it with `replay_transport`, which does no I/O: an event loop that waits for a socket or
    a thread waits in real time.
    """
    from inspector.pytest_plugin._virtual import virtual_time

    with virtual_time() as clock:
        yield clock


@pytest.fixture
def every_split(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return a function that tests your function with the recording's body split in every way.

    `every_split(function, at_most=500, seed=0)`: see `inspector.pytest_plugin._splits.Splits`.
    """
    from inspector.pytest_plugin._splits import Splits

    return Splits(request.node.stash[_CASE])


def _running_in(config: pytest.Config) -> Running:
    """Return what runs in this session, from its first marked test on."""
    running = config.stash.get(_RUNNING, None)
    if running is None:
        from inspector.pytest_plugin._running import Running

        running = config.stash[_RUNNING] = Running()
    return running
