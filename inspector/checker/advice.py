"""What to do about a finding, for each group of rules: at the server or the gateway, and in a client."""

from __future__ import annotations

__all__ = ["ADVICE"]

ADVICE = {
    "http": "A server sends status 200, text/event-stream, and no Content-Length, and lets no hop "
    "buffer or recode the body. A client looks at the status and the content type before it "
    "reads events.",
    "framing": "A server writes `event:`, `data:`, and a blank line, all in UTF-8 and with LF. A client "
    "decodes whole lines and dispatches at the blank line only.",
    "fields": "A server sends only the fields `event` and `data`, each once for an event. A client "
    "ignores others.",
    "json": "A server sends one JSON object in each event, written by a JSON library. A client that "
    "cannot parse an event treats the stream as failed.",
    "structure": "A server sends every field of the API's types. A client reads fields that may be missing "
    "with a default.",
    "sequence": "A server sends message_start, content blocks, message_delta and message_stop, once each "
    "and in this order. A client takes a stream without message_stop as partial, and retries "
    "it as a whole.",
    "start": "A server fills message_start with id, model, role, content [] and usage. A client does "
    "not rely on them before it has checked them.",
    "blocks": "A server numbers blocks from 0 without a gap, and stops each before it starts the next. "
    "A client keeps blocks by their index.",
    "deltas": "A server sends a block the deltas of its own type. A client ignores a delta that it does "
    "not know.",
    "tools": "A server gives each tool call an id, a name, and one whole JSON object. A client runs no "
    "tool whose input is not whole, and no tool of a message that was cut.",
    "unstreamed": "A server answers a request without `stream` with one Message in JSON, and an error with "
    "its own status. A client looks at the content type and at the body's `type` before it reads fields.",
    "thinking": "A server signs each thinking block at its end. A client sends a thinking block back "
    "unchanged, or not at all.",
    "stop": "A server sends one stop_reason, which agrees with the content. A client decides by the "
    "content and by stop_reason.",
    "usage": "A server counts tokens in message_start and message_delta; counts are cumulative. A "
    "client takes the last count of each kind.",
    "timing": "A server passes each event on at once, and sends a ping in long silences. A client has a "
    "timeout for silence, and measures from the last byte.",
    "ending": "A server ends the body after message_stop, as HTTP says. A client takes a body that "
    "ended otherwise as partial, whatever came before.",
}
"""By the group of the rule."""
