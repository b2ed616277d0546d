"""What the files of the reader's tests are made of, and the values that they hold."""

from __future__ import annotations

import io

from inspector.recording import End, Ending, Head, Reader, Request, TimedBlock

HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00Z","request":{"method":"POST"}}\n'
BLOCK = b'{"t":1.000000,"event":"a","data":{"n":1 }}\n'
END = b'{"t":2.000000,"end":"complete"}\n'
NOTE = b'{"note":"x"}\n'
WHOLE = HEAD + BLOCK + END

A_HEAD = Head("2026-11-20T18:00:00Z", Request("POST"))
A_BLOCK = TimedBlock(1.0, "a", b'{"n":1 }')
AN_END = End(2.0, Ending.COMPLETE)

STREAM = b'event: message_start\ndata: {"type":"message_start"}\n\n: keepalive\n\n'
PAYLOADS = b'{"type":"message_start"}\n{"type":"ping"}\n'
HTTP = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def lines(text, name="x.jsonl"):
    """The values of a file that holds `text`."""
    return list(Reader(io.BytesIO(text), name))
