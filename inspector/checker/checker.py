"""The pass: every block once, in order; each rule is asked at the moments it registered for.

Nearly all of a stream is plain deltas that no rule can object to: the right type for a block that is
open, some text, no pause. `feed` knows those by a handful of comparisons and only counts them; whatever
fails one of them goes the long way, through all rules. That the short way changes no finding is a law,
and tested.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import orjson

from inspector import sse
from inspector.checker import facts
from inspector.checker.context import Cursor, Scene
from inspector.checker.dispatch import Desk
from inspector.checker.findings import Limits, Profile, Report
from inspector.checker.payloads import diagnose
from inspector.checker.rule import Moment
from inspector.checker.tracker import Steps
from inspector.checker.verdict import verdict
from inspector.recording import End, Head, TimedBlock

__all__ = ["Checker"]

SAMPLES = 2048
"""How many points of the course of time are kept, to find bursts in it."""

SNIFF_BYTES = 2048
"""How much is kept of a body that may be no event stream."""

_separators = re.compile(rb"\xe2\x80[\xa8\xa9]|\xc2\x85").search
_FOREIGN = (b"{", b"[", b"<", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
_NEVER = float("inf")


class Checker:
    """Check one recording: `feed` it blocks in order, then `close` it.

    `profile` is chosen by the recorded host where it is None; `rules` are the ids to ask, all where it is
    None. `timed` says whether the times are real. `ids` carries the message ids of a session from one
    recording to the next. `cursor` is where lines of the file are counted. `short_cut` is there for tests.
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
        cursor: Cursor | None = None,
        short_cut: bool = True,
    ) -> None:
        self._profile = profile or facts.profile_of(head)
        limits = limits or Limits()
        self.scene = s = Scene(head, self._profile, limits, timed, cursor or Cursor())
        s.ids = {} if ids is None else ids
        self._file, self._number = file, number
        self._desk = Desk(s, rules, self._profile, file)
        self._steps = Steps(self._desk)
        self._short_cut = short_cut
        self._stride = self._mark = 1
        response = head.response
        self._deaf = response is None or response.status != 200
        s.t = s.last_t = s.content_t = response.t if response else 0.0
        self._desk.ask(Moment.HEAD)

    def feed(self, blocks: Iterable[TimedBlock]) -> None:
        """Take blocks, in order."""
        s, loads, long_way = self.scene, orjson.loads, self._long_way
        quick = self._steps.quick if self._short_cut else {}
        max_frame = s.limits.max_frame - 35
        pause = min(s.limits.gap_idle, s.limits.gap_content) if s.timed else _NEVER
        for block in blocks:
            t, name, data, raw, cuts, _ = block
            if quick and name == "content_block_delta" and data and not raw and not cuts:
                try:
                    payload = loads(data)
                    index = payload["index"]
                    known = quick[index]
                    delta = payload["delta"]
                    text = delta[known.carries]
                    if (
                        delta["type"] == known.quick
                        and text
                        and text.__class__ is str
                        and payload["type"] == "content_block_delta"
                        and index.__class__ is int
                        and t - s.content_t < pause
                        and data != known.last
                        and len(data) < max_frame
                        and (data.isascii() or not _separators(data))
                    ):
                        s.number = number = s.number + 1
                        s.total += len(data) + 35
                        s.last_t = s.content_t = t
                        s.gap_pings = 0
                        s.last_event = name
                        known.deltas += 1
                        known.size += len(text)
                        known.last = data
                        if known.keeps:
                            known.pieces.append(text)
                        if number >= self._mark:
                            self._sample(t)
                        continue
                except (ValueError, LookupError, TypeError):
                    pass
            long_way(block)

    def close(self, end: End | None, *, torn: bool = False) -> Report:
        """Say how the recording ended (None: nobody saw it); return what was found."""
        s = self.scene
        s.end, s.torn = end, torn
        s.offset = s.total
        s.t = max(end.t if end else s.last_t, s.last_t)
        s.content, s.payload, s.event = None, {}, s.number or None
        self._steps.quick.clear()
        self._desk.ask(Moment.END)
        kind, words = verdict(s)
        return Report(
            kind, words, self._desk.findings(), self._profile, self._file, self._number, s.number, s.total
        )

    # One block, the long way

    def _long_way(self, block: TimedBlock) -> None:
        s = self.scene
        _, name, data, raw, _, _ = block
        s.block, s.offset, s.content, s.payload, s.event = block, s.total, None, {}, None
        s.total += len(raw) or len((name or "").encode()) + len(data or b"") + 16
        s.name, s.kind = name, name
        if data is not None and not (self._deaf or s.foreign):
            s.number += 1
            s.event = s.number
        if s.timed:
            self._clock(block)
        if s.number < 2 and len(s.sniff) < SNIFF_BYTES:
            s.sniff += block.raw_bytes[:SNIFF_BYTES]
        if not s.offset:
            s.first_at = s.place
            s.foreign = data is None and block.raw.lstrip().startswith(_FOREIGN)
        if self._deaf or s.foreign:
            return
        if raw or block.cuts:
            self._desk.ask(Moment.FRAME)
        if data is None:
            self._no_event(block)
            return
        if s.number >= self._mark:
            self._sample(block.t)
        self._event(name, data)

    def _clock(self, block: TimedBlock) -> None:
        """Measure the silence before and within a block."""
        s = self.scene
        last, silence = s.last_t, 0.0
        for t in (*(t for _, t in block.cuts), block.t):
            silence, last = max(silence, t - last), t
        s.silence, s.t, s.last_t = silence, block.t, block.t
        s.quiet = 0.0
        if block.data is not None and block.event != "ping":
            s.quiet = block.t - s.content_t if s.gap_pings else 0.0
        if silence >= s.limits.gap_idle or s.quiet >= s.limits.gap_content:
            self._desk.ask(Moment.GAP)
        if block.data is not None and block.event != "ping":
            s.content_t, s.gap_pings = block.t, 0
        else:
            s.gap_pings += 1
            if block.data is None:
                quiet = block.t - s.content_t
                s.tally["comment pause"] = max(quiet, s.tally.get("comment pause", 0.0))

    def _sample(self, t: float) -> None:
        """Note how many events had come by now: every so many events, so that it stays small."""
        s = self.scene
        s.samples.append((t, s.number))
        if len(s.samples) > SAMPLES:
            del s.samples[1::2]
            self._stride *= 2
        self._mark = s.number + self._stride

    def _no_event(self, block: TimedBlock) -> None:
        s = self.scene
        if not sse.is_finished(block.raw):
            s.tail = block
            self._tail(block)
        elif dict(sse.fields(block.raw)).get(b"event"):
            name = dict(sse.fields(block.raw))[b"event"]
            self._steps.lost(name.decode("utf-8", "replace"))

    def _tail(self, block: TimedBlock) -> None:
        """What no blank line ends: parsers drop it, but what it holds came all the same."""
        s = self.scene
        read = sse.parse(block.raw.rstrip(b"\r\n") + b"\n\n", first=not s.offset)
        if not read.data:
            return
        value, readable, _ = diagnose(read.data)
        if readable and isinstance(value, dict):
            kind = value.get("type")
            s.tally["tail read"] = kind if isinstance(kind, str) else True
            self._steps.lost(kind if isinstance(kind, str) else None)
        elif b"\n" in read.data:
            self._steps.lost_event(None, read.data)

    def _event(self, name: str | None, data: bytes) -> None:
        s = self.scene
        problems: tuple[tuple[str, str], ...] = ()
        readable = True
        try:
            value = orjson.loads(data)
        except ValueError:
            value, readable, problems = diagnose(data)
        s.problems, s.delta = problems, {}
        s.payload = value if isinstance(value, dict) else {}
        if problems or not isinstance(value, dict):
            s.tally["value"] = value
            self._desk.ask(Moment.PAYLOAD)
            if not readable or not isinstance(value, dict):
                self._steps.lost_event(name, data)
                return
        self._read(name)

    def _read(self, name: str | None) -> None:
        s = self.scene
        kind = s.payload.get("type")
        s.kind = kind if isinstance(kind, str) else name
        if name != "error" and facts.is_error(s.payload):
            s.kind = "error"
        self._desk.ask(Moment.EVENT)
        self._steps.step(s.kind)
