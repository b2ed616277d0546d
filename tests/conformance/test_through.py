"""The probes of a hop: each finds its own deviation, and a faithful hop has none."""

from __future__ import annotations

from dataclasses import replace

import deviant_hop
import pytest
from plain_hop import Hop

import inspector
from inspector.conformance import keeping
from inspector.conformance.both_sides import Pair
from inspector.conformance.calling import Settings
from inspector.conformance.chat_completions import as_chat_completion
from inspector.conformance.evidence import Answer
from inspector.conformance.hop import HopCaller
from inspector.conformance.probes import Kind, chosen_probes
from inspector.conformance.runner import run_probes
from inspector.conformance.scoring.scorecard import State
from inspector.conformance.scripted_upstream import ScriptedUpstream, as_messages
from inspector.conformance.through.material import deltas, frames, message_of, streamed
from inspector.conformance.through.whole_streams import large_stream_deviations
from inspector.conformance.through_run import FIRST
from inspector.proxy.forwarder import Forwarder
from inspector.recording import End, Ending

KEY = "sk-ant-api03-" + "k3Y" * 20
QUICK = ["verbatim", "upstream-error", "error-mid-stream", "cut", "retry", "leak"]


def score(url_of, only=(), stall=1.5, keep=None, key=KEY, rendering=as_messages):
    """Probe the hop that `url_of` makes for an upstream's URL."""
    with ScriptedUpstream(rendering=rendering) as upstream, url_of(upstream.url) as hop:
        return run_probes(
            Settings(hop.url, "claude-test", key),
            chosen_probes(Kind.THROUGH, only),
            jobs=16,
            keep=keep,
            first=FIRST,
            make_caller=lambda *given, **named: HopCaller(*given, **named, upstream=upstream, stall=stall),
        )


def failed(card):
    return {result.name for result in card.failed}


def said(card):
    return [each.message for result in card.results for each in (*result.failures, *result.warnings)]


class Direct:
    """No hop at all: the upstream itself is in front."""

    def __init__(self, upstream):
        self.url = upstream

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Proxied:
    """`inspector proxy`."""

    def __init__(self, upstream, folder):
        self.forwarder = Forwarder(upstream, inspector.tap(folder))

    def __enter__(self):
        self.forwarder.start()
        self.url = self.forwarder.url
        return self

    def __exit__(self, *_):
        self.forwarder.stop()


@pytest.mark.parametrize("hop", ["no hop", "inspector proxy", "the hop of these tests"])
def test_a_faithful_hop_passes_every_probe(hop, tmp_path):
    made = {"no hop": Direct, "the hop of these tests": Hop}
    card = score(made.get(hop, lambda url: Proxied(url, tmp_path)))
    slow = ("holds", "later", "after it was sent")  # a machine under load
    assert [each for each in said(card) if not any(word in each for word in slow)] == []
    assert [each for each in card.results if each.state is not State.PASS] == []
    assert len(card.results) == 12


DEVIATIONS = {
    "InventingAStop": ({"cut"}, "it invents message_stop"),
    "EndingProperly": ({"cut"}, "it comes out as a proper end"),
    "SwallowingErrors": ({"error-mid-stream"}, "the upstream's error is followed by message_stop"),
    "SayingTextTwice": ({"retry"}, "text comes out twice"),
    "KeepingTheUpstream": ({"cancel"}, "the upstream still has its connection"),
    "LeakingTheKey": ({"leak"}, "the key of the client is in what comes out"),
    "EchoingTheKeyInAHeader": ({"leak"}, "the key of the client is in the header `x-debug`"),
    "SendingItsOwnKeyInAHeader": ({"leak"}, "the key of the hop is in the header `x-upstream-key`"),
    "ShowingItsInsides": ({"leak"}, "a stack trace with paths comes out"),
    "MixingStreams": ({"concurrent-streams"}, "text of another stream comes out"),
    "LosingRetryAfter": ({"upstream-error"}, "retry-after: 3 of the 429 is lost"),
    "ChangingTheStatus": ({"upstream-error"}, "the upstream's 529 comes out as 500"),
    "WithoutTypeError": ({"upstream-error"}, "is not an error in the API's form"),
    "DroppingPings": ({"pings"}, "4 of 4 pings are lost"),
    "DroppingUnknownEvents": ({"verbatim"}, "unknown: events: lost message_annotation"),
    "EndingASilence": ({"stall"}, "it comes out as a proper end"),
    "CuttingLongLines": ({"big"}, "it does not come out whole"),
}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_a_probe_finds_its_own_deviation_and_no_other_does(name):
    probes, sentence = DEVIATIONS[name]
    card = score(getattr(deviant_hop, name), only=sorted({*QUICK, *probes}))
    assert failed(card) == probes
    assert any(sentence in each for each in said(card)), said(card)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Buffering", "it holds the stream back until its end"),
        ("Buffering", "a ping comes out"),
        ("RenamingTheModel", "message.model was"),
    ],
)
def test_what_is_late_or_renamed_is_only_a_warning(name, sentence):
    card = score(getattr(deviant_hop, name), only=[*QUICK, "pace", "pings"])
    assert not card.failed
    assert any(sentence in each for each in said(card)), said(card)


