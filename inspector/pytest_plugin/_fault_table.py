"""`pytest --inspector-faults`: every marked test once under each fault of the dirty dozen, and a table.

What decides is not the test but the verdict on its program: under a fault that lasts, a test of the good case
is bound to fail. A run fails if the program has a fault, and the table says what each program did.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from inspector.faults import DIRTY_DOZEN
from inspector.pytest_plugin._case import lines
from inspector.pytest_plugin._marker import FAULT, fault_runs
from inspector.pytest_plugin._program_end import client_verdict

if TYPE_CHECKING:
    from inspector.pytest_plugin._case import Case
    from inspector.resilience import ClientVerdict

__all__ = ["FaultTable"]

_PROPERTY = "inspector_faults"
_NOT_APPLICABLE = "-"
_LISTED = 60


class _Cell(NamedTuple):
    """What one test did under one fault: a mark for the table, and half a line."""

    test: str
    fault: str
    mark: str = _NOT_APPLICABLE
    text: str = ""


class FaultTable:
    """Hooks of a run under faults. `case_of` returns the case of a test that runs; None without one."""

    def __init__(self, case_of: Any) -> None:
        self._case_of = case_of
        self._cells: dict[tuple[str, str], _Cell] = {}
        self._compared: list[str] = []

    @pytest.hookimpl(trylast=True)  # the fault is the last part of the test's id
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a marked test once for each fault, unless its marker has faults of its own."""
        marker = metafunc.definition.get_closest_marker("recording")
        if marker is None or "fault" in marker.kwargs or "every_split" in metafunc.fixturenames:
            return
        runs = fault_runs(DIRTY_DOZEN)
        metafunc.fixturenames.append(FAULT)
        metafunc.parametrize(FAULT, runs, ids=[run.id for run in runs])

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out tests that have no program to judge: without a marker, or with faults of their own."""
        kept = [item for item in items if _has_own_fault(item) is False]
        left = [item for item in items if _has_own_fault(item) is not False]
        if left:
            config.hook.pytest_deselected(items=left)
            items[:] = kept

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Say in the reports which test and which fault this is."""
        _note(item, _Cell(*_names(item)))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Judge the program, and let its faults alone fail the test."""
        self._compared.clear()
        error: BaseException | None = None
        result = None
        try:
            result = yield
        except (pytest.skip.Exception, pytest.xfail.Exception):
            raise
        except (Exception, pytest.fail.Exception) as raised:
            error = raised
        case: Case | None = self._case_of(item)
        if case is None:
            return result
        verdict = client_verdict(item, case.server, error, self._compared)
        _note(item, _cell(item, verdict))
        if not verdict.resilient:
            pytest.fail(lines(verdict.lines()), pytrace=False)
        item.add_report_section("call", "inspector", lines(verdict.lines()))
        return result

    def pytest_assertrepr_compare(self, config: pytest.Config, op: str, left: Any, right: Any) -> None:
        """Remember what an assertion that failed has compared: one side may be what the program returned."""
        self._compared.extend(each for each in (left, right) if isinstance(each, str))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the cells, also those of other processes."""
        cell = _Cell(*dict(report.user_properties).get(_PROPERTY, ("", "")))  # type: ignore[misc]
        if cell.test and (report.when == "call" or not report.passed):
            self._cells[cell.test, cell.fault] = cell

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if self._cells:
            terminalreporter.section("programs under faults")
            for line in self._table(terminalreporter._tw.fullwidth):
                terminalreporter.line(lines([line]))

    def _table(self, width: int) -> Iterator[str]:
        """Yield the table, in lines of a terminal."""
        tests = list(dict.fromkeys(test for test, _ in self._cells))
        room = max(width - 3 * len(DIRTY_DOZEN) - 1, 20)
        longest = min(max(map(len, tests)), room)
        yield " " * longest + "".join(f"{number:>3}" for number in range(1, len(DIRTY_DOZEN) + 1))
        for test in tests:
            cells = (self._cells.get((test, fault)) for fault in DIRTY_DOZEN)
            shown = test if len(test) <= longest else f"…{test[1 - longest :]}"
            yield f"{shown:<{longest}}" + "".join(f"{cell.mark if cell else ' ':>3}" for cell in cells)
        numbers = [f"{number} {fault}" for number, fault in enumerate(DIRTY_DOZEN, 1)]
        yield from ("", *(", ".join(numbers[start : start + 4]) for start in (0, 4, 8)))
        yield "F fault, w warning, ? not known, - the fault does not fit the recording"
        notes = [cell for cell in self._cells.values() if cell.text]
        yield ""
        yield from (f"{cell.mark} {cell.test} {cell.fault}: {cell.text}" for cell in notes[:_LISTED])
        if len(notes) > _LISTED:
            yield f"and {len(notes) - _LISTED} more"


def _cell(item: pytest.Item, verdict: ClientVerdict) -> _Cell:
    for mark, findings in (("F", verdict.faults), ("w", verdict.warnings), ("?", verdict.unknown)):
        if findings:
            checks = ", ".join(dict.fromkeys(each.check for each in findings))
            program = verdict.program
            how = f"it raised {program.exception}" if program.exception else program.detail
            return _Cell(*_names(item), mark, f"{checks}; {how}")
    if not verdict.actions:
        return _Cell(*_names(item), "?", "no request for a message came")
    return _Cell(*_names(item), "ok")


def _note(item: pytest.Item, cell: _Cell) -> None:
    """Put a cell into the test's reports, which also reach the process that prints."""
    item.user_properties[:] = [each for each in item.user_properties if each[0] != _PROPERTY]
    item.user_properties.append((_PROPERTY, list(cell)))


def _names(item: pytest.Item) -> tuple[str, str]:
    run = item.callspec.params[FAULT]  # type: ignore[attr-defined]
    name = item.nodeid.removesuffix(f"[{run.id}]").removesuffix(f"-{run.id}]")
    return name + "]" * ("[" in name and not name.endswith("]")), run.id


def _has_own_fault(item: pytest.Item) -> bool | None:
    """Whether the marker of a test that runs under a fault has faults of its own; None without either."""
    marker = item.get_closest_marker("recording")
    callspec = getattr(item, "callspec", None)
    if marker is None or callspec is None or FAULT not in callspec.params:
        return None
    return "fault" in marker.kwargs
