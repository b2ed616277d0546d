"""`inspector probe` on real gateways finds what was seen of them by hand, and no fault in our own proxy.

Three subjects are probed at a time: a probe waits more than it works.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from gateways.expected import Seen
from gateways.scoring import score
from gateways.subjects import SUBJECTS

INVENTED = "invents message_stop"
PROPER_END = "comes out as a proper end"
STACK_TRACE = "a stack trace with paths"
HANGS = "before any event: nothing comes out"

SEEN = {
    "inspector-proxy": Seen(),
    "nginx": Seen(
        fails={"cut": f"closed in a text: it {PROPER_END}"},  # it speaks HTTP/1.0 to the upstream
        warns={"pace": "holds", "pings": "after it was sent", "cut": "reset in a text: .* do not come out"},
    ),
    "nginx-streams": Seen(),
    "caddy": Seen(fails={"cut": f"reset in a text: it {PROPER_END}"}),
    "haproxy": Seen(
        fails={"cancel": "while the upstream is silent: .* still has its connection"},
        warns={"pace": "holds events back"},
    ),
    "haproxy-streams": Seen(),
    "mitmproxy": Seen(warns={"pace": "until its end", "pings": "after it was sent", "cut": "502 comes out"}),
    "mitmproxy-streams": Seen(),
    "litellm": Seen(
        fails={"upstream-error": "the upstream's 413 comes out as 400"},
        warns={"verbatim": "message.model was", "upstream-error": "without its request-id"},
    ),
    "portkey": Seen(
        fails={
            "cut": f"reset in a text: it {PROPER_END}",
            "cancel": "still has its connection",
            "upstream-error": "not an error in the API's form",
        }
    ),
    "claude-code-router": Seen(
        fails={"cut": HANGS, "leak": STACK_TRACE, "upstream-error": "retry-after: 3 of the 429 is lost"},
        warns={"upstream-error": "without its request-id"},
    ),
    "claude-code-router-openai": Seen(
        fails={
            "verbatim": "the input is 0 tokens",
            "error-mid-stream": "becomes a whole message",
            "cut": f"in a text: it {INVENTED}",
            "cancel": "still has its connection",
            "leak": STACK_TRACE,
            "upstream-error": "retry-after: 3 is lost",
        },
        untested={"pings": "has no pings"},
    ),
    "ant2oai": Seen(
        fails={
            "verbatim": r"not U\+2028",  # it splits the upstream's lines there
            "error-mid-stream": "is lost: no error event",
            "cut": f"in a text: it {INVENTED}",
            "upstream-error": "retry-after: 3 is lost",
        },
        warns={"verbatim": "arrives in 1 delta"},
        untested={"pings": "has no pings"},
    ),
}


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    """The scorecards that are being made, by subject."""
    with ThreadPoolExecutor(3) as pool:
        yield {
            name: pool.submit(score, SUBJECTS[name], tmp_path_factory.mktemp(name))
            for name in SEEN
            if not SUBJECTS[name].skipped
        }


@pytest.mark.parametrize("name", SEEN)
def test_the_probe_finds_what_was_seen_of_a_gateway(name, cards, tmp_path):
    if name not in cards:
        pytest.skip(SUBJECTS[name].skipped)
    differences = SEEN[name].differences(cards[name].result())
    if (
        differences
    ):  # what a reset overtakes depends on how busy the machine is: once more, with no other beside
        wait(cards.values())
        differences = SEEN[name].differences(score(SUBJECTS[name], tmp_path))
    assert not differences
