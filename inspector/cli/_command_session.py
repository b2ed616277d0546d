"""What a wrapped COMMAND did with the recordings: sent requests or none, missed some, left some unused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from inspector.play.received import ReceivedRequest
from inspector.protocol import is_side_traffic
from inspector.serve.connection import Delivery

__all__ = ["CommandSession"]

_LISTED = 5

Report = Callable[[ReceivedRequest, Delivery], None]


class CommandSession:
    """Count the requests of a session, and pass each on to `report`, which may be None."""

    def __init__(self, report: Report | None) -> None:
        self._report = report
        self.sent = self.missed = 0
        """How many requests there were, without side traffic, and how many of them no recording answered."""

    def put(self, request: ReceivedRequest, delivery: Delivery) -> None:
        """Count a request. A server calls this on its thread when the response has ended."""
        self.sent += not is_side_traffic(request.method, request.path)
        self.missed += request.miss is not None
        if self._report is not None:
            self._report(request, delivery)

    def problems(self, command: str, unused: Sequence[str]) -> Iterator[str]:
        """Say why the session of a command is no success. `unused` names recordings that had to be played."""
        if not self.sent:
            yield f"{command} sent no request here: does it read ANTHROPIC_BASE_URL?"
        if self.missed:
            yield f"no recording answered {self.missed} of {self.sent} requests"
        if unused:
            listed = ", ".join(unused[:_LISTED]) + (", …" if len(unused) > _LISTED else "")
            yield f"{len(unused)} recording{'s were' if len(unused) > 1 else ' was'} not played: {listed}"
