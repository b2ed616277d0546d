"""A cache that keeps what was used last."""

from __future__ import annotations

from inspector.play.bounded import BoundedCache


def test_what_was_used_longest_ago_goes_first():
    cache = BoundedCache(10)
    for key in "abc":
        cache.put(key, key.upper(), 3)
    assert cache.get("a") == "A"
    cache.put("d", "D", 3)
    assert [cache.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_a_single_value_may_be_larger_than_the_bound():
    cache = BoundedCache(10)
    cache.put("a", 1, 50)
    assert (cache.get("a"), cache.full) == (1, True)
    cache.put("b", 2, 1)
    assert (cache.get("a"), cache.get("b"), cache.full) == (None, 2, False)


def test_a_key_that_was_never_kept_has_no_value():
    assert BoundedCache(1).get("a") is None
