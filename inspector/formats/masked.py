"""Masking a recording that was never written, such as a bare stream."""

from __future__ import annotations

from dataclasses import replace

from inspector.recording import Recording
from inspector.recording.masking import BlockMask
from inspector.redact import Mask

__all__ = ["masked"]


def masked(recording: Recording) -> Recording:
    """Return a recording without the secrets in its blocks and in its request's body.

    The head of every recording that the door hands out is masked already.
    """
    request = recording.request
    mask = Mask(request.headers.items())
    mask.learn(request.body or b"")
    hide = BlockMask(mask)
    blocks = recording.blocks
    if not hide.passes(recording.body):
        blocks = tuple(hide(blocks))
    body = request.body and mask(request.body)
    if blocks == recording.blocks and body == request.body:
        return recording
    head = replace(recording.head, request=replace(request, body=body))
    return replace(recording, head=head, blocks=blocks)
