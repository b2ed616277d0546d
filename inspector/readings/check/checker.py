"""The pass: every block once, in order; each rule is asked at the moments it registered for.

Nearly all of a stream is plain deltas that no rule can object to: the right type for a block that is
open, some text, no pause. `feed` knows those by a handful of comparisons and only counts them; whatever
fails one of them goes the long way, through all rules. That the short way changes no finding is a law,
and tested.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

import orjson

from inspector import sse
from inspector.protocol import EVENT_TYPES
from inspector.protocol.grammar import Message, Misstep
from inspector.readings.check import facts
from inspector.readings.check.findings import Finding, Limits, Profile, Report
from inspector.readings.check.payload import diagnose
from inspector.readings.check.rule import Judgement, Moment, Note, Place, Rule, rules_at
from inspector.readings.check.scene import SNIFF_BYTES, Cursor, Scene
from inspector.readings.check.verdict import verdict
from inspector.recording import End, Head, TimedBlock

__all__ = ["Checker"]

FINDINGS_PER_RULE = 40
"""How many findings of one rule are told apart in one recording; the rest is counted."""

SAMPLES = 2048

_separators = re.compile(rb"\xe2\x80[\xa8\xa9]|\xc2\x85").search
_FOREIGN = (b"{", b"[", b"<", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
_NEVER = float("inf")
_CONTENT = {"content_block_start", "content_block_delta", "content_block_stop"}


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
        self._file, self._recording = file, number
        self._rules = rules
        self._asked: dict[Moment | Misstep, list[Rule]] = {}
        self._found: dict[tuple[str, int | None, int], Finding] = {}
        self._told: dict[str, int] = {}
        self._facts: dict[Any, facts.BlockFacts] = {}
        self._quick: dict[Any, facts.BlockFacts] = {}
        self._short_cut = short_cut
        self._stride = self._mark = 1
        response = head.response
        self._deaf = response is None or response.status != 200
        s.t = s.last_t = s.content_t = response.t if response else 0.0
        self._ask(Moment.HEAD)

    def feed(self, blocks: Iterable[TimedBlock]) -> None:
        """Take blocks, in order."""
        s, quick, loads, long_way = self.scene, self._quick, orjson.loads, self._long_way
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
        self._quick.clear()
        self._ask(Moment.END)
        kind, words = verdict(s)
        findings = sorted(self._found.values(), key=lambda f: (f.offset is None, f.offset or 0, f.event or 0))
        return Report(
            kind, words, tuple(findings), self._profile, self._file, self._recording, s.number, s.total
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
        if raw:
            self._ask(Moment.FRAME)
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
            self._ask(Moment.GAP)
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
            self._lost(name.decode("utf-8", "replace"))

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
            self._lost(kind if isinstance(kind, str) else None)
        elif b"\n" in read.data:
            self._lost_event(None, read.data)

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
            self._ask(Moment.PAYLOAD)
            if not readable or not isinstance(value, dict):
                self._lost_event(name, data)
                return
        self._read(name)

    def _lost_event(self, name: str | None, data: bytes) -> None:
        """A payload that cannot be used: go on with what it was meant to be."""
        s = self.scene
        if b"\n" in data:
            values = [diagnose(line) for line in data.split(b"\n") if line.strip()]
            if len(values) > 1 and all(readable and isinstance(value, dict) for value, readable, _ in values):
                for value, _, _ in values:  # several events in one frame: each is read
                    s.payload = value
                    self._step(value.get("type") if isinstance(value.get("type"), str) else name)
                return
        if data.strip() == b"[DONE]":
            if not s.stop_at and not s.error_at:
                s.done = True
            return
        self._lost(name)

    def _lost(self, name: str | None) -> None:
        s = self.scene
        self._quick.clear()
        s.walker.assume(name if name in EVENT_TYPES else None)
        for block in s.open:
            block.doubtful = True
        if name == "content_block_start":
            index = len(s.walker.blocks) - 1
            block = facts.BlockFacts(index, None, s.place, doubtful=True)
            self._facts[index] = block
            s.message.blocks.append(block)
        elif name == "message_start":
            s.message = facts.MessageFacts(at=s.place, started=True, doubtful=True)
        elif name == "message_stop":
            s.done = True
        elif name == "error":
            s.error_at = s.place
        if name != "ping":
            s.message.doubtful = s.message.doubtful or name not in ("content_block_delta",)

    def _read(self, name: str | None) -> None:
        s = self.scene
        kind = s.payload.get("type")
        s.kind = kind if isinstance(kind, str) else name
        if name != "error" and facts.is_error(s.payload):
            s.kind = "error"
        self._ask(Moment.EVENT)
        self._step(s.kind)

    def _step(self, kind: str | None) -> None:
        s = self.scene
        s.kind = kind
        if kind == "content_block_delta":
            self._delta()
        elif kind == "ping":
            self._ping()
        elif kind in EVENT_TYPES:
            self._quick.clear()
            _STEPS[str(kind)](self)
        else:
            self._ask(Moment.OTHER)
            return
        s.known += kind != "ping"
        s.last_event = str(kind)

    # One event of each kind

    def _missteps(self) -> list[Misstep]:
        s = self.scene
        missteps = s.walker.step(str(s.kind), s.payload, same=s.again)
        for misstep in missteps:
            self._ask(misstep)
        return missteps

    def _message_start(self) -> None:
        s = self.scene
        s.left = s.opened
        fresh = facts.message_facts(s)
        s.again = bool(s.message.started and fresh.id and fresh.id == s.message.id)
        missteps = self._missteps()
        repeated, s.again = s.again and Misstep.START_AGAIN in missteps, False
        if repeated or Misstep.AFTER_ERROR in missteps:
            return
        if Misstep.START_LATE not in missteps:
            self._facts.clear()
        else:
            fresh.blocks = s.message.blocks
        s.message, s.stop_at, s.done = fresh, None, False
        self._ask(Moment.MESSAGE_START)

    def _block_start(self) -> None:
        s = self.scene
        index = s.payload.get("index")
        s.content = self._facts.get(index) if index.__class__ is int else None
        missteps = self._missteps()
        if _OVER.isdisjoint(missteps) and Misstep.INDEX_MISSING not in missteps:
            s.content = block = facts.block_facts(s)
            self._ask(Moment.BLOCK_START)
            self._facts[block.index] = block
            s.message.blocks.append(block)
            facts.count_tool(s, block)

    def _delta(self) -> None:
        s = self.scene
        index, delta = s.payload.get("index"), s.payload.get("delta")
        s.content = self._facts.get(index) if index.__class__ is int else None
        s.delta = delta if isinstance(delta, dict) else {}
        missteps = self._missteps()
        block = s.content
        if not missteps:
            self._ask(Moment.DELTA)
            if block is not None:
                facts.add_delta(s, block)
                if self._short_cut and s.walker.message is Message.OPEN and block.plain:
                    self._quick[index] = block
                else:
                    self._quick.pop(index, None)

    def _block_stop(self) -> None:
        s = self.scene
        index = s.payload.get("index")
        s.content = self._facts.get(index) if index.__class__ is int else None
        if not self._missteps() and s.content is not None:
            facts.stop_block(s, s.content)
            if not s.content.doubtful:
                self._ask(Moment.BLOCK_END)

    def _message_delta(self) -> None:
        s = self.scene
        missteps = self._missteps()
        if _OVER.isdisjoint(missteps):
            if Misstep.UNCLOSED in missteps:
                s.walker.close_all()
            self._ask(Moment.MESSAGE_DELTA)
            facts.add_message_delta(s)

    def _message_stop(self) -> None:
        s = self.scene
        missteps = self._missteps()
        if _OVER.isdisjoint(missteps):
            if Misstep.UNCLOSED in missteps:
                s.walker.close_all()
            s.stop_at = s.place
            if s.message.started and not s.message.doubtful:
                self._ask(Moment.MESSAGE_END)

    def _error(self) -> None:
        s = self.scene
        s.left = s.opened
        if not self._missteps():
            s.error_at = s.place
            self._ask(Moment.ERROR)

    def _ping(self) -> None:
        s = self.scene
        s.pings += 1
        if s.timed:
            facts.add_ping(s)
        self._ask(Moment.PING)

    # Asking

    def _ask(self, moment: Moment | Misstep) -> None:
        rules = self._asked.get(moment)
        if rules is None:
            wanted = self._rules
            rules = [rule for rule in rules_at(moment) if wanted is None or rule.id in wanted]
            self._asked[moment] = rules
        self.scene.moment = moment
        for rule in rules:
            judgement = rule.judge(self.scene)
            if judgement is not None:
                for note in _notes(judgement):
                    self._tell(rule, note)

    def _tell(self, rule: Rule, note: Note) -> None:
        s = self.scene
        content = note.block or s.content
        index: Any = content.index if content else s.payload.get("index") if s.kind in _CONTENT else None
        block = index if index.__class__ is int else None
        at = note.at or s.place
        count = self._told.get(rule.id, 0)
        apart = block if rule.limit > 1 else None
        key = (rule.id, apart, 0 if apart is not None else min(count, rule.limit - 1))
        if key not in self._found and count >= FINDINGS_PER_RULE:
            key = next(known for known in self._found if known[0] == rule.id)
        self._told[rule.id] = count + 1
        told = self._found.get(key)
        self._found[key] = self._finding(rule, note, at, content, block) if told is None else _again(told, at)

    def _finding(
        self, rule: Rule, note: Note, at: Place, content: facts.BlockFacts | None, block: int | None
    ) -> Finding:
        s = self.scene
        sdk = note.sdk or rule.sdk
        return Finding(
            rule=rule.id,
            severity=note.severity or rule.severity(self._profile),
            message=note.message,
            event=at.event,
            offset=at.offset,
            t=at.t if s.timed else None,
            block=block,
            block_type=content.type if content else None,
            sdk=sdk.text() if sdk else None,
            file=self._file,
            line=at.line,
        )


_STEPS: dict[str, Callable[[Checker], None]] = {
    "message_start": Checker._message_start,
    "content_block_start": Checker._block_start,
    "content_block_stop": Checker._block_stop,
    "message_delta": Checker._message_delta,
    "message_stop": Checker._message_stop,
    "error": Checker._error,
}

_OVER = frozenset({Misstep.AFTER_STOP, Misstep.AFTER_ERROR, Misstep.STOP_AGAIN})


def _notes(judgement: Judgement) -> Iterable[Note]:
    if isinstance(judgement, str):
        return (Note(judgement),)
    return (judgement,) if isinstance(judgement, Note) else judgement or ()


def _again(finding: Finding, at: Place) -> Finding:
    return replace(finding, more=finding.more + 1, last=at.event)
