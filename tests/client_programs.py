"""For the tests of verdicts: programs, good and bad, each run as a process of its own: `python FILE NAME`.

All but `sdk` speak HTTP with the standard library alone, because the SDK would not let them be as bad.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from urllib.parse import urlsplit

QUESTION = {"role": "user", "content": "weather?"}


def ask(*messages, timeout=5.0, **more):
    """Send a request; return the response, its body not read yet."""
    server = http.client.HTTPConnection(urlsplit(os.environ["ANTHROPIC_BASE_URL"]).netloc, timeout=timeout)
    body = {"model": "m", "max_tokens": 9, "stream": True, "messages": [QUESTION, *messages], **more}
    server.request("POST", "/v1/messages", json.dumps(body), {"content-type": "application/json"})
    return server.getresponse()


def events(response):
    """The payloads of a stream, as far as it comes."""
    for line in response:
        if line.startswith(b"data:"):
            yield json.loads(line[5:])


def text_of(payloads):
    return "".join(
        each["delta"].get("text", "") for each in payloads if each["type"] == "content_block_delta"
    )


def naive():
    """Tries again at once, as long as it fails."""
    for _ in range(15):
        if ask().status == 200:
            return
    sys.exit(1)


def impatient():
    """Waits, and does not read retry-after."""
    while ask().status != 200:
        time.sleep(0.1)


def stubborn():
    """Sends again what is refused."""
    for _ in range(3):
        ask()
    sys.exit(1)


def hopeful():
    """Takes whatever comes for the answer."""
    print(text_of(events(ask())))


def patient():
    """Has no timeout."""
    list(events(ask(timeout=None)))


def half():
    """Runs a tool with whatever JSON came, and sends the result."""
    payloads = list(events(ask()))
    (tool,) = (each["content_block"] for each in payloads if each.get("content_block", {}).get("name"))
    use = {**tool, "input": {}}
    result = {"type": "tool_result", "tool_use_id": tool["id"], "content": "-6 degrees"}
    ask({"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}).read()


def doubled():
    """Tries again after a broken stream, keeps what it had, and goes on with the conversation."""
    text = ""
    for _ in range(2):
        try:
            for payload in events(ask()):
                text += text_of([payload])
        except http.client.IncompleteRead:
            continue
    ask({"role": "assistant", "content": text}, QUESTION).read()


def sdk():
    """Uses the SDK as it should: raises if the stream has not come to its end."""
    import anthropic

    with anthropic.Anthropic(timeout=2.0).messages.stream(
        model="m", max_tokens=9, messages=[QUESTION]
    ) as stream:
        kinds = [event.type for event in stream]
    if "message_stop" not in kinds:
        sys.exit("the answer broke off")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
