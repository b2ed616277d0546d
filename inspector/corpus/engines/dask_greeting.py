"""Is there a dask scheduler at an address?

dask's client takes whatever answers for one. It would read the first bytes of an HTTP server as a length, and
wait for a silent server without an end. So we ask first, in the words of dask's own protocol.
"""

from __future__ import annotations

import asyncio
from typing import Any

from inspector.errors import EngineError

__all__ = ["greet"]


def greet(address: str, seconds: float) -> None:
    """Ask what is at an address. Raises `EngineError` unless a scheduler says that it is one.

    `seconds` is how long it may take to connect; a quarter more, and it must have answered.
    """
    try:
        what = asyncio.run(asyncio.wait_for(_identity(address, seconds), 1.25 * seconds))
    except TimeoutError:
        raise _none(address, "it does not answer as one") from None
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        raise EngineError(f"the scheduler {address} cannot be reached: {why}") from None
    except Exception:  # what answers is of another protocol, and everything may go wrong; also a MemoryError
        raise _none(address, "what answers there speaks another protocol") from None
    if what != "Scheduler":
        raise _none(address, f"it is a {what} of dask; name the scheduler's own address")


async def _identity(address: str, seconds: float) -> Any:
    from distributed.comm.core import connect
    from distributed.core import send_recv
    from distributed.security import Security

    arguments = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    comm = await connect(address, timeout=seconds, **arguments)  # type: ignore[no-untyped-call]
    try:
        answer = await send_recv(comm, op="identity", close=True)
        return answer.get("type")
    finally:
        comm.abort()


def _none(address: str, why: str) -> EngineError:
    return EngineError(f"{address} is no dask scheduler: {why}")
