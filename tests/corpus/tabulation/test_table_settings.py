"""What differs between two runs is said as options are written."""

from __future__ import annotations

import json

import pytest

from inspector.checker import Limits
from inspector.corpus.tabulation.table_settings import differences
from inspector.corpus.tabulation.tabulate import Tabulate


def settings(**options):
    return json.loads(Tabulate(**options).settings())


@pytest.mark.parametrize(
    ("before", "now", "text"),
    [
        ({}, {"events": True}, "without --events"),
        ({"events": True}, {}, "with --events"),
        ({}, {"profile": "compat"}, "without --profile"),
        ({"profile": "compat"}, {}, "with --profile compat"),
        ({"rules": frozenset({"gap-idle"})}, {}, "with another choice of rules (--select, --ignore)"),
        ({"limits": Limits(gap_idle=2.5)}, {}, "with --limit gap-idle=2.5"),
        ({}, {"limits": Limits(gap_idle=2.5)}, "with --limit gap-idle=60"),
    ],
)
def test_options_differ(before, now, text):
    assert differences(settings(**before), settings(**now)) == [text]


def test_the_same_settings_do_not_differ():
    assert differences(settings(), settings(limits=Limits())) == []


def test_versions_differ():
    before = {**settings(), "inspector": "0.0.1", "schema": 0}
    by, of = differences(before, settings())
    assert by.startswith("by inspector 0.0.1, and this is ")
    assert of.startswith("with version 0 of their schema, and this is ")
