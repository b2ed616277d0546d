"""`--inspector-probe URL`: a test for each probe of `inspector probe`, for the suite of a server.

The first test that runs asks first whether the endpoint can be judged at all. If not, the test `text` fails,
and all others are skipped.
"""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.conformance.calling import Caller, Settings
from inspector.conformance.client_view import with_client_views
from inspector.conformance.first_contact import first_contact
from inspector.conformance.probe_run import run_probe
from inspector.conformance.probes import PROBES, Kind, Probe, chosen_probes
from inspector.conformance.runner import FIRST
from inspector.conformance.scoring.same import groups_of
from inspector.conformance.scoring.score_text import result_lines
from inspector.conformance.scoring.scorecard import ProbeResult, State
from inspector.errors import InspectorError
from inspector.escaping import escape
from inspector.protocol import DEFAULT_MODEL
from inspector.redact import mask_text

__all__ = ["ProbeTests"]


class _FailedProbeError(Exception):
    """A probe has failed; the text says how."""


class ProbeTests:
    """The plugin of a run with probes: it adds their tests after all others."""

    def __init__(self, config: pytest.Config) -> None:
        keep = config.getoption("inspector_probe_keep")
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        try:
            settings = Settings(
                base_url=config.getoption("inspector_probe"),
                model=config.getoption("inspector_probe_model") or DEFAULT_MODEL,
                key=os.environ.get("ANTHROPIC_API_KEY", ""),
            )
            self._caller = Caller(
                settings, keep=keep and str(Path(keep, worker)), overwrite=True, clock=time.perf_counter
            )
        except InspectorError as error:
            raise pytest.UsageError(str(error)) from error
        self._first: tuple[ProbeResult, str] | None = None

    @pytest.hookimpl(tryfirst=True)  # so that `-k` and other plugins choose among these tests, too
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Add the tests."""
        collector = _Collector.from_parent(session, name="inspector-probe", nodeid="inspector-probe")
        for probe in chosen_probes(Kind.DIRECT):
            item = _ProbeItem.from_parent(collector, name=probe.name)
            item.probe, item.tests = probe, self
            items.append(item)

    def pytest_sessionfinish(self) -> None:
        """Finish the recordings."""
        self._caller.close()

    def result(self, probe: Probe) -> ProbeResult:
        """Run a probe; return what it says."""
        if self._first is None:
            self._first = first_contact(self._caller, PROBES[FIRST])
        result, reason = self._first
        if probe.name == FIRST:
            if reason and result.state is State.NOT_TESTED:  # a run in which nothing is tested is not green
                raise _FailedProbeError(_harmless(reason))
            return result
        if reason:
            return ProbeResult(probe.name, State.NOT_TESTED, probe.sentence, reason)
        return run_probe(probe, self._caller)


class _Collector(pytest.Collector):
    """What the tests of probes belong to."""

    def collect(self) -> Iterator[pytest.Item]:
        """Collect nothing: the plugin makes the tests."""
        return iter(())


class _ProbeItem(pytest.Item):
    """The test of one probe."""

    probe: Probe
    tests: ProbeTests

    def runtest(self) -> None:
        """Run the probe. What is not applicable or not tested is skipped, with the reason."""
        result = self.tests.result(self.probe)
        for warning in result.warnings:
            self.user_properties.append(("inspector_warning", _harmless(warning.message)))
        if result.state in (State.NOT_APPLICABLE, State.NOT_TESTED):
            pytest.skip(f"{result.state}: {_harmless(result.reason)}")
        if result.state is State.FAIL:
            (seen,) = with_client_views([result])
            groups = groups_of([seen])[seen.name]
            # The first finding is the first line: short summaries show no other.
            _, *lines = (line.text for line in result_lines(seen, len(seen.name), groups, verbose=False))
            said = textwrap.dedent("\n".join(map(_harmless, lines)))
            raise _FailedProbeError(f"{said}\nwhat must hold: {_harmless(seen.sentence)}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """Show a failed probe as `inspector probe` does, without a traceback."""
        if isinstance(excinfo.value, _FailedProbeError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Name the test in reports."""
        return "inspector-probe", None, f"probe {self.name}"


def _harmless(text: str) -> str:
    return escape(mask_text(text))
