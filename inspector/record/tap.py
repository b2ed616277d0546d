"""The tap: record what a client reads, while it reads it, and change nothing for the client.

A tap is a pair of event hooks for the client's HTTP library
(https://www.python-httpx.org/advanced/event-hooks/). The request hook looks at the clock. The response hook
replaces `response.stream` by a tee, which notes every chunk on its way to the reader.

- The client keeps its proxies, its sockets, its retries and every byte of its requests.
- Every attempt is seen: a retried request is one response for each attempt.
- Nothing raises into the client. The SDK would take an exception for a network error and send the request
  again, and the caller would pay twice.
"""

from __future__ import annotations

import os
import time
import traceback
import weakref
from collections.abc import Awaitable, Callable, Generator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from inspector.errors import UsageError
from inspector.http_library import ending_of
from inspector.record.decoding import Bound, decoder_for, load_codings
from inspector.record.destination import Observer
from inspector.record.files import target_for
from inspector.record.heads import ReceivedHead, SentRequest, head_of
from inspector.record.holding import BeforeRecord, held
from inspector.record.journal import Journal
from inspector.record.tee import tee_for
from inspector.record.track import Track
from inspector.record.unanswered import watch
from inspector.record.warning import warn
from inspector.recording import Ending
from inspector.redact import Redaction, load_search, pseudonyms_for

__all__ = ["Tap", "tap"]

_SENT = "inspector.sent"  # a key of a request's extensions: when it was sent, and who observes it

Sent = tuple[datetime, float, Observer | None]
"""When a request was sent, in UTC and by the clock, and who observes its recording."""


def tap(
    path: str | os.PathLike[str],
    *,
    redact: str | Iterable[str] | Redaction = (),
    before_record: BeforeRecord | None = None,
) -> Tap:
    """Return event hooks that record every response of a client.

        http = anthropic.DefaultHttpxClient(event_hooks=inspector.tap("recordings/"))
        client = anthropic.Anthropic(http_client=http)

    The same call serves sync and async clients, of httpx2 and of httpx. If `path` is a folder, each response
    becomes a file in it; the folder is created if it does not exist. A path with a suffix is a file, and
    responses are appended to it in the order in which they end. Each attempt of a retried request is a
    response of its own. While somebody else writes to the file, a recording waits in a folder beside it, that
    is called like the file with `.waiting` after it.

    What arrives is with the operating system within 50 ms, so it survives a crash of this process; with
    hundreds of streams at a time it may take some 0.3 s. A response is complete there before its reader goes
    on after the end, unless the disk takes longer than two seconds.

    If a recording cannot be written, the tap issues one `RecordingWarning`, and the stream goes on; the next
    recording is tried again. A request that is interrupted or cancelled before its response is recorded. One
    that fails is not: libraries call no hook for it, but your code can call `tap.on_error(request, error)`.

    Secrets are masked and ids become pseudonyms. `redact` names what is masked besides: `prompts`, `outputs`,
    `tool-inputs`, `signatures`, or a `Redaction` with patterns of your own. `before_record` takes each
    recording at its end and returns what is written in its place, or None for nothing. With either, nothing
    of a recording is on disk before its end. Raises `UsageError` for an unknown name.
    """
    try:
        redaction = redact if isinstance(redact, Redaction) else Redaction(redact)
    except ValueError as error:
        raise UsageError(f"redact: {error}") from None
    target = held(target_for(path), redaction, before_record)
    return Tap(Journal(target, interval=0.04), redaction=redaction)


