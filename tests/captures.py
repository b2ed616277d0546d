"""The corpus of streams that real servers sent, as recordings. It is not part of the repository."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

from streams import ANTHROPIC, COMPAT, frame, recording

from inspector.recording import load_all

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"
INDEX = CORPUS / "index.jsonl"
BUNDLED = Path(__file__).parents[1] / "recordings"


def rows(*folders):
    """The corpus's index, or its rows for files in these folders; empty without a corpus."""
    lines = INDEX.read_text().splitlines() if INDEX.exists() else []
    index = [json.loads(line) for line in lines]
    return [row for row in index if not folders or row["path"].startswith(folders)]


def streams():
    """Yield (row, recording) for every stream of the corpus."""
    for row in rows():
        path = CORPUS / row["path"]
        if path.suffix == ".sse":
            yield row, captured(row, path.read_bytes())
        elif path.suffix == ".jsonl":
            lines = [line for line in path.read_bytes().splitlines() if line.strip()]
            yield row, captured(row, b"".join(frame(json.loads(line)["type"], line) for line in lines))


def captured(row, body):
    """A body of the corpus as a recording; captures without framing have no headers."""
    provider = row["provider"] or ""
    own = provider.startswith("anthropic") and "via" not in provider
    headers = (row.get("response_headers") or {}) if row["path"].endswith(".sse") else {}
    return recording(body, url=ANTHROPIC if own else COMPAT, headers=headers, status=row.get("status") or 200)


def bundled():
    """Every recording that comes with the project, whole or broken."""
    loaded = []
    for path in sorted(BUNDLED.glob("**/*.jsonl")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one has a torn line
            loaded += load_all(path)
    return loaded
