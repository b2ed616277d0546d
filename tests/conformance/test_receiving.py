"""What is read of one answer, however long it is and whatever it decodes to."""

from __future__ import annotations

import gzip

import loopback
import pytest

import inspector
from inspector.conformance.settings import MOST


def probed(body, keep=None, **fields):
    head = loopback.head(
        200, {"content-type": "text/event-stream", "content-length": str(len(body)), **fields}
    )
    with loopback.Server([head, body]) as server:
        return inspector.probe(server.url, key="", keep=keep)


@pytest.mark.parametrize(
    ("piece", "times", "said"),
    [
        (b": " + b"x" * 65534 + b"\n\n", MOST.size // 65536 + 2, f"more than {MOST.size:,} bytes"),
        (b":\n\n", MOST.lines, f"more than {MOST.lines:,} lines"),
    ],
    ids=["of few lines", "of many lines"],
)
def test_a_bomb_is_decoded_up_to_a_limit_and_kept_whole_as_it_came(tmp_path, piece, times, said):
    bomb = gzip.compress(piece * times, 9)
    card = probed(bomb, tmp_path, **{"content-encoding": "gzip"})
    assert card.reason == f"the first answer cannot be read: DecodingError: the body decodes to {said}"
    file = tmp_path / "text-1.jsonl"
    assert inspector.load(file).body.startswith(piece)
    assert file.stat().st_size < MOST.size * 1.1
    assert '"undecoded":{"base64":' in file.read_text().splitlines()[-2]


def test_an_answer_of_too_many_lines_is_not_read_to_its_end():
    assert f"more than {MOST.lines:,} lines" in probed(b":\n\n" * MOST.lines).reason
