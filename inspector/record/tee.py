"""The tee: a response's stream that notes every chunk on its way to the reader.

There is a sync and an async one for each HTTP library. They pass on every chunk, exception and attribute as
it is, and note how the body ended for the reader.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

from inspector.http_library import ending_of, library_of
from inspector.record.track import Track
from inspector.recording import Ending

__all__ = ["Tee", "tee_for"]


class Tee:
    """What both tees share: the stream that they read, and the track on which they note what they read."""

    def __init__(self, stream: Any, track: Track, clock: Callable[[], float], *, drain: bool) -> None:
        self._stream = stream
        self._track = track
        self._clock = clock
        self._drain = drain
        self._begun = False
        # The SDK looks this up at every event, and a miss that goes through `__getattr__` costs it 5 % more.
        self.stream_observer: Any = getattr(stream, "stream_observer", None)

    def __getattr__(self, name: str) -> Any:
        # The libraries and the SDK keep attributes of their own on a stream.
        return getattr(self._stream, name)

    def __del__(self) -> None:
        if not self._begun:  # otherwise the iteration notes its own end
            self._track.abandon(self._clock())

    def _finish(self, error: BaseException | None = None) -> None:
        how, message = ending_of(error) if error else (Ending.COMPLETE, None)
        self._track.finish(self._clock(), how, message)

    def _finish_early(self) -> None:
        self._track.finish(self._clock(), Ending.ABANDONED)


def tee_for(response: Any) -> type[Tee]:
    """Return the class of tees for a response's stream."""
    library = library_of(response)
    sync_tee, async_tee = _tees(library)
    return sync_tee if isinstance(response.stream, library.SyncByteStream) else async_tee


@functools.cache
def _tees(library: ModuleType) -> tuple[type[Tee], type[Tee]]:
    """Make the sync and the async tee for a library, which accepts only streams of its own classes."""

    class SyncTee(Tee, library.SyncByteStream):  # type: ignore[name-defined,misc]
        def __iter__(self) -> Iterator[bytes]:
            self._begun = True
            note, clock = self._track.note, self._clock
            self._chunks = iter(self._stream)
            try:
                for chunk in self._chunks:
                    note(clock(), chunk)
                    yield chunk
            except GeneratorExit:
                if not self._drain:
                    self._finish_early()
                raise
            except BaseException as error:
                self._finish(error)
                raise
            self._finish()

        def close(self) -> None:
            try:
                if self._drain and not isinstance(sys.exception(), KeyboardInterrupt):
                    self._read_rest()
                self._stream.close()
            finally:
                self._finish_early()

        def _read_rest(self) -> None:
            """Read what the reader leaves. An error is noted and kept from the reader, who is done."""
            try:
                for chunk in getattr(self, "_chunks", ()):
                    self._track.note(self._clock(), chunk)
                self._finish()
            except BaseException as error:
                self._finish(error)
                if not isinstance(error, Exception):
                    raise

    class AsyncTee(Tee, library.AsyncByteStream):  # type: ignore[name-defined,misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            self._begun = True
            note, clock = self._track.note, self._clock
            chunks = aiter(self._stream)
            try:
                async for chunk in chunks:
                    note(clock(), chunk)
                    yield chunk
            except BaseException as error:
                self._finish(error)
                if hasattr(chunks, "aclose"):  # closing this generator does not close the one that it reads
                    await chunks.aclose()
                raise
            self._finish()

        async def aclose(self) -> None:
            try:
                await self._stream.aclose()
            finally:
                self._finish_early()

    return SyncTee, AsyncTee
