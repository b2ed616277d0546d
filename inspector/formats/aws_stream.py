"""A bare body of AWS's binary event stream, as Bedrock sends it and recorders save it."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.aws_frames import CONTENT_TYPE, is_frame_start
from inspector.formats.interaction import SAVED, Interaction
from inspector.recording import Absent

__all__ = ["claims", "interactions"]


def claims(start: bytes) -> bool:
    """Whether a file begins with the lengths of a frame and their CRC."""
    return is_frame_start(start)


def interactions(pieces: Iterator[bytes], name: str | None) -> Iterator[Interaction]:
    """Yield the one exchange of the file. That its body is binary is all that is known of its headers."""
    yield Interaction(
        reads=[(0.0, b"".join(pieces))],
        response_headers=[("content-type", CONTENT_TYPE)],
        absent=SAVED | {Absent.REQUEST},
    )
