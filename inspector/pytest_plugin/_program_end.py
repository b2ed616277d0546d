"""How the program under test ended, as far as its test shows: nothing is guessed."""

from __future__ import annotations

import dis
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from inspector.resilience import Conclusion, Program, program_of

if TYPE_CHECKING:
    from inspector.resilience import ClientVerdict
    from inspector.serve.server import Server

__all__ = ["client_verdict", "program_of_test"]

_CATCHERS = {"raises", "RaisesGroup", "suppress", "assertRaises", "assertRaisesRegex"}
_CATCHING = {"CHECK_EXC_MATCH", "CHECK_EG_MATCH"}


def client_verdict(
    item: pytest.Item, server: Server, error: BaseException | None, compared: Iterable[str] = ()
) -> ClientVerdict:
    """Judge the program of a test that has run. What the test itself said of its end counts first.

    `compared` are the texts that an assertion has compared which failed.
    """
    verdict = server.verdict()
    if verdict.program.is_over:
        return verdict
    player = server.player
    sent = [each.sent.text for each in player.attempts.read(player.requests).attempts]
    parts = sorted((text for text in compared if any(text in each for each in sent if each)), key=len)
    return server.verdict_on(program_of_test(item, error, parts[-1] if parts else None))


def program_of_test(item: pytest.Item, error: BaseException | None, text: str | None = None) -> Program:
    """Say how the program of a test ended, from what the test raised: `error`, None if it passed.

    `text` is what an assertion that failed has compared, if it is a part of what was sent: so the program
    has handed it out.
    """
    if error is None:
        if _may_catch(getattr(item, "function", None)):
            return Program(detail="the test passed, and may have caught an exception")
        return Program(Conclusion.RETURNED, "the test passed")
    if isinstance(error, pytest.fail.Exception) and str(error).startswith("DID NOT RAISE"):
        return Program(Conclusion.RETURNED, "the program did not raise what the test expects")
    if isinstance(error, pytest.fail.Exception | pytest.skip.Exception | pytest.xfail.Exception):
        return Program(detail="the test ended itself")
    if isinstance(error, AssertionError) and _is_of_the_test(item, error):
        if text is not None:
            detail = "an assertion of the test failed, on what the program returned"
            return Program(Conclusion.RETURNED, detail, text)
        return Program(detail="an assertion of the test failed")
    return program_of(raised=error)


def _may_catch(function: Any) -> bool:
    """Whether a test function catches exceptions: then that it passed does not say that none was raised."""
    code = getattr(function, "__code__", None)
    if code is None:
        return True
    return bool(_CATCHERS & set(code.co_names)) or any(
        instruction.opname in _CATCHING for instruction in dis.get_instructions(code)
    )


def _is_of_the_test(item: pytest.Item, error: BaseException) -> bool:
    """Whether the test's own file, or a conftest, has raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    name = trace.tb_frame.f_code.co_filename
    return name == str(item.path) or name.endswith("conftest.py")
