"""The frozen sets of probes: what is in one, and that a released one never changes."""

from __future__ import annotations

import hashlib

import pytest

from inspector import UsageError
from inspector.conformance import runner
from inspector.conformance.probes import PROBES, Kind, chosen_probes
from inspector.conformance.sets import NEWEST_SET, SETS, probes_of_set

FROZEN: dict[str, str] = {}
"""The digest of each set that a release has had. Add one when a release is made, and never change one."""


def digest(names):
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def test_a_released_set_never_changes():
    assert {name: digest(SETS[name]) for name in FROZEN} == FROZEN


def test_every_probe_is_in_a_set():
    assert runner  # which registers all probes
    assert set(PROBES) <= set().union(*SETS.values())


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
