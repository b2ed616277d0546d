"""For the tests of `resilience`: logs of clients, made from recordings with faults, without any waiting."""

from __future__ import annotations

import json

from conftest import ROOT

import inspector
from inspector import Ending, faults
from inspector.resilience import Attempt, ClientLog, Conclusion, Program, judge_client, read_sent

RETURNED = Program(Conclusion.RETURNED, "it returned")
RAISED = Program(Conclusion.RAISED, "it raised MyError", exception="MyError")
QUESTION = {"role": "user", "content": "weather?"}


def sent(recording="hello", fault=None):
    """What a client is sent of a bundled recording, with a fault in it."""
    loaded = inspector.load(ROOT / "recordings" / f"{recording}.jsonl")
    return read_sent(faults.apply(loaded, fault, load=inspector.load) if fault else loaded)


def body(*messages, **more):
    return json.dumps({"model": "m", "stream": True, "messages": [QUESTION, *messages], **more}).encode()


def attempt(number, at, answer, *, messages=(), seconds=0.1, **more):
    """A request that got an answer, which ended `seconds` later; None while it goes on."""
    ended = None if seconds is None else at + seconds
    given = {"end": Ending.COMPLETE, "content_at": at, "ended": ended, "body": body(*messages), **more}
    return Attempt(number, at, sent=answer, **given)


def log(*attempts, program=None, at=100.0):
    return ClientLog(attempts, at, program or Program())


def seen(made, **limits):
    """What a verdict says, as a set of texts: `retry-storm`, `half-tool-run: not known`."""
    return {
        each.check if each.standing == "fault" else f"{each.check}: {each.standing}"
        for each in judge_client(made, **limits).findings
    }
