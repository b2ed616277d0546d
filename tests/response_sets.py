"""Sets of responses, written with pyarrow: what `inspector stats -o` makes, without reading a recording."""

from __future__ import annotations

import datetime
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq

from inspector._version import __version__

TEXTS = ["source", "sha256", "host", "model", "message_id", "request_id", "verdict", "ending", "stop_reason"]
TIMES = [
    "time_to_first_byte",
    "time_to_first_event",
    "time_to_first_text",
    "duration",
    "longest_gap",
    "longest_silence",
]
COUNTS = [
    "number",
    "size",
    "status",
    "events",
    "pings",
    "bytes",
    "input_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "output_tokens",
    "thinking_tokens",
    "errors",
    "warnings",
]
FIELDS = {
    **dict.fromkeys(TEXTS, pa.string()),
    **dict.fromkeys(COUNTS, pa.int64()),
    **dict.fromkeys(TIMES, pa.float64()),
    "at": pa.timestamp("us", "UTC"),
    "modified": pa.timestamp("us", "UTC"),
    "rules": pa.list_(pa.string()),
    "inspector_version": pa.string(),
    "error": pa.string(),
}


def response(**changed):
    """A row: an answer that came as it should."""
    return {
        "source": "a.jsonl",
        "number": 1,
        "at": datetime.datetime(2026, 11, 9, tzinfo=datetime.UTC),
        "host": "api.anthropic.com",
        "status": 200,
        "model": "claude-opus-5",
        "verdict": "complete",
        "ending": "complete",
        "stop_reason": "end_turn",
        "time_to_first_byte": 0.4,
        "time_to_first_event": 0.4,
        "time_to_first_text": 0.6,
        "duration": 3.0,
        "longest_gap": 0.2,
        "longest_silence": 0.2,
        "input_tokens": 100,
        "cache_read_tokens": 0,
        "cache_creation_tokens": 0,
        "output_tokens": 260,
        "rules": [],
        "inspector_version": __version__,
        **changed,
    }


def unreadable(why="truncated gzip", **changed):
    """A row of a file that cannot be read."""
    return {"source": "b.jsonl.gz", "error": why, "inspector_version": __version__, **changed}


def cut(**changed):
    """A row: an answer that broke off."""
    changed = {"rules": ["message-stop-missing"], "output_tokens": None, **changed}
    return response(verdict="partial", ending="cut", stop_reason=None, **changed)


def some_responses(count, seed, *, slow=1.0, broken=0.01, day=9):
    """Rows as a gateway may see them: times are spread as log-normal, some answers break off.

    They are of seven days, the first of which is `day` of November.
    """
    numbers = random.Random(seed)
    for number in range(count):
        first = slow * numbers.lognormvariate(-1, 0.4)
        times = {
            "time_to_first_byte": first,
            "time_to_first_event": first,
            "time_to_first_text": first + 0.3,
            "duration": first + numbers.lognormvariate(1, 0.7),
            "longest_gap": numbers.lognormvariate(-1, 0.5),
            "longest_silence": numbers.lognormvariate(-1, 0.6),
            "output_tokens": int(numbers.lognormvariate(5, 1)),
        }
        make = cut if numbers.random() < broken else response
        at = datetime.datetime(2026, 11, day + number % 7, tzinfo=datetime.UTC) if number % 50 else None
        yield make(source=f"{number}.jsonl", at=at, **times)


def schema(without=(), about=None):
    """The columns of a table of responses; `about` is its metadata."""
    about = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in (about or {}).items()
    }
    return pa.schema([(name, kind) for name, kind in FIELDS.items() if name not in without], metadata=about)


def write_part(file, rows, *, without=(), about=None):
    """Write one Parquet file of responses."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [{name: value for name, value in row.items() if name not in without} for row in rows]
    pq.write_table(pa.Table.from_pylist(rows, schema(without, about)), file, row_group_size=1000)
    return file


def write_set(folder, rows, *, part=0, **how):
    """Write a part of a set; return the folder of the set as a text."""
    write_part(folder / "responses" / f"part-{part:05d}.parquet", rows, **how)
    return str(folder)
