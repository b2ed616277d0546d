"""Folding: runs of deltas are one row, and nothing is lost, reordered or hidden."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import hypothesis
import pytest
from hypothesis import strategies as st

import inspector
from inspector.recording import TimedBlock
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.views.fold import LIFE_SIGNS, Fold, Run, folded
from inspector.views.timeline import Row, Timeline, Tone


def delta(number, t, content="x", block=0, kind="text", tone=Tone.TEXT, gap=0.03):
    return Row(number, t, gap, "content_block_delta", block, kind, content, tone)


def ping(number, t, content=""):
    return Row(number, t, 0.03, "ping", None, "", content, Tone.QUIET)


def comment(t, content="keepalive"):
    return Row(None, t, 0.03, "(comment)", None, "", content, Tone.QUIET)


def deltas(count, every=0.03, start=0.0, first=1):
    return [delta(first + at, start + at * every) for at in range(count)]


def fold_of(*rows):
    return list(folded(rows))


def first_recording(name):
    with bundled_recording(name).open("rb") as file:
        return next(inspector.recording.recordings(file))


def test_a_run_of_deltas_is_one_row_with_its_text():
    (run,) = fold_of(delta(4, 1.0, "Hel"), delta(5, 1.5, "lo"), delta(6, 2.0, "!"))
    assert (run.first, run.last, run.t, run.until, run.gap) == (4, 6, 1.0, 2.0, 0.03)
    assert (run.block, run.kind, run.tone) == (0, "text", Tone.TEXT)
    assert (run.deltas, run.characters, run.text, run.span) == (3, 6, "Hello!", 1.0)


def test_the_rate_counts_what_came_after_the_first_delta():
    (run,) = fold_of(delta(1, 1.0, "x" * 90), delta(2, 1.5, "xxx"), delta(3, 3.0, "xxx"))
    assert run.rate == 3.0


def test_what_came_at_once_has_no_rate():
    (run,) = fold_of(delta(1, 1.0), delta(2, 1.0))
    assert run.rate is None


@pytest.mark.parametrize(
    "other",
    [
        delta(2, 0.03, block=1),
        delta(2, 0.03, kind="thinking", tone=Tone.THINKING),
        delta(2, 0.03, block=None),
    ],
    ids=["another block", "another kind", "no block"],
)
def test_another_block_or_kind_begins_another_run(other):
    rows = [delta(1, 0.0), other, other._replace(number=3)]
    one, run = fold_of(*rows)
    assert one is rows[0]
    assert (run.first, run.last) == (2, 3)


@pytest.mark.parametrize(
    "row",
    [
        delta(2, 0.03, tone=Tone.ODD),
        delta(2, 0.03, kind="signature", tone=Tone.QUIET),
        delta(2, 0.03, kind="citations", tone=Tone.FACT),
        delta(2, 0.03)._replace(name="(unnamed)"),
        ping(2, 0.03)._replace(tone=Tone.ODD),
        Row(None, 0.03, 0.0, "(no event)", None, "", "id: 7", Tone.ODD),
        Row(2, 0.03, 0.0, "error", None, "", "overloaded_error: no", Tone.ERROR),
        Row(2, 0.03, 0.0, "content_block_stop", 0, "tool_use", "{}", Tone.JSON),
    ],
    ids=lambda row: f"{row.name} {row.tone.value}",
)
def test_what_is_no_plain_delta_stays_a_row_and_ends_the_run(row):
    before, after = deltas(2), deltas(2, start=0.06, first=3)
    one, middle, other = fold_of(*before, row, *after)
    assert (one.deltas, other.deltas) == (2, 2)
    assert middle is row


def test_pings_and_comments_inside_a_run_are_counted():
    (run,) = fold_of(delta(1, 0.0), ping(2, 0.1), comment(0.2), ping(3, 0.3), delta(4, 0.4))
    assert (run.first, run.last, run.deltas, run.rows) == (1, 4, 2, 5)
    assert run.life_signs == {("ping", ""): 2, ("(comment)", "keepalive"): 1}


def test_pings_after_the_last_delta_are_outside_the_run():
    run, pings = fold_of(*deltas(2), ping(3, 9.0), ping(4, 19.0))
    assert (run.last, run.life_signs) == (2, {})
    assert (pings.first, pings.last, pings.deltas, pings.longest) == (3, 4, 0, 10.0)


def test_one_ping_is_a_row_of_its_own():
    rows = [ping(1, 0.0), *deltas(2, start=0.1, first=2), comment(9.0)]
    one, _, other = fold_of(*rows)
    assert one is rows[0]
    assert other is rows[-1]


def test_only_a_few_kinds_of_comments_are_counted_apart():
    (run,) = fold_of(*(comment(at / 100, f"note {at}") for at in range(1000)))
    assert len(run.life_signs) == 9
    assert run.life_signs["(comment)", "…"] == 992
    assert run.rows == 1000


def spans(rows):
    return [(run.first, run.last) for run in fold_of(*rows) if isinstance(run, Run)]


def test_a_long_silence_ends_a_run():
    assert spans([*deltas(50), *deltas(50, start=31.47, first=51)]) == [(1, 50), (51, 100)]


def test_a_long_silence_with_pings_shows_the_pings_where_they_came():
    pings = [ping(51 + at, 11.5 + 10 * at) for at in range(3)]
    assert spans([*deltas(50), *pings, *deltas(50, start=32.0, first=54)]) == [(1, 50), (51, 53), (54, 103)]


def test_every_long_silence_stands_out():
    rows = [row for part in range(8) for row in deltas(50, start=part * 61.5, first=1 + 50 * part)]
    assert len(spans(rows)) == 8


@pytest.mark.parametrize("every", [0.5, 0.99, 1.5, 30.0])
def test_a_slow_stream_is_folded_too(every):
    assert len(fold_of(*deltas(200, every=every))) <= 8


def test_a_stream_that_becomes_slow_is_folded_again():
    assert len(fold_of(*deltas(500), *deltas(200, every=2.0, start=17.0, first=501))) < 20


def test_bursts_are_a_pace_and_a_pause_far_above_it_is_none():
    def bursts(start, count, first):
        times = [start + at * 1.2 + 0.001 * each for at in range(count) for each in range(20)]
        return [delta(first + at, t) for at, t in enumerate(times)]

    rows = bursts(0.0, 100, 1)
    assert len(fold_of(*rows)) <= 3
    later = bursts(rows[-1].t + 20.0, 100, 2001)
    assert spans([*rows, *later])[-1] == (2001, 4000)


def test_a_silence_that_ends_no_run_is_kept_with_its_place():
    (run,) = fold_of(*deltas(20), *deltas(20, start=0.57 + 0.9, first=21))
    assert run.longest == pytest.approx(0.9)
    assert run.longest_after == 20


def test_a_stream_without_times_has_no_silence():
    assert len(fold_of(*deltas(100, every=0.0))) == 1


row_strategy = st.one_of(
    st.builds(
        delta,
        st.just(0),
        st.sampled_from([0.0, 0.01, 0.5, 1.0, 70.0]),
        st.text(max_size=3),
        st.sampled_from([None, 0, 1]),
        st.sampled_from(["text", "thinking"]),
        st.sampled_from(list(Tone)),
    ),
    st.builds(ping, st.just(0), st.sampled_from([0.01, 10.0])),
    st.builds(comment, st.just(0.01), st.sampled_from(["", "a"])),
)


def unfolded(parts):
    """What the parts of a folded timeline say of its rows, apart from the place of signs of life."""
    for part in parts:
        if isinstance(part, Row):
            yield part.name, part.block, part.kind, part.content, part.t
        else:
            yield part.name, part.block, part.kind, part.text, part.t


@hypothesis.given(st.lists(row_strategy))
def test_nothing_is_lost_and_nothing_changes_its_place(rows):
    t, numbered = 0.0, []
    for at, row in enumerate(rows):
        t += row.t
        numbered.append(row._replace(t=t, number=at + 1 if row.number is not None else None))
    parts = fold_of(*numbered)
    assert sum(part.rows if isinstance(part, Run) else 1 for part in parts) == len(rows)
    assert "".join(
        p.text if isinstance(p, Run) else p.content for p in parts if p.name not in LIFE_SIGNS
    ) == ("".join(row.content for row in rows if row.name not in LIFE_SIGNS))
    assert [part.t for part in parts] == sorted(part.t for part in parts)
    kept = [part for part in parts if isinstance(part, Row)]
    assert all(any(row is part for row in numbered) for part in kept)
    assert all(row in kept for row in numbered if row.tone in (Tone.ODD, Tone.ERROR, Tone.FACT))
    for run in parts:
        if isinstance(run, Run):
            assert run.rows > 1
            assert run.longest < 1.0 or run.deltas == 0 or run.longest_after is not None


@hypothesis.given(st.lists(row_strategy))
def test_what_is_open_and_what_is_finished_are_all_there_is(rows):
    """Reading `open` after every row changes nothing, and what it shows is what `end` would give."""
    fold, parts = Fold(), []
    for row in rows:
        parts += fold.add(row)
        probe, so_far = Fold(), []
        for each in rows[: rows.index(row) + 1]:
            so_far += probe.add(each)
        assert len(fold.open) <= 2
    parts += fold.end()
    assert fold.open == []
    assert list(unfolded(parts)) == list(unfolded(folded(rows)))


@pytest.mark.parametrize("name", bundled_names())
def test_a_second_implementation_agrees_on_every_bundled_recording(name):
    """Take out all signs of life, and group plain deltas by block and kind. Silences may divide groups."""
    rows = list(Timeline().rows(first_recording(name).blocks))

    def key(row):
        plain = row.name == "content_block_delta" and row.tone in (Tone.TEXT, Tone.THINKING, Tone.JSON)
        return (row.block, row.kind) if plain else row.number

    content = [row for row in rows if row.name not in LIFE_SIGNS or row.tone is not Tone.QUIET]
    expected = ["".join(row.content for row in group) for _, group in itertools.groupby(content, key)]
    parts = [part for part in folded(rows) if part.name not in LIFE_SIGNS or part.tone is not Tone.QUIET]
    texts = [part.text if isinstance(part, Run) else part.content for part in parts]
    silences = sum(after.t - before.t >= 1 for before, after in itertools.pairwise(content))
    assert "".join(texts) == "".join(expected)
    assert len(expected) <= len(texts) <= len(expected) + silences


def test_the_tail_of_an_open_run_costs_no_more_as_it_grows():
    fold = Fold()
    for at in range(50_000):
        fold.add(delta(at, at * 0.001, "x"))
    (run,) = fold.open
    tracemalloc.start()
    assert len(run.tail(100)) == 100
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000


def test_a_run_is_bounded():
    parts = fold_of(*(delta(at, at * 0.001, "x" * 1000) for at in range(1000)))
    assert max(part.characters for part in parts) <= 101_000
    assert sum(part.characters for part in parts) == 1_000_000


def test_a_million_pings_are_one_row_in_little_memory():
    tracemalloc.start()
    (run,) = folded(ping(at, at * 0.001) for at in range(1_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert run.rows == 1_000_000
    assert peak < 100_000


def test_the_rows_of_a_real_timeline_are_folded():
    blocks = [
        TimedBlock(
            at * 0.03,
            "content_block_delta",
            json.dumps(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a "}}
            ).encode(),
            b"",
        )
        for at in range(10)
    ]
    (run,) = folded(Timeline().rows(blocks))
    assert run.text == "a " * 10


def test_an_empty_delta_is_counted_apart_and_is_no_part_of_the_span():
    (run,) = fold_of(delta(1, 0.0, ""), delta(2, 0.5, "x" * 9), delta(3, 1.0, "xxxx"), delta(4, 1.5, ""))
    assert (run.deltas, run.empty, run.rows, run.span, run.rate) == (2, 2, 4, 0.5, 8.0)


def test_what_came_with_the_first_read_is_no_part_of_the_rate():
    (run,) = fold_of(delta(1, 1.0, "xx"), delta(2, 1.0, "xxxxx"), delta(3, 1.5, "xxx"))
    assert run.rate == 6.0


@pytest.mark.parametrize("name", sorted({*bundled_names()} - {"broken/spliced", "broken/unnamed"}))
def test_a_run_has_the_counts_and_the_rate_of_its_block_in_the_statistics(name):
    """Not of two blocks that share an index, nor of events without a name, which are never folded."""
    recording = first_recording(name)
    runs = {}
    for part in folded(Timeline().rows(recording.blocks)):
        if part.name == "content_block_delta" and part.tone in (Tone.TEXT, Tone.THINKING, Tone.JSON):
            runs.setdefault(part.block, []).append(part)
    for block in inspector.stats(recording).blocks:
        parts = runs.get(block.index, [])
        counts = [part.deltas if isinstance(part, Run) else bool(part.content) for part in parts]
        assert sum(counts) == block.deltas
        if len(parts) == 1 and isinstance(parts[0], Run):  # a silence divides no run of the others
            assert (parts[0].characters, parts[0].rate) == (block.characters, block.characters_per_second)
