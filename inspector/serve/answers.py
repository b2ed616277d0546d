"""The player's answers as bytes: each recording is prepared once, within a bound of memory."""

from __future__ import annotations

from inspector.errors import InspectorError
from inspector.play.bounded import BoundedCache
from inspector.play.pace import Pace
from inspector.play.player import Answer, Player, unplayable
from inspector.play.sources import Source
from inspector.serve.requests import ParsedRequest
from inspector.serve.responses import PreparedResponse, prepare

__all__ = ["Answers"]

_KEPT = 256 * 1024 * 1024  # bytes of prepared responses


class Answers:
    """Answer parsed requests with prepared responses. A connection keeps alive the one that it plays."""

    def __init__(self, player: Player, pace: Pace) -> None:
        self._player = player
        self._pace = pace
        self._prepared: BoundedCache[tuple[Source, bool, bool], PreparedResponse] = BoundedCache(_KEPT)

    def warm(self) -> None:
        """Prepare every recording's response now, as many as are kept. Raises `RecordingError`."""
        for source in self._player.sources:
            if self._prepared.full:
                return
            self._of_recording(source, http_1_0=False, keep_alive=True)

    def answer(self, parsed: ParsedRequest) -> tuple[Answer, PreparedResponse]:
        """Choose the answer to a request, and prepare its response."""
        _, http_1_0, keep_alive = parsed
        answer = self._player.answer(parsed.request)
        if answer.recording is not None:
            try:
                return answer, self._of_recording(answer.source, http_1_0=http_1_0, keep_alive=keep_alive)
            except InspectorError as error:  # its file has changed
                answer = unplayable(error)
        return answer, self.prepared(answer.source, parsed)

    def prepared(self, source: Source, parsed: ParsedRequest) -> PreparedResponse:
        """Prepare a response that is not kept."""
        return prepare(
            source,
            self._pace,
            http_1_0=parsed.http_1_0,
            close=not parsed.keep_alive,
            to_head=parsed.request.method == "HEAD",
        )

    def _of_recording(self, source: Source, *, http_1_0: bool, keep_alive: bool) -> PreparedResponse:
        key = (source, http_1_0, keep_alive)
        response = self._prepared.get(key)
        if response is None:
            response = prepare(source, self._pace, http_1_0=http_1_0, close=not keep_alive)
            self._prepared.put(key, response, len(response.wire))
        return response
