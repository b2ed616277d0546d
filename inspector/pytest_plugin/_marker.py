"""The test's `recording` marker, and the files that it names.

A marker with names means the recordings of those names. A bare marker means the test's own recording, which
is called like the test.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from inspector.errors import UsageError
from inspector.recording import Recording
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.storage.bundled_files import bundled_path

if TYPE_CHECKING:
    from inspector.play.matching import Match

__all__ = [
    "FAULT",
    "FaultRun",
    "Marker",
    "fault_runs",
    "find_recording",
    "not_found",
    "own_name",
    "read_marker",
    "recording_path",
]

FAULT = "_inspector_fault"
"""The parameter of a test whose marker has a list of faults."""

_OPTIONS = ("speed", "fault", "match", "ignore", "strict", "loop", "resilient")

_UNSAFE = re.compile(r"""[\x00-\x1f\x7f<>?%*:|"'/\\]""")
"""What a file name cannot have, on one system or another."""

_LONGEST = 200
"""The longest file name of an own recording in bytes. Systems allow 255, and programs add endings."""


class FaultRun(NamedTuple):
    """One fault of a marker's list, and its part of the test's id."""

    fault: Any
    id: str


class Marker(NamedTuple):
    """The arguments of `@pytest.mark.recording`.

    A test's `own` recording is a cassette: it answers the requests with which it was recorded. A recording
    that is named is a stub: it answers whatever the test requests, in order. `match` and `ignore` None leave
    it to `inspector_config`, and to these defaults.
    """

    names: tuple[str | os.PathLike[str] | Recording, ...]
    speed: float | None = None
    fault: Any = None
    match: Match | None = None
    ignore: Sequence[str] | None = None
    strict: bool = True
    loop: bool = False
    resilient: bool = False
    own: bool = False
    one_of_many: bool = False
    """Whether `fault` is one of a list of faults."""


def fault_runs(faults: Iterable[Any]) -> list[FaultRun]:
    """Return a run for each fault of a marker's list, with ids that differ."""
    runs: list[FaultRun] = []
    for fault in faults:
        name = "+".join(fault) if _are_texts(fault) else str(fault)
        again = sum(run.fault == fault for run in runs)
        runs.append(FaultRun(fault, f"{name}#{again + 1}" if again else name))
    return runs


def read_marker(item: pytest.Item) -> Marker:
    """Read the closest marker of a test. Raises `UsageError` if it is missing, or has an unknown option."""
    marker = item.get_closest_marker("recording")
    if marker is None:
        raise UsageError(
            "this test names no recording. Mark it with @pytest.mark.recording for a recording of its own, "
            'or with @pytest.mark.recording("name"), where name is a file in its recordings folder or a '
            f"bundled recording: {', '.join(bundled_names())}"
        )
    unknown = sorted(set(marker.kwargs) - set(_OPTIONS))
    if unknown:
        raise UsageError(
            f"@pytest.mark.recording does not know {', '.join(unknown)}; it knows {', '.join(_OPTIONS)}"
        )
    _refuse_values(marker)
    options = dict(marker.kwargs)
    run = _fault_run(item)
    if run is not None:
        options.update(fault=run.fault, one_of_many=True)
    elif isinstance(options.get("fault"), list | tuple):
        raise UsageError(
            "a list of faults runs a test once for each, which pytest cannot do with a method of "
            "unittest.TestCase. Give its marker one fault, or make the test a function"
        )
    if marker.args:
        return Marker(marker.args, **options)
    return Marker((own_name(item),), **options, own=True)


def _refuse_values(marker: pytest.Mark) -> None:
    """Raise `UsageError` for arguments that have no meaning."""
    for name in marker.args:
        if not isinstance(name, str | os.PathLike | Recording):
            raise UsageError(
                f"@pytest.mark.recording takes names of recordings, one after another, and not {name!r}"
            )
    fault, ignore = marker.kwargs.get("fault"), marker.kwargs.get("ignore")
    faults = fault if isinstance(fault, list | tuple) else [""] if fault is None else [fault]
    if not faults:
        raise UsageError("the list of faults is empty: name a fault, or leave fault= out")
    for each in faults:
        if not isinstance(each, str) and not _are_texts(each):
            raise UsageError(f"a fault is a text such as 'cut-clean', and not {each!r}")
    if ignore is not None and not _are_texts(ignore):
        raise UsageError(f"ignore is a list of names, and not {ignore!r}")


def _are_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


def own_name(item: pytest.Item) -> str:
    """Return the name of a test's own recording: `module/Class.test[param]`, as with pytest-recording.

    A fault of a list is no part of it: all runs of a test play the same recording. No two tests of a module
    share a name: a name that has to be changed for the file system ends with a digest of the original.
    """
    name = item.name
    run = _fault_run(item)
    if run is not None:
        name = name.removesuffix(f"[{run.id}]").removesuffix(f"-{run.id}]")
        name += "]" if "[" in name and not name.endswith("]") else ""
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return f"{item.path.stem}/{_file_name('.'.join([*classes, name]))}"


def _file_name(name: str) -> str:
    """Return a name that is a file's on every system. Different names stay different."""
    safe = _UNSAFE.sub("-", name)
    encoded = safe.encode("utf-8", "replace")
    if safe == name and len(encoded) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{encoded[: _LONGEST - 17].decode('utf-8', 'ignore')}~{digest}"


def _fault_run(item: pytest.Item) -> FaultRun | None:
    """Return the fault that this run of a test plays, if its marker has a list of them."""
    callspec = getattr(item, "callspec", None)
    run: FaultRun | None = callspec.params.get(FAULT) if callspec else None
    return run


def find_recording(name: str | os.PathLike[str], folder: Path) -> str | Path | None:
    """Return the path of an existing recording: in `folder`, with or without `.jsonl`, or else bundled.

    A bundled one is its name, which reports show, unless something in the current folder has that name.
    """
    for path in (folder / name, recording_path(name, folder)):
        if path.exists():
            return path
    stem = os.fspath(name).removesuffix(".jsonl")
    if stem not in bundled_names():
        return None
    return stem if bundled_path(stem) else bundled_recording(stem)


def recording_path(name: str | os.PathLike[str], folder: Path) -> Path:
    """Return the path in `folder` for a recording of that name. The file need not exist."""
    path = folder / name
    return path if path.suffix == ".jsonl" else path.with_name(f"{path.name}.jsonl")


def not_found(name: str | os.PathLike[str], folder: Path, beside: Path) -> str:
    """Say where a recording was looked for, and what is there with a similar name.

    By default a test's recordings are in the folder `beside` its file, if there is such a folder.
    """
    text = os.fspath(name)
    known = [*bundled_names(), *(path.stem for path in folder.glob("*.jsonl"))]
    similar = difflib.get_close_matches(text.removesuffix(".jsonl"), known, 1)
    where = f"neither {recording_path(name, folder)}"
    if folder != beside and not beside.exists():
        where += f" nor {recording_path(name, beside)}"
    meant = f". Did you mean {similar[0]!r}?" if similar else ""
    return f"there is no recording {text!r}: {where} nor a bundled one{meant}"
