"""The upstream that a gateway is probed with: it answers by script, and records what it really sent.

A script says how the 1st, 2nd, … request is answered that carries its marker; its last answer is also that to
all further requests. A gateway may rename models, rewrite ids and drop headers. So the marker is a word in
the prompt, and is looked for in the whole body.

The server, its clock and its tap are those of `inspector serve`: each answer is a recording, played at its
own times, its broken end included. What was sent is noted while it is sent, until the gateway leaves.
"""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Sequence
from types import TracebackType

from inspector import _json
from inspector.play.player import Answer
from inspector.play.received import IncomingRequest, ReceivedRequest
from inspector.play.sources import Source
from inspector.play.whole_message import whole_message
from inspector.record.destination import Observer
from inspector.record.journal import Journal
from inspector.record.tap import Tap
from inspector.recording import Assembly, End, Head, Recording, TimedBlock
from inspector.redact import KEEP_IDS, Redaction
from inspector.serve.connection import Delivery
from inspector.serve.server import Server

__all__ = ["Rendering", "Script", "ScriptedUpstream", "as_messages"]

_MARKER = re.compile(rb"inspector-probe-[a-z0-9-]+-[0-9]+-end")

_PATIENCE = 30.0  # seconds that the recording of a long stream may take after its end

Rendering = Callable[[Recording, IncomingRequest], Recording]
"""Makes the answer to a request from a script's recording: in the protocol that the upstream speaks."""


def as_messages(recording: Recording, request: IncomingRequest) -> Recording:
    """Answer as the Messages API does: with the stream, or with one message if no stream was requested."""
    body = _json.as_object(_parsed(request.body))
    return recording if body.get("stream") is True else whole_message(recording)


class Script:
    """What answers the requests that carry `marker`, and what came of them.

    Use it with `with`: at its end, its marker answers no more. Safe between threads.
    """

    def __init__(self, marker: str, answers: Sequence[Recording], forget: Callable[[str], object]) -> None:
        self.marker = marker
        self.answers = tuple(answers)
        self._forget = forget
        self._requests: list[IncomingRequest] = []
        self._behind: list[_Behind] = []
        self._delivered = 0  # how many answers have ended; the journal may take a while to say how
        self._changed = threading.Condition()

    @property
    def requests(self) -> list[IncomingRequest]:
        """The requests so far, as they came: their secrets are not masked."""
        return list(self._requests)

    def sent(self, within: float = 0.0) -> list[Recording]:
        """Return what was sent to each request, in their order, and how it ended.

        Wait until all have ended, but no longer than `within` seconds. One that has not has no end.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._delivered >= len(self._requests), within)
            ended = self._delivered
            self._changed.wait_for(lambda: sum(each.ended for each in self._behind) >= ended, _PATIENCE)
            return sorted((each.recording() for each in self._behind), key=lambda each: each.head.at)

    def next_answer(self, request: IncomingRequest) -> Recording:
        """Count a request, and return the recording that answers it."""
        with self._changed:
            self._requests.append(request)
            return self.answers[min(len(self._requests), len(self.answers)) - 1]

    def add(self, behind: _Behind) -> None:
        """Take an exchange that has begun."""
        with self._changed:
            self._behind.append(behind)

    def note_delivered(self) -> None:
        """Count an answer that has ended."""
        with self._changed:
            self._delivered += 1
            self._changed.notify_all()

    def note_recorded(self) -> None:
        """Wake who waits for the recording of an answer that has ended."""
        with self._changed:
            self._changed.notify_all()

    def __enter__(self) -> Script:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget(self.marker)


class ScriptedUpstream:
    """Answer by script on 127.0.0.1 and `port`, any free one by default, from `with` to its end.

    `rendering` makes answers of the recordings. Raises `AddressError` if something else has the port.
    """

    def __init__(self, port: int = 0, rendering: Rendering = as_messages) -> None:
        self.rendering = rendering
        """What makes the answers: `as_messages`, or a translation into another protocol."""
        self._scripts: dict[str, Script] = {}
        self._numbers = itertools.count(1)
        journal = Journal(None, lambda: _Behind(self._script_of), interval=0.001)
        self._tap = Tap(journal, redaction=Redaction(KEEP_IDS))
        # Gateways send any Host, some always the API's. All that is here to be read is made up.
        self._server = Server(
            speed=1.0,
            port=port,
            keep=0,
            otherwise=self._answer,
            report=self._delivered,
            tap=self._tap,
            allow_hosts=None,
        )

    @property
    def url(self) -> str:
        """The base URL to configure a gateway with."""
        return self._server.url

    def script(self, name: str, *answers: Recording) -> Script:
        """Answer the requests that carry the script's marker by these recordings, one after another."""
        marker = f"inspector-probe-{name}-{next(self._numbers)}-end"
        script = self._scripts[marker] = Script(marker, answers, lambda gone: self._scripts.pop(gone, None))
        return script

    def __enter__(self) -> ScriptedUpstream:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _script_of(self, body: bytes | None) -> Script | None:
        marked = _MARKER.search(body or b"")
        return self._scripts.get(marked[0].decode()) if marked else None

    def _delivered(self, request: ReceivedRequest, delivery: Delivery) -> None:
        script = self._script_of(request.body)
        if script is not None:
            script.note_delivered()

    def _answer(self, request: IncomingRequest) -> Answer | None:
        script = self._script_of(request.body)
        if script is None:
            return None
        recording = self.rendering(script.next_answer(request), request)
        return Answer(Source.of(recording, script.marker), script.marker)


class _Behind(Observer):
    """One exchange with the gateway, put together while it is sent."""

    def __init__(self, script_of: Callable[[bytes | None], Script | None]) -> None:
        self._script_of = script_of
        self._script: Script | None = None
        self._assembly: Assembly | None = None
        self.ended = False

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value of the recording; called on the journal's thread."""
        if isinstance(value, Head):
            self._assembly = Assembly(value)
            self._script = self._script_of(value.request.body)
            if self._script is not None:
                self._script.add(self)
        elif self._assembly is not None:
            self._assembly.add(value)
            if isinstance(value, End) and self._script is not None:
                self.ended = True
                self._script.note_recorded()

    def recording(self) -> Recording:
        """Return what was sent so far."""
        assert self._assembly is not None
        return self._assembly.recording("")


def _parsed(body: bytes) -> object:
    try:
        return _json.loads(body)
    except ValueError:
        return None
