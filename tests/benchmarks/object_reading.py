"""Objects of a store: `python -m tests.benchmarks.object_reading`. Nothing leaves this machine.

The store is nanio on loopback, whose own Python is the limit of most rows; and a second one answers after
20 ms, as a bucket in the same region does, so that it shows what reading many at once is worth.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the test servers

from object_servers import nanio, settings

from inspector.storage import Source, listed, objects, opened, read

__all__ = ["main"]

SMALL, BIG = 10_000, 50_000_000
RECORDING = (Path(__file__).parents[2] / "recordings" / "hello.jsonl").read_bytes()
DELAY = 0.02


def main() -> None:
    """Measure listing, reading small objects one by one and many at once, and streaming a big one."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        with nanio(folder) as environment:
            os.environ.update(environment)
            sources = [each for each in listed("s3://small/") if isinstance(each, Source)]
            rate("list 10,000 objects", lambda: sum(1 for _ in listed("s3://small/")), SMALL, "objects/s")
            rate(
                "list 100 of them by a pattern", lambda: list(listed("s3://small/07/071*")), 100, "objects/s"
            )
            for count in (1, 16, 64):
                at_once(f"read small objects, {count} at once", sources[:1500], count)
            rate("stream 50 MB", stream, BIG / 1e6, "MB/s")
    with slow_store() as port:
        os.environ.update(settings(port))
        slow = [Source(f"s3://small/{number}", len(RECORDING)) for number in range(2000)]
        for count, sources in ((1, slow[:50]), (16, slow[:800]), (64, slow)):
            at_once(f"read small objects that take 20 ms, {count} at once", sources, count)
    print(f"highest memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


def fill(folder: Path) -> None:
    """Write the buckets: nanio serves files that are put into its folder."""
    for number in range(SMALL):
        path = folder / "small" / f"{number // 1000:02}" / f"{number:05}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(RECORDING)
    (folder / "big").mkdir()
    (folder / "big" / "a.bin").write_bytes(bytes(BIG))


def rate(what: str, work: Callable[[], object], count: float, unit: str, rounds: int = 5) -> None:
    """Do the work several times; print the median rate, and the CPU time of this process for one."""
    seconds, cpu = [], []
    for _ in range(rounds):
        started, busy = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - started)
        cpu.append(time.process_time() - busy)
    middle = rounds // 2
    each = sorted(cpu)[middle] / count * 1e6
    print(
        f"{what:55} {count / sorted(seconds)[middle]:10,.0f} {unit:10} {each:8,.0f} µs of CPU each",
        flush=True,
    )


def at_once(what: str, sources: list[Source], count: int) -> None:
    """Read sources with a limit on how many are fetched at once."""
    objects.AT_ONCE, before = count, objects.AT_ONCE
    rate(what, lambda: [member.file.read() for member in read(sources)], len(sources), "objects/s", 3)
    objects.AT_ONCE = before


def stream() -> None:
    """Read the big object in pieces, as a `Reader` does."""
    with opened("s3://big/a.bin") as file:
        while file.read(65536):
            pass


@contextlib.contextmanager
def slow_store() -> Iterator[int]:
    """Answer each GET with the same recording, 20 ms later, however many there are."""
    head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(RECORDING)}\r\nETag: "x"\r\n'
    answer = f"{head}Last-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n\r\n".encode() + RECORDING

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(DELAY)
                writer.write(answer)
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port.append(server.sockets[0].getsockname()[1])
        ready.set()
        await asyncio.Event().wait()

    port: list[int] = []
    ready = threading.Event()
    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    yield port[0]


if __name__ == "__main__":
    main()
