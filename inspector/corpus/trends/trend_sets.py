"""A set: the tables of responses that one run of `inspector stats -o` made, read a part at a time.

It is a folder with `responses/`, any folder of Parquet files, or one such file. Its parts may be of several
versions: a column that a part lacks is null there. Only the columns in need are read, in batches.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspector._json import as_object
from inspector.errors import RecordingError

__all__ = ["NUMBERS", "ResponseSet", "is_set", "open_set"]

_NEEDED = ("source", "number", "verdict")
"""The columns by which a table of responses is known."""

_TABLE, _SETTINGS, _REPLACES = b"inspector.table", b"inspector.settings", b"inspector.replaces"
"""What the metadata of a part says: which table it is of, how it was made, which part is void for it."""

NUMBERS = (
    "time_to_first_byte",
    "time_to_first_event",
    "time_to_first_text",
    "duration",
    "longest_gap",
    "longest_silence",
    "input_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "output_tokens",
    "thinking_tokens",
)
"""The columns that are read as numbers; of the others, texts are read."""

_ROWS = 65_536  # in a batch


def is_set(argument: str) -> bool:
    """Return whether tables stand at this path. Nothing is opened."""
    path = Path(argument)
    if path.is_dir():
        return next(_parts(path), None) is not None
    return path.suffix == ".parquet"


def open_set(argument: str) -> ResponseSet:
    """Open the set at a path.

    Raises `RecordingError` if there is none, or a part of it is damaged or something else, and `UsageError`
    without pyarrow.
    """
    path = Path(argument)
    if not path.exists():
        raise RecordingError("there is no such file or folder", path=argument)
    return ResponseSet(argument, sorted(_parts(path)) if path.is_dir() else [path])


def _parts(folder: Path) -> Iterator[Path]:
    """Yield the files of a set, in no order. Parts may stand in folders, as `responses/date=…/`."""
    below = folder / "responses"
    committed = {path.name for path in (folder / "sources").glob("*.parquet")}
    for path in below.glob("**/*.parquet") if below.is_dir() else folder.glob("*.parquet"):
        # A part that `sources` lacks is of a run that was interrupted: it counts for nothing.
        if not path.name.startswith((".", "_")) and (not committed or path.name in committed):
            yield path


class ResponseSet:
    """The rows of a set.

    `name` is what the user wrote, `columns` are those that some part has. `settings` say how each part was
    made, as far as it says; equal ones are there once.
    """

    def __init__(self, name: str, parts: Iterable[Path]) -> None:
        self.name = name
        self.columns: set[str] = set()
        self.settings: list[dict[str, Any]] = []
        self._parts: dict[str, Path] = {}
        void = set()
        for part in parts:
            with _opened(part) as file:
                schema = file.schema_arrow
            about = schema.metadata or {}
            _require_responses(part, schema.names, about)
            self._parts[str(part)] = part
            self.columns.update(schema.names)
            if (settings := _json_object(about.get(_SETTINGS))) not in self.settings:
                self.settings.append(settings)
            if number := about.get(_REPLACES, b"").decode():
                void.add(str(part.with_name(f"part-{int(number):05d}.parquet")))
        for each in void:
            self._parts.pop(each, None)

    def batches(self, names: Sequence[str]) -> Iterator[Any]:
        """Yield record batches with these columns, in the order of the parts; null where a part has none.

        Raises `RecordingError` at a part that is damaged.
        """
        import pyarrow

        for part in self._parts.values():
            with _opened(part) as file:
                present = [name for name in names if name in file.schema_arrow.names]
                try:
                    for batch in file.iter_batches(batch_size=_ROWS, columns=present):
                        yield _completed(batch, names)
                except (OSError, pyarrow.ArrowException) as error:
                    raise _damaged(part, error) from error


@contextlib.contextmanager
def _opened(part: Path) -> Iterator[Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise RecordingError('Tables need pyarrow: pip install "sse-inspector[parquet]"') from None
    try:
        file = pyarrow.parquet.ParquetFile(part)
    except (OSError, pyarrow.ArrowException) as error:
        raise _damaged(part, error) from error
    with file:
        yield file


def _damaged(part: Path, error: Exception) -> RecordingError:
    reason = str(error).strip().partition("\n")[0]
    return RecordingError(f"a table that cannot be read: {reason}", path=str(part))


def _require_responses(part: Path, columns: Iterable[str], about: Mapping[bytes, bytes]) -> None:
    if missing := set(_NEEDED) - set(columns):
        what = about.get(_TABLE, b"").decode(errors="replace")
        why = f"a table of {what}" if what else f"it has no column {', no '.join(sorted(missing))}"
        message = f"no table of responses: {why}. Give the folder that `inspector stats -o` made"
        raise RecordingError(message, path=str(part))


def _json_object(text: bytes | None) -> dict[str, Any]:
    try:
        return as_object(json.loads(text or b"{}"))
    except ValueError:
        return {}


def _completed(batch: Any, names: Sequence[str]) -> Any:
    """Return a batch with all these columns, each of the type that this package reads."""
    import pyarrow

    text = pyarrow.string()
    types = {
        **dict.fromkeys(NUMBERS, pyarrow.float64()),
        "at": pyarrow.timestamp("us", "UTC"),
        "rules": pyarrow.list_(text),
    }
    columns = [
        batch.column(name).cast(types.get(name, text), safe=False)
        if name in batch.schema.names
        else pyarrow.nulls(len(batch), types.get(name, text))
        for name in names
    ]
    return pyarrow.record_batch(columns, names=list(names))