class Tap(dict[str, list[Callable[..., Any]]]):
    """Event hooks that record through a journal: pass it as a client's `event_hooks=`."""

    def __init__(
        self,
        journal: Journal,
        *,
        drain: bool = False,
        clock: Callable[[], float] = time.perf_counter,
        redaction: Redaction | None = None,
        bound: Bound | None = None,
    ) -> None:
        """`drain`: if a sync reader closes a body early, read it to its end, unless Ctrl-C was the reason.

        `redaction` says whether ids become pseudonyms; its other choices are applied by the
        journal's target (`holding`). `bound` is that of `decoder_for`.
        """
        super().__init__(request=[self.on_request], response=[self.on_response])
        load_search()  # now, because the reader of a first response would wait for it
        load_codings()
        self._journal = journal
        self._drain = drain
        self._bound = bound
        self._pseudonyms = pseudonyms_for(redaction)
        self.clock = clock
        """What it takes times from, in seconds."""
        self.responses: int = 0
        """How many responses have arrived."""

    @property
    def failure(self) -> str | None:
        """Why recording stopped; None while it works."""
        return self._journal.failure

    def revealed(self, text: str) -> str:
        """Return a text with the ids that stand behind this tap's pseudonyms: for eyes, never for a file."""
        return self._pseudonyms.revealed(text) if self._pseudonyms else text

    def flush(self) -> None:
        """Write everything that has arrived so far."""
        self._journal.flush()

    def on_request(self, request: Any) -> Awaitable[None]:
        """Note when a request is sent. This is the request hook; sync clients ignore what it returns."""
        try:
            request.extensions[_SENT] = self.now()
            waiting = weakref.ref(request)
            return watch(request.extensions, lambda error: self._give_up(waiting(), error))
        except Exception as error:
            _warn_not_recorded(error)
        return _DONE

    def on_response(self, response: Any) -> Awaitable[None]:
        """Start to record a response. This is the response hook; sync clients ignore what it returns."""
        try:
            self._begin(response)
        except Exception as error:
            _warn_not_recorded(error)
        return _DONE

    def on_error(self, request: Any, error: BaseException) -> None:
        """Record a request that failed with `error` and has no response. HTTP libraries have no such hook.

        A request that has its recording gets no second one.
        """
        try:
            if self._begins(request):
                self.begin(self._sent(request)).finish(self.clock(), *ending_of(error))
        except Exception as fault:
            _warn_not_recorded(fault)

    def begin(
        self, sent: SentRequest, received: ReceivedHead | None = None, *, decoded: bool = False
    ) -> Track:
        """Start to record an exchange that no library's hook shows; return what notes its reads and its end.

        Times are readings of `clock`. Without `received`, no response came. `decoded` says that the reads
        are without the response's content coding.
        """
        decode = None
        if received is not None:
            self.responses += 1
            encoding = ", ".join(
                value for name, value in received.headers if name.lower() == "content-encoding"
            )
            decode = decoder_for(encoding, bound=self._bound) if encoding else None
            if encoding and decode is None:
                received = replace(received, undecoded=True)
            if decoded:
                decode = None
        head, mask = head_of(sent, received, self._pseudonyms)
        observer = sent.observer or self._journal.observer()
        return self._journal.begin(head, sent=sent.clock, mask=mask, decode=decode, observer=observer)

    def _give_up(self, request: Any, error: BaseException) -> None:
        if request is not None:  # else its client has dropped it, and the response has come long ago
            self.on_error(request, error)

    def _begins(self, request: Any) -> bool:
        """Note that a request gets its recording; return whether it had none before."""
        key = f"inspector.recorded.{id(self)}"
        had, request.extensions[key] = request.extensions.get(key, False), True
        return not had

    def _sent(self, request: Any) -> SentRequest:
        """Return a library's request and when it was sent: now, if the request hook did not see it."""
        at, clock, observer = request.extensions.get(_SENT) or self.now()
        try:
            body = request.content or None
        except Exception:  # a body that is streamed to the server cannot be read here
            body = None
        headers = request.headers.multi_items()
        return SentRequest(at, clock, request.method, str(request.url), headers, body, observer=observer)

    def now(self) -> Sent:
        """Return the time, for a request that is sent now, and a new observer of its recording."""
        return datetime.now(UTC), self.clock(), self._journal.observer()

    def _begin(self, response: Any) -> None:
        self._begins(response.request)
        sent = self._sent(response.request)
        headers = response.headers.multi_items()
        received = ReceivedHead(self.clock(), response.status_code, headers, response.http_version)
        if response.is_stream_consumed:  # the transport, or another hook, has read the whole body already
            body = response.content
            track = self.begin(sent, received, decoded=True)
            track.note(self.clock(), body)
            track.finish(self.clock(), Ending.COMPLETE)
            return
        tee = tee_for(response)
        track = self.begin(sent, received)
        response.stream = tee(response.stream, track, self.clock, drain=self._drain)


def _is_of_a_signal_handler(error: Exception) -> bool:
    """Whether a handler of the caller's raised `error`, while our code was running: it is no fault of ours.

    A handler gets the frame that it interrupts as an argument, which no other function does.
    """
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        arguments = code.co_varnames[: code.co_argcount]
        if any(isinstance(frame.f_locals.get(name), FrameType) for name in arguments):
            return True
    return False


def _warn_not_recorded(error: Exception) -> None:
    """Warn of a fault of ours; what a signal handler of the caller's raised goes on to the caller."""
    if _is_of_a_signal_handler(error):
        raise error
    warn(f"this response is not recorded: {type(error).__name__}: {error}")


class _Done:
    """What a hook returns: a sync client ignores it, an async client awaits it and goes on at once."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


_DONE = _Done()
