"""`python tests/one_change_table.py`: what `check` finds in recordings with one change, and the SDK does.

One change of each kind is made of the bundled recordings that are clean. "Unseen" is a change on which the
installed SDK raises although `check` has neither an error nor a warning. There must be none.
"""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import captures  # noqa: E402
import sdk  # noqa: E402
from one_change import one_of_each  # noqa: E402

from inspector.checker import is_clean, report  # noqa: E402

COLUMNS = ("kinds", "error", "warning", "info", "nothing", "raises", "unseen")


def main() -> None:
    """Print the table, with a row for each thing that can be done to an event or a field."""
    warnings.simplefilter("ignore")  # a torn line, and the SDK's serializer
    clean = [each for each in captures.bundled() if each.response and is_clean(report(each))]
    rows: dict[str, Counter[str]] = {}
    for change in one_of_each(clean).values():
        severities = [finding.severity.value for finding in report(change.recording).findings]
        found = next((each for each in COLUMNS[1:4] if each in severities), "nothing")
        seen = sdk.run(change.recording)
        raised = bool(seen.stream or seen.create)
        row = rows.setdefault(change.what, Counter())
        row.update(("kinds", found, *["raises"] * raised))
        row["unseen"] += raised and found in ("info", "nothing")
    rows["all"] = sum(rows.values(), Counter())
    print(f"{'change':32}" + "".join(f"{name:>9}" for name in COLUMNS))
    for what, row in rows.items():
        print(f"{what:32}" + "".join(f"{row[name]:>9}" for name in COLUMNS))


if __name__ == "__main__":
    main()
