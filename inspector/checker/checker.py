"""The pass: every block once, in order, through the tracker and the rules.

Nearly all of a stream is plain deltas that no rule can object to: the right type for an open block, some
text, no long silence. `feed` recognises those by a handful of comparisons and only counts them. A delta that
fails one of them goes through the tracker and its rules, as every other block does. Both ways give the same
findings; a test holds them against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from inspector.checker.buffering import MAX_SAMPLES, PAUSE
from inspector.checker.context import Context, Cursor, LineNumber
from inspector.checker.dispatch import Dispatcher
from inspector.checker.findings import Limits, Profile, Report
from inspector.checker.payloads import find_separator
from inspector.checker.shapes import find_faults
from inspector.checker.tracker import Tracker
from inspector.checker.verdict import verdict_of
from inspector.recording import End, Head, TimedBlock
from inspector.recording.parsing import payload_of

__all__ = ["Checker"]

_DELTA_SIZE = TimedBlock(0.0, "content_block_delta", b"").size
_NEVER = float("inf")


class Checker:
    """Check one recording: `feed` it blocks in order, then `close` it.

    `profile` None means that the recorded host decides. `rules` are the ids of the rules to run; None means
    all. `timed` says whether the times are real. `ids` carries the message ids of a session from one
    recording to the next. `cursor` knows the current line of the file. Tests switch `short_cut` off.
    """

    def __init__(
        self,
        head: Head,
        *,
        profile: Profile | None = None,
        rules: Collection[str] | None = None,
        limits: Limits | None = None,
        timed: bool = True,
        file: str = "",
        number: int = 1,
        ids: dict[str, int] | None = None,
        cursor: LineNumber | None = None,
        short_cut: bool = True,
    ) -> None:
        profile = profile or _profile_of(head.request.url)
        self._context = Context(head, profile, limits or Limits(), timed, cursor or Cursor())
        self._dispatcher = Dispatcher(self._context, rules, file)
        self._tracker = Tracker(self._context, self._dispatcher.run, {} if ids is None else ids)
        self._file, self._number = file, number
        self._short_cut = short_cut

    def feed(self, blocks: Iterable[TimedBlock]) -> None:
        """Take blocks, in order."""
        c, tracker, take = self._context, self._tracker, self._tracker.take
        stream, clock, progress = c.stream, c.clock, c.clock.progress
        plain, note = tracker.message.plain if self._short_cut else {}, progress.points.append
        max_payload = c.limits.max_frame - _DELTA_SIZE
        longest = min(c.limits.gap_idle, c.limits.gap_content) if c.timed else _NEVER
        pause_from = PAUSE if c.timed else _NEVER
        for block in blocks:
            t, name, data, raw, cuts, _ = block
            if plain and name == "content_block_delta" and data and not raw and not cuts:
                try:
                    payload = payload_of(data)
                    index = payload["index"]
                    content = plain[index]
                    delta = payload["delta"]
                    text = delta[content.text_field]
                    pause = t - clock.last_content
                    if (
                        delta["type"] == content.delta_type
                        and text.__class__ is str
                        and (text or (content.is_tool and not content.deltas))  # as every tool's JSON begins
                        and (len(delta) == 2 or not find_faults(name, payload))
                        and payload["type"] == "content_block_delta"
                        and index.__class__ is int
                        and pause < longest
                        and data != content.last_delta
                        and len(data) < max_payload
                        and (data.isascii() or not find_separator(data))
                    ):
                        stream.events = events = stream.events + 1
                        stream.size += len(data) + _DELTA_SIZE
                        stream.last_event = name
                        clock.last_bytes = clock.last_content = t
                        clock.gap_pings = 0
                        content.deltas += 1
                        content.last_delta = data
                        content.size += len(text)
                        if content.is_tool:
                            content.pieces.append(text)
                        elif content.accumulated is not None:
                            content.accumulate(text)
                            if not content.plain:
                                del plain[index]
                        if pause >= pause_from:
                            progress.pause(pause, data)
                        if events < MAX_SAMPLES:
                            note((t, events))  # as `sample` does, without a call for each event
                        elif events >= progress.next_sample:
                            progress.sample(t, events)
                        continue
                except (ValueError, LookupError, TypeError):
                    pass
            take(block)

    def close(self, end: End | None, *, torn: bool = False) -> Report:
        """Finish with how the recording ended (None: nobody saw it); return the report."""
        c = self._context
        self._tracker.finish(end, torn=torn)
        verdict, detail = verdict_of(c)
        findings = self._dispatcher.findings()
        size, events = c.stream.size, c.stream.events
        return Report(verdict, detail, findings, c.profile, self._file, self._number, events, size)


@lru_cache(64)
def _profile_of(url: str) -> Profile:
    """Choose the profile by the recorded host: Anthropic's own, or any other."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    own = host == "anthropic.com" or host.endswith(".anthropic.com")
    return Profile.ANTHROPIC if own else Profile.COMPAT
