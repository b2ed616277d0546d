"""The lines that tests of files are made of, and the values that they hold."""

from __future__ import annotations

from inspector.recording import End, Ending, Head, Request, TimedBlock

HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00Z","request":{"method":"POST"}}\n'
BLOCK = b'{"t":1.000000,"event":"a","data":{"n":1 }}\n'
END = b'{"t":2.000000,"end":"complete"}\n'
NOTE = b'{"note":"x"}\n'
WHOLE = HEAD + BLOCK + END

A_HEAD = Head("2026-11-20T18:00:00Z", Request("POST"))
A_BLOCK = TimedBlock(1.0, "a", b'{"n":1 }')
AN_END = End(2.0, Ending.COMPLETE)
