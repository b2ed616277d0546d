"""What the Python clients share: the request, and the protocol on stdin and stdout.

A job is a line of JSON on stdin: {"url", "how", "thinking", "tools"}, and if the client is to retry as it
does by default, "defaults"; "timeout" is in seconds, by default 10. Its answer is a line of JSON on stdout.
The first line on stdout is `READY`: the client is imported. Each client has its own environment, without
inspector.

The garbage collector runs between jobs only. LiteLLM leaves streams open; a collection inside the pool of
httpcore 1.x, which holds a lock that is not re-entrant, closes such a stream, waits for the lock and hangs.
"""

from __future__ import annotations

import gc
import json
import os
import sys

KEY = "none"
PROMPT = "Go on."
SCHEMA = {"type": "object", "properties": {"location": {"type": "string"}}, "additionalProperties": True}
TOOLS = ["get_weather", "get_calendar", "get_bike_battery"]
BUDGET = 1024


def model(job):
    return "claude-sonnet-4-5" if job["thinking"] else "claude-haiku-4-5"


def thinking(job):
    """The request's member `thinking`, if the job has it."""
    return {"thinking": {"type": "enabled", "budget_tokens": BUDGET}} if job["thinking"] else {}


def limits(job, retries="max_retries"):
    """The client's options: no retries, unless the job is for its defaults, and a timeout."""
    return {"timeout": job.get("timeout", 10), **({} if job.get("defaults") else {retries: 0})}


def work(client):
    """Let `client(job, answer)` fill in an answer as the stream comes. What came before an error is kept."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # stdout is for answers alone
    gc.disable()
    print("READY", file=out, flush=True)
    for line in sys.stdin:
        answer = {"text": "", "thinking": "", "tools": [], "stop": None, "error": None}
        try:
            client(json.loads(line), answer)
        except Exception as error:
            answer["error"] = f"{type(error).__name__}: {error}"
            package = type(error).__module__.partition(".")[0]
            answer["class"] = ("" if package == "builtins" else f"{package}.") + type(error).__name__
            answer["api"] = any(kind.__name__ == "APIError" for kind in type(error).__mro__)
        print(json.dumps(answer), file=out, flush=True)
        gc.collect()
