"""The frozen sets of probes: what is in one, and that it never changes."""

from __future__ import annotations

import hashlib

import pytest

from inspector import UsageError
from inspector.conformance import through_run
from inspector.conformance.probes import PROBES, Kind, chosen_probes
from inspector.conformance.sets import NEWEST_SET, SETS, probes_of_set

FROZEN = {"2026-11": "806491a46402d70c"}
"""The digest of each set. Never change one that a release has had: make the set of the next month."""


def digest(names):
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def test_a_frozen_set_never_changes():
    assert {name: digest(names) for name, names in SETS.items()} == FROZEN


def test_every_probe_is_in_a_set_and_every_name_of_a_set_is_a_probe():
    assert through_run  # which registers all probes
    assert set().union(*SETS.values()) == set(PROBES)


def test_a_set_has_one_version_of_a_probe():
    for names in SETS.values():
        assert len({name.partition("@")[0] for name in names}) == len(names)


def test_sets_are_called_by_their_month_and_the_newest_is_the_default():
    assert sorted(SETS)[-1] == NEWEST_SET
    assert all(len(name) == 7 and name[4] == "-" for name in SETS)
    assert {each.key for each in chosen_probes(Kind.DIRECT)} <= probes_of_set(NEWEST_SET)


def test_a_set_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(UsageError, match="there is no set '2020-01'; there are: 2026-11"):
        chosen_probes(Kind.DIRECT, of="2020-01")
