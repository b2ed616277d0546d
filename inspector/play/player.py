"""What answers a request: one decision for the transport and the server, which knows neither.

The answer is always a recording: one that was recorded; the whole message derived from one, for a request
without `"stream": true`, or the stream made of a message, for a request with it; or one made in memory, for a
miss, for HEAD, and for what clients request beside messages. So the transport and the server only render a
`Source`: in the objects of an HTTP library, and in bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from inspector.errors import InspectorError, UsageError
from inspector.play import misses
from inspector.play.attempt_log import AttemptLog
from inspector.play.bounded import BoundedCache
from inspector.play.faulted import answers_once
from inspector.play.made_up import error_answer, json_answer, made_up, side_answer, without_body
from inspector.play.matching import Match, Matcher, Miss, comparison_for, endpoint, parsed
from inspector.play.received import History, IncomingRequest, ReceivedRequest, url_path
from inspector.play.sources import Source
from inspector.play.streamed_message import answers_no_stream, streamed_message
from inspector.play.whole_message import whole_message
from inspector.protocol import is_side_traffic
from inspector.recording import Head, Recording, is_binary
from inspector.redact import mask_text

__all__ = ["Answer", "Player", "unplayable"]

_MESSAGES = "/v1/messages"
_BEDROCK = "/invoke-with-response-stream"
_Derive = Callable[[Recording], Recording]
_DERIVED = 64 * 1024 * 1024  # bytes of derived answers that are kept


class Answer(NamedTuple):
    """What answers a request: play `source`.

    `recording` names the recording that was used up for it. It is None if none was, and then `miss` says why,
    unless the request needs no recording. `differences` are those from the nearest recorded request.
    """

    source: Source
    recording: str | None = None
    miss: str | None = None
    differences: tuple[str, ...] = ()


class Player:
    """Answer requests from recordings, and remember the last `keep` requests. Safe between threads.

    `match`, `ignore`, `loop` and `strict` are as for `inspector.replay`. `otherwise` answers a request that
    is a miss; other requests wait for it. Of a large file only the first recording is known until a request
    needs more. Raises `UsageError` for an unknown `match`, for a path in `ignore` that is none, and without
    both a recording and `otherwise`.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        *,
        match: Match = "order",
        ignore: Iterable[str] = (),
        loop: bool = False,
        strict: bool = False,
        keep: int = 1000,
        otherwise: Callable[[IncomingRequest], Answer | None] | None = None,
    ) -> None:
        self._match, self._loop, self._strict = match, loop, strict
        self._comparison = comparison_for(match, ignore)
        self._lock = threading.RLock()  # a garbage collection may end in here again
        self._history = History(keep)
        self.attempts = AttemptLog(keep)
        """What became of the answers, as the doors note it that play them."""
        self._derived: BoundedCache[tuple[Source, _Derive], Source] = BoundedCache(_DERIVED)
        self._used = 0
        self._complete = False
        self._otherwise = otherwise
        self._index(list(sources))
        if not self._sources and otherwise is None:
            raise UsageError("no recordings to play: name at least one")

    def _index(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._heads = [source.head for source in sources]
        names = [source.name for source in sources]
        paths = [_path_of_head(head) for head in self._heads]
        called = [(head.request.method, path) for head, path in zip(self._heads, paths, strict=True)]
        beside = [position for position, each in enumerate(called) if is_side_traffic(*each)]
        self._beside = {called[position]: sources[position] for position in beside}
        self._matcher = Matcher(
            self._match,
            names,
            comparison=self._comparison,
            loop=self._loop,
            used=self._used,
            once=[position for position, head in enumerate(self._heads) if answers_once(head)],
            beside=beside,
        )
        self._paths = {_MESSAGES, *paths, *(url_path(head.request.url) for head in self._heads)} - {""}
        self._gets = {
            path: source
            for path, source in zip(paths, sources, strict=True)
            if source.head.request.method == "GET"
        }

    def _look_further(self) -> None:
        """Learn what else large files hold. The first request in order is answered without."""
        if self._complete:
            return
        complete = [each for source in self._sources for each in (source, *source.others())]
        if len(complete) > len(self._sources):
            self._index(complete)
        self._complete = True

    def complete(self) -> None:
        """Learn now what large files hold, not when a request needs it. Raises `RecordingError`."""
        with self._lock:
            self._look_further()

    @property
    def sources(self) -> Sequence[Source]:
        """Every recording, in order."""
        self.complete()
        return self._sources

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that have not been played once."""
        self.complete()
        with self._lock:
            return self._matcher.unused

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests that were received, in order, the last of them."""
        return self._history.all()

    @property
    def misses(self) -> list[ReceivedRequest]:
        """Those of them that no recording answered, and that needed one."""
        return [request for request in self.requests if request.miss]

    def remember(self, request: IncomingRequest, answer: Answer, status: int | None) -> ReceivedRequest:
        """Number a request that was answered, with this status or without a response, and keep it."""
        return self._history.add(
            request,
            recording=answer.recording,
            status=status,
            miss=answer.miss,
            differences=answer.differences,
        )

    def share_numbers(self, process: int, processes: int) -> None:
        """Number requests as one process (from 0) of several: no number comes twice."""
        self._history.share_numbers(process, processes)

    def answer(self, request: IncomingRequest) -> Answer:
        """Choose what answers a request, and use it up."""
        with self._lock:
            try:
                answer = self._answer(request, _path_of(request.url))
                return (answer.miss and self._otherwise and self._otherwise(request)) or answer
            except InspectorError as error:
                return unplayable(error)

    def _answer(self, request: IncomingRequest, path: str) -> Answer:
        if path != _MESSAGES or self._match != "order" or self._used:
            self._look_further()
        if is_side_traffic(request.method, path):
            return self._to_side_traffic(request, path)
        if path not in self._paths:
            answer = self._made_up(request, path)
            if answer is not None:
                return answer
            if self._match not in ("name", "any"):
                message = misses.unknown_path(request.method, url_path(request.url), self._paths)
                return _missed(message)
        return self._from_recording(request, path)

    def _from_recording(self, request: IncomingRequest, path: str) -> Answer:
        value = parsed(request.body)
        for_message = path == _MESSAGES and request.method == "POST" and isinstance(value, dict)
        whole = for_message and value.get("stream") is not True
        values = [value]
        if whole and self._match in ("body", "request"):  # a recorded stream answers it as well
            values.append({**value, "stream": True})
        position = self._matcher.take(request, self._heads, *values)
        if isinstance(position, Miss):
            return _missed(position.message, differences=position.differences)
        self._used += 1
        source = self._sources[position]
        if whole:
            return Answer(self._derive(source, whole_message), source.name)
        if for_message and answers_no_stream(source.head):
            return self._streamed(source)
        return Answer(source, source.name)

    def _streamed(self, source: Source) -> Answer:
        """Answer a request for a stream from a recorded request for none."""
        stream = self._derive(source, streamed_message)
        if stream is not source and self._strict:
            return _missed(misses.stream_refused(source.name))
        return Answer(stream, source.name)

    def _derive(self, source: Source, derive: _Derive) -> Source:
        """Return what is derived from a source, once for as long as it is kept."""
        derived = self._derived.get((source, derive))
        if derived is None:
            recording = source.recording()
            made = derive(recording)
            derived = source if made is recording else Source.of(made, source.name)
            self._derived.put((source, derive), derived, sum(len(block.raw_bytes) for block in made.blocks))
        return derived

    def _to_side_traffic(self, request: IncomingRequest, path: str) -> Answer:
        """Answer what is no call of the API. It uses nothing up, even if such a request was recorded."""
        if request.method == "HEAD":
            answer = self._to_get(path)
            return answer._replace(source=without_body(answer.source), recording=None)
        recorded = self._beside.get((request.method, path))
        if recorded:
            return Answer(recorded, recorded.name)
        return Answer(side_answer(request.method, path))

    def _to_get(self, path: str) -> Answer:
        """Answer as GET is answered."""
        if path in self._gets:
            return Answer(self._gets[path])
        request = IncomingRequest("GET", path)
        if is_side_traffic("GET", path):
            return self._to_side_traffic(request, path)
        status, headers = (405, {"allow": "POST"}) if path in self._paths else (404, {})
        return self._made_up(request, path) or Answer(json_answer(status, {}, headers))

    def _made_up(self, request: IncomingRequest, path: str) -> Answer | None:
        invented = made_up(request.method, path, request.body, self._heads)
        if invented is None:
            return None
        if self._strict:
            return _missed(misses.made_up_refused(request.method, path, invented.what))
        return Answer(invented.source)


def _path_of(url: str) -> str:
    """Return the path by which requests are distinguished: from `/v1/` on, if it has that.

    Bedrock's has the model in it, which other requests have in their body.
    """
    path = url_path(url)
    return endpoint(url) or (_BEDROCK if path.endswith(_BEDROCK) else path)


def _path_of_head(head: Head) -> str:
    return _BEDROCK if not head.request.url and is_binary(head) else _path_of(head.request.url)


def unplayable(error: InspectorError) -> Answer:
    """Answer that a recording's file cannot be read."""
    return _missed(misses.unplayable(error), 500)


def _missed(message: str, status: int = 404, differences: tuple[str, ...] = ()) -> Answer:
    message = mask_text(message)
    return Answer(error_answer(status, message), None, message, differences)
