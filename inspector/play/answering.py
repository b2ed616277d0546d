"""What is known of the answers afterwards: the requests, the recordings, and what a program made of them.

The transport and the server stand on it, so both say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inspector.play.player import Player
from inspector.play.received import ReceivedRequest

if TYPE_CHECKING:
    from inspector.resilience import ClientLimits, ClientVerdict, Program

__all__ = ["Answering"]


class Answering:
    """Answers requests with what a `player` chooses."""

    def __init__(self, player: Player) -> None:
        self._player = player

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests it got, in order: the last thousand of them, or as many as it keeps."""
        return self._player.requests

    @property
    def misses(self) -> list[ReceivedRequest]:
        """Those of them that no recording answered, and that needed one."""
        return self._player.misses

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that it has not played once."""
        return self._player.unused

    def verdict(
        self,
        *,
        returned: Any = ...,
        raised: BaseException | None = None,
        reported: bool = False,
        limits: ClientLimits | None = None,
    ) -> ClientVerdict:
        """Say what the program did with the answers so far, and judge it.

        `returned`, `raised` and `reported` say how it ended, which only the caller knows: the answer that it
        handed out, the exception that it raised, or that it said itself that there is no whole answer. What
        is said once holds for later calls.
        """
        from inspector.resilience import program_of

        program = program_of(returned=returned, raised=raised, reported=reported)
        return self.verdict_on(program, limits)

    def verdict_on(self, program: Program, limits: ClientLimits | None = None) -> ClientVerdict:
        """Judge a program of which this is known."""
        self._settle()
        return self._player.attempts.verdict(self.requests, program, limits)

    def _settle(self) -> None:
        """Wait until all that clients have done is known: in this process it is."""
