"""The registry describes every fault to users, and notices a description that does not fit its function."""

from __future__ import annotations

import pytest

from inspector import faults
from inspector.faults import registry
from inspector.faults.parameters import count
from inspector.faults.registry import fault

every_fault = pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)


@pytest.fixture
def registered(monkeypatch):
    """An empty registry, which the test fills."""
    monkeypatch.setattr(registry, "FAULTS", {})
    return registry.FAULTS


@every_fault
def test_every_fault_explains_itself(kind):
    assert kind.sentence.endswith(".")
    assert kind.client
    assert not kind.incident or kind.incident.startswith("https://")
    assert all(parameter.doc and parameter.shape for parameter in kind.parameters)
    assert faults.parse(kind.name).kind is kind
    assert kind.group in faults.GROUPS


def test_the_groups_come_in_the_order_of_their_titles():
    assert list(dict.fromkeys(kind.group for kind in faults.FAULTS.values())) == list(faults.GROUPS)


def test_a_family_shares_one_function():
    families = ["cut-clean cut-fin cut-rst cut-mid-frame", "stall-ping stall-comment"]
    families += ["error-event error-unnamed", "splice-retry concat"]
    for names in map(str.split, families):
        assert len({faults.FAULTS[name].edit for name in names}) == 1
        assert len({faults.FAULTS[name].sentence for name in names}) == len(names)


def test_a_family_is_listed_from_the_top_down(registered):
    @fault("alone", client="…")
    def alone(recording):
        """One."""

    @fault("upper", sentence="Two.", fixed={"how": 1}, client="…")
    @fault("middle", sentence="Three.", fixed={"how": 2}, client="…")
    @fault("lower", sentence="Four.", fixed={"how": 3}, client="…")
    def family(recording, how):
        """Not for users."""

    assert list(registered) == ["alone", "upper", "middle", "lower"]
    assert [kind.sentence for kind in registered.values()] == ["One.", "Two.", "Three.", "Four."]
    assert [dict(kind.fixed) for kind in registered.values()] == [{}, {"how": 1}, {"how": 2}, {"how": 3}]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "is not given"),
        ({"at": "mid", "fixed": {"how": 1, "colour": 2}}, "is given"),
        ({"at": "mid", "fixed": {"how": 1, "times": 2}}, "both fixes and sets"),
    ],
)
def test_a_description_that_does_not_fit_the_function_fails_at_import(registered, options, problem):
    def edit(recording, at, how, times, chance, load):
        """Never called."""

    with pytest.raises(AssertionError, match=problem):
        fault("new", count("times", "how often", 1), client="…", **options)(edit)


def test_two_faults_cannot_have_one_name(registered):
    def edit(recording):
        """Never called."""

    fault("new", client="…")(edit)
    with pytest.raises(AssertionError, match="two faults are called new"):
        fault("new", client="…")(edit)


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("overlap", "overlap"),
        ("drop", "drop[@POSITION]"),
        ("gzip", "gzip[=ok|lie|hidden|cut][,flush=yes|no]"),
        ("cut-mid-frame", "cut-mid-frame[=clean|fin|rst][@POSITION][,bytes=N]"),
    ],
)
def test_the_usage_has_every_parameter(name, usage):
    assert faults.FAULTS[name].usage == usage
