"""`python -m tests.benchmarks [--quick]`: measure speed against its goals, and print one table."""

from __future__ import annotations

import sys
import warnings
from itertools import chain

from tests.benchmarks import exporting, framing, growing, importing, replaying, showing, starting, tapping
from tests.benchmarks._measure import table


def main() -> None:
    """Measure, and print each row as soon as it is known. `--quick` takes fewer and smaller rounds."""
    if unknown := set(sys.argv[1:]) - {"--quick"}:
        sys.exit(f"usage: python -m tests.benchmarks [--quick] (not {' '.join(unknown)})")
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK warns about the model's name
    quick = "--quick" in sys.argv
    parts = (starting, framing, showing, exporting, growing, tapping, replaying, importing)
    for line in table(chain.from_iterable(part.rows(quick=quick) for part in parts)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
