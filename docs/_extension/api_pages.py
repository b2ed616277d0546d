"""The pages of the Python API: which name is on which page. Sphinx's autodoc writes what is said of each."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import inspector.types
from _extension.markdown import plain, table

__all__ = ["TOPICS", "Topic", "api_pages"]


class Topic(NamedTuple):
    """A page: its name, its title, what the names on it are for, and the names."""

    page: str
    title: str
    text: str
    names: str
    module: str = "inspector"

    @property
    def full_names(self) -> list[str]:
        """The names with their module."""
        return [f"{self.module}.{name}" for name in self.names.split()]


TOPICS = (
    Topic(
        "recordings",
        "Recordings",
        "Read and write recordings, and look into one: see [the format](../reference/format.md).",
        "load load_all save Recording Head Request Response TimedBlock Event End Ending",
    ),
    Topic(
        "checking",
        "Checking",
        "Find what is wrong with a recording. [Every rule](../rules/index.md) has a page.",
        "check assert_clean Finding Severity Profile Limits Verdict Report",
    ),
    Topic(
        "reading",
        "Statistics, differences, pages",
        "Measure a recording, compare two, make a page to look at: see [How a response flowed](../stats.md), "
        "[What differs](../diff.md), [The report page](../report.md).",
        "stats Statistics diff assert_same Difference Change report",
    ),
    Topic(
        "recording",
        "Recording a client",
        "Record your own program. [In Python](../python.md) says what a tap promises, "
        "[Redaction](../redaction.md) what is masked.",
        "tap Tap redacted Redaction",
    ),
    Topic(
        "replaying",
        "Answering a client",
        "Answer a program from recordings, with [faults](../faults/index.md). [Which recording "
        "answers](../matching.md) explains `match`, [A verdict on the client](../verdict.md) what is said of "
        "the program.",
        "replay ReplayTransport Server ServerLimits ReceivedRequest Delivery DIRTY_DOZEN ClientVerdict "
        "ClientFinding ClientLimits",
    ),
    Topic(
        "observing",
        "Observing the SDK",
        "Play a recording to the installed SDK, and see what it does.",
        "observe Observation Outcome",
    ),
    Topic(
        "probing",
        "Probing an endpoint",
        "Ask an endpoint everything, and score it: see [Probing an endpoint](../probe.md).",
        "probe Scorecard",
    ),
    Topic(
        "corpora",
        "Many recordings",
        "Read record batches of Arrow on an engine: see [On other engines](../engines.md).",
        "check stats schema",
        "inspector.corpus",
    ),
    Topic(
        "errors",
        "Errors and warnings",
        "Every error that inspector raises on purpose is an `InspectorError`.",
        "InspectorError UsageError RecordingError FormatError InapplicableFaultError AddressError "
        "NetworkBlockedError RecordingWarning",
    ),
    Topic(
        "types",
        "Types",
        "What results hold and functions take, for annotations: see [Types](../types.md).",
        " ".join(inspector.types.__all__),
        "inspector.types",
    ),
)
"""Every public name, on the page of what it is for."""

_HEAD = """\
# Python API

`import inspector` gives these names. They are imported at their first use, so that a program pays only for
what it uses. [In Python](../python.md) says what goes together.
"""


def api_pages() -> Iterator[tuple[str, str]]:
    """Yield the path below `docs/` and the text of each page."""
    parts = [_HEAD]
    for topic in TOPICS:
        parts += [
            f"## [{topic.title}]({topic.page}.md)\n",
            table(("name", "what"), map(_row, topic.full_names)),
            "",
        ]
        yield f"api/{topic.page}.md", _page(topic)
    pages = [topic.page for topic in TOPICS]
    yield "api/index.md", "\n".join([*parts, "```{toctree}", ":hidden:", "", *pages, "```", ""])


def _row(name: str) -> tuple[str, str]:
    value = _value(name)
    docstring = (
        inspect.cleandoc(value.__doc__ or "")
        if callable(value)
        else "Twelve faults to test a client with first."
    )
    return f"{{py:obj}}`{name}`", plain(" ".join(docstring.partition("\n\n")[0].split()))


def _value(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _page(topic: Topic) -> str:
    parts = [f"# {topic.title}", topic.text]
    for name in topic.full_names:
        parts.append(f"```{{eval-rst}}\n{_directive(name)}\n```")
    return "\n\n".join([*parts, ""])


def _directive(name: str) -> str:
    value = _value(name)
    if inspect.isclass(value):
        every = "   :undoc-members:\n" if issubclass(value, Enum) else ""
        return f".. autoclass:: {name}\n   :members:\n{every}   :inherited-members: {_FOREIGN}\n"
    return f".. autofunction:: {name}" if callable(value) else f".. autodata:: {name}"


_FOREIGN = "Exception, Warning, Mapping, StrEnum, dict, object, str, tuple"
"""The classes whose members everybody knows."""