def test_a_bridge_that_counts_cached_tokens_twice_is_named():
    card = score(deviant_hop.CountingTheCacheTwice, only=["verbatim"], rendering=as_chat_completion)
    assert "cached tokens: the 300 tokens out of the cache are counted twice" in said(card)


def test_without_a_key_one_is_made_up_to_look_for():
    assert failed(score(deviant_hop.LeakingTheKey, only=["leak"], key="")) == {"leak"}


def test_a_key_in_a_header_is_kept_nowhere(tmp_path):
    assert failed(score(deviant_hop.SendingItsOwnKeyInAHeader, only=["leak"], keep=str(tmp_path))) == {"leak"}
    own = deviant_hop.SendingItsOwnKeyInAHeader.own_key
    assert not [file for file in tmp_path.iterdir() if own in file.read_text()]


def test_both_sides_are_kept_without_the_key(tmp_path):
    score(deviant_hop.LeakingTheKey, only=["leak"], keep=str(tmp_path))
    names = sorted(file.name for file in tmp_path.glob("leak-*"))
    assert names[:2] == ["leak-1.behind.jsonl", "leak-1.jsonl"]
    assert not [file for file in tmp_path.iterdir() if KEY in file.read_text()]
    assert inspector.diff(tmp_path / names[1], tmp_path / names[0], ignore=["request"]).same


@pytest.mark.parametrize(
    ("stopped", "shown", "warns"),
    [
        ("the answer did not end within 120 s", "One two ", True),
        ("the answer did not end within 120 s", "One one ", False),
        ("", "One two ", False),
    ],
    ids=["slow", "slow and wrong", "broken off"],
)
def test_a_large_stream_that_only_takes_long_is_judged_as_far_as_it_came(stopped, shown, warns):
    meant = streamed(frames(message_of(deltas(["One ", "two ", "three"]))))
    came = streamed(frames(message_of(deltas([shown])))[:3])
    front = Answer("big-1", replace(came, end=End(1.0, Ending.ABANDONED)), stopped=stopped)
    (deviation,) = large_stream_deviations("deltas", Pair(front, (meant,), (meant,)))
    assert deviation.warns is warns


def test_a_side_behind_that_cannot_be_written_ends_no_run(tmp_path, monkeypatch):
    def save(recordings, path, **options):
        if "leak-1.behind" in path:
            raise inspector.RecordingError("cannot be written: No space left on device", path=path)
        return inspector.save(recordings, path, **options)

    monkeypatch.setattr(keeping, "save", save)
    with pytest.warns(inspector.RecordingWarning, match=r"leak-1\.behind\.jsonl: cannot be written"):
        card = score(Hop, only=["leak"], keep=str(tmp_path))
    assert card.score == "1 of 1 passed"
    assert "leak-1.behind.jsonl" in card.unkept
    assert (tmp_path / "leak-2.behind.jsonl").exists()


def test_both_sides_name_the_exchange_that_they_belong_to(tmp_path):
    score(Hop, only=["leak"], keep=str(tmp_path))
    sides = [inspector.load(tmp_path / name) for name in ("leak-1.jsonl", "leak-1.behind.jsonl")]
    assert [side.head.request.extra["probe"] for side in sides] == ["leak-1", "leak-1"]


def test_a_gateway_that_does_not_come_to_the_upstream_is_named():
    class Elsewhere(Hop):
        def __init__(self, upstream):
            self.answering = ScriptedUpstream().__enter__()
            super().__init__(self.answering.url)

        def __exit__(self, *error):
            super().__exit__(*error)
            self.answering.__exit__()

    card = score(Elsewhere, only=["cut"])
    assert not card.tested
    assert card.reason or card.results[0].reason
