"""`inspector probe` on servers that answer by themselves finds what was seen of them by hand."""

from __future__ import annotations

import pytest
from gateways.expected import Seen
from gateways.scoring import score
from gateways.subjects import SUBJECTS

SEEN = {
    # A replay server plays what was recorded, whatever the request says.
    "inspector-serve": Seen(
        fails={
            "max-tokens": 'should be "max_tokens"',
            "errors": "a body that is not JSON gets 404; it should be 400",
            "concurrent": "have one id",
        },
        warns={"errors": "a wrong key is accepted"},
        untested={"tool": "called no tool"},
    ),
    "aimock": Seen(
        fails={
            "text": "how many tokens went in",
            "max-tokens": 'should be "max_tokens"',
            "stop-sequence": "holds the stop sequence",
            "errors": 'is not {"type": "error"',
            "models": "OpenAI's form",
        },
        warns={"text": "output_tokens is 0", "errors": "without max_tokens is accepted"},
        untested={"count-tokens": "no count_tokens", "thinking": "no thinking block"},
    ),
    "llmock": Seen(
        fails={"max-tokens": 'should be "max_tokens"', "errors": "gets 422; it should be 400"},
        warns={"errors": "unknown model is accepted"},
        untested={"count-tokens": "no count_tokens", "parallel-tools": "one call"},
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_the_probe_finds_what_was_seen_of_a_server(name, tmp_path):
    card = score(SUBJECTS[name], tmp_path)
    assert not SEEN[name].differences(card)
    assert {exchange.file for result in card.results for exchange in result.exchanges} == {
        str(file) for file in (tmp_path / "recordings").iterdir()
    }
