"""What is read of one answer, however long it is and whatever it decodes to."""

from __future__ import annotations

import gzip

import loopback
import pytest

import inspector
from inspector.conformance import keeping, receiving
from inspector.conformance.settings import MOST

BYTES = MOST._replace(size=4 * 1024 * 1024)
"""An eighth of the bytes: what is read of an answer is linear in its size."""


def test_the_limit_of_real_use_is_32_megabytes():
    assert MOST.size == 32 * 1024 * 1024


def probed(body, keep=None, **fields):
    head = loopback.head(
        200, {"content-type": "text/event-stream", "content-length": str(len(body)), **fields}
    )
    with loopback.Server([head, body]) as server:
        return inspector.probe(server.url, key="", keep=keep)


@pytest.mark.parametrize(
    ("piece", "times", "most", "said"),
    [
        (b": " + b"x" * 65534 + b"\n\n", BYTES.size // 65536 + 2, BYTES, f"more than {BYTES.size:,} bytes"),
        (b":\n\n", MOST.lines, MOST, f"more than {MOST.lines:,} lines"),
    ],
    ids=["of few lines", "of many lines"],
)
def test_a_bomb_is_decoded_up_to_a_limit_and_kept_whole_as_it_came(
    tmp_path, monkeypatch, piece, times, most, said
):
    for module in (keeping, receiving):
        monkeypatch.setattr(module, "MOST", most)
    bomb = gzip.compress(piece * times, 9)
    card = probed(bomb, tmp_path, **{"content-encoding": "gzip"})
    assert card.reason == f"the first answer cannot be read: DecodingError: the body decodes to {said}"
    file = tmp_path / "text-1.jsonl"
    assert inspector.load(file).body.startswith(piece)
    assert file.stat().st_size < most.size * 1.1
    assert '"undecoded":{"base64":' in file.read_text().splitlines()[-2]


def test_an_answer_of_too_many_lines_is_not_read_to_its_end():
    assert f"more than {MOST.lines:,} lines" in probed(b":\n\n" * MOST.lines).reason
