"""`inspector show --follow`: show a file while it is written."""

from __future__ import annotations

import time

from inspector.cli._printers import Printer
from inspector.cli._printing import say
from inspector.cli._screen import Screen
from inspector.errors import RecordingError
from inspector.recording import End
from inspector.recording.following import followed

__all__ = ["follow"]

_PAUSE = 0.05  # seconds between two looks at a file that does not grow


def follow(name: str, printer: Printer) -> int:
    """Print what a file holds, and what is added to it, until its recording ends; return the exit status."""
    screen = Screen(printer, stop=True, keep=False)
    screen.wait_for(f"a recording in {name}")
    try:
        for value in followed(name, lambda: time.sleep(_PAUSE)):
            screen.add(value)
            if isinstance(value, End):
                screen.wait_for("the next recording")
    except KeyboardInterrupt as end:
        screen.interrupt()
        screen.close()
        return 0 if screen.reader_left else getattr(end, "status", 130)
    except RecordingError as error:
        screen.close()
        say(str(error))
        return 3
    screen.close()
    return 3 if screen.failure else 0
