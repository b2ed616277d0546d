"""Bundled recordings with faults in them, for the tests of faults."""

from __future__ import annotations

import inspector
from inspector import faults
from inspector.recording.bundled import bundled_recording


def load(name):
    return inspector.load(bundled_recording(name))


def edit(name, fault, **options):
    return faults.apply(load(name), fault, **options)


def types(recording):
    return [event.type for event in recording.events()]


def payloads(recording, kind):
    return [event.data for event in recording.events() if event.type == kind]
