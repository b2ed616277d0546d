"""Streams with random damage, in their bytes or in their events."""

from __future__ import annotations

import random

from streams import GOOD, PING, STOP, recording

from inspector.recording import Ending, Recording

_ODD_BYTES = [b"\n", b"\r\n", b"\r", b":", b"data: ", b"\xff", b"\n\n", b'"', b"\0"]
_ODD_VALUES = [
    b"null",
    b"[]",
    b"-1",
    b'"x"',
    b"1e999",
    b"NaN",
    b"{}",
    b'"\\ud83d"',
    b"[DONE]",
    b'{"type":[]}',
    b"true",
]
_ODD_BLOCKS = [PING, STOP, b": comment\n\n", b"id: 1\n\n", b"event: x\n\n"]


def mutant(chance: random.Random, pool: list[Recording]) -> Recording:
    """Damage one recording of the pool, and cut it into other reads."""
    sent = chance.choice(pool)
    mutate = chance.choice([_bytewise, _eventwise])
    body = mutate(chance, sent.body or GOOD)
    cuts = sorted(chance.randrange(len(body) + 1) for _ in range(chance.randrange(4)))
    reads = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    how = chance.choice([*Ending, None])
    url = chance.choice([sent.request.url, ""])
    headers = sent.response.headers if sent.response else {}
    return recording(*reads, how=how, url=url, headers=headers)


def _bytewise(chance: random.Random, body: bytes) -> bytes:
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = chance.choice(_ODD_BYTES)
            case 3:
                data[at:at] = data[: chance.randrange(200)]
            case _:
                del data[at:]
    return bytes(data)


def _eventwise(chance: random.Random, body: bytes) -> bytes:
    parts = [part + b"\n\n" for part in body.split(b"\n\n")]
    for _ in range(chance.randint(1, 5)):
        at, other = chance.randrange(len(parts)), chance.randrange(len(parts))
        match chance.randrange(6):
            case 0:
                parts.insert(at, parts[other])
            case 1 if len(parts) > 1:
                del parts[at]
            case 2:
                parts[at], parts[other] = parts[other], parts[at]
            case 3:
                name, sign, data = parts[at].partition(b"data: ")
                parts[at] = name + sign + _with_odd_value(chance, data)
            case 4:
                parts[at] = parts[at].replace(b'"index":0', b'"index":%d' % chance.randint(-1, 3))
            case _:
                parts.insert(at, chance.choice(_ODD_BLOCKS))
    return b"".join(parts)


def _with_odd_value(chance: random.Random, data: bytes) -> bytes:
    """Replace one value of a payload by something that nobody expects."""
    pieces = data.split(b":")
    at = chance.randrange(len(pieces))
    rest = b"".join(b","[:1] + piece for piece in pieces[at].split(b",")[1:])
    pieces[at] = chance.choice(_ODD_VALUES) + rest
    return b":".join(pieces)
