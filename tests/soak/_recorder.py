"""A program that records, to be killed or starved: `python -m tests.soak._recorder`.

Its arguments are URL FOLDER FIRST COUNT LIMIT. It reads COUNT streams at a time, numbered from FIRST.
Of each read it says on standard output the stream's number, how many bytes it has by now, and the time;
and how late its threads are woken.
LIMIT bounds its files in bytes, as a full disk would; 0 is no limit.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
import warnings

import inspector
from inspector.http_library import sdk_library


def read(client, url, number, errors):
    """Read one stream as far as it goes."""
    got = 0
    try:
        with client.stream("POST", f"{url}/v1/messages?n={number}", json={"n": number}) as response:
            for chunk in response.iter_raw():
                got += len(chunk)
                os.write(1, b"%d %d %f\n" % (number, got, time.monotonic()))
    except sdk_library().TransportError as error:
        errors.append(type(error).__name__)
    os.write(1, b"%d %d end\n" % (number, got))


def beat():
    """Say every now and then how late this thread was woken: what a loaded machine does to the tap's, too."""
    pause, at = threading.Event(), time.monotonic()
    while True:
        pause.wait(0.01)
        now = time.monotonic()
        os.write(1, b"late %f %f\n" % (now - at - 0.01, now))
        at = now


def main(url, folder, first, count, limit):
    warnings.simplefilter("ignore")
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    threading.Thread(target=beat, daemon=True).start()
    tap = inspector.tap(folder)
    errors = []
    with sdk_library().Client(event_hooks=tap, trust_env=False, timeout=20) as client:
        threads = [threading.Thread(target=read, args=(client, url, first + n, errors)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    tap.flush()
    os.write(1, b"failure %s\n" % repr(tap.failure).encode())


if __name__ == "__main__":
    url_, folder_, *numbers = sys.argv[1:]
    main(url_, folder_, *map(int, numbers))
