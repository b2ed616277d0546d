"""Hops that do one thing wrong each, which one probe sees."""

from __future__ import annotations

import contextlib
import http.client
import json
import re

from plain_hop import Hop

STOP = (
    b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
    b'"stop_sequence":null},"usage":{"output_tokens":1}}\n\n'
    b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
)


class Buffering(Hop):
    def stream(self, client, response, *, last):
        held = []
        broken = None
        try:
            while data := response.read1(65536):
                held.append(data)
        except (OSError, http.client.HTTPException) as error:
            broken = error
        if held:
            self.pass_on(client, b"".join(held))
        return self.end(client, broken, last=last)


class InventingAStop(Hop):
    def end(self, client, broken, *, last):
        if broken is not None:
            self.pass_on(client, STOP)
        client.sendall(b"0\r\n\r\n")
        return True


class EndingProperly(Hop):
    def end(self, client, broken, *, last):
        client.sendall(b"0\r\n\r\n")
        return True


class SwallowingErrors(Hop):
    def changed(self, data):
        if b"event: error" in data:
            return data[: data.index(b"event: error")] + STOP
        return data


class SayingTextTwice(Hop):
    tries = 2

    def end(self, client, broken, *, last):
        if broken is not None and not last:
            return False
        return super().end(client, broken, last=last)

    def send_head(self, client, status, headers):
        if self.here.heads:
            self.here.heads += 1
        else:
            super().send_head(client, status, headers)

    def changed(self, data):
        if self.here.heads < 2:
            return data
        return re.sub(rb"event: message_start\n.*\n\n", b"", data)


class KeepingTheUpstream(Hop):
    watches_client = False

    def pass_on(self, client, data):
        with contextlib.suppress(OSError):
            super().pass_on(client, data)


class LeakingTheKey(Hop):
    def error(self, body, fields):
        key = {name.lower(): value for name, value in fields.items()}.get("x-api-key", "")
        return body.replace(b'"message":"', b'"message":"%b ' % key.encode())


class _AddingAHeader(Hop):
    own_key = ""

    def forward(self, client, path, body, fields, *, last):
        self.here.client_key = {name.lower(): value for name, value in fields.items()}.get("x-api-key", "")
        own = {"api-key": self.own_key} if self.own_key else {}
        return super().forward(client, path, body, {**fields, **own}, last=last)

    def head(self, status, headers):
        status, headers = super().head(status, headers)
        return status, {**headers, **self.added()}


class EchoingTheKeyInAHeader(_AddingAHeader):
    def added(self):
        return {"x-debug": f"key={self.here.client_key}"}


class SendingItsOwnKeyInAHeader(_AddingAHeader):
    own_key = "the-own-key-of-this-hop"

    def added(self):
        return {"x-upstream-key": self.own_key}


class ShowingItsInsides(Hop):
    def error(self, body, fields):
        trace = b"at Server.handle (/srv/app/node_modules/gateway/index.js:10:5) "
        return body.replace(b'"message":"', b'"message":"' + trace)


class MixingStreams(Hop):
    other = b""

    def changed(self, data):
        mine = re.search(rb"stream\d\d", data)
        if mine:
            data = data.replace(mine[0], self.other or mine[0])
            type(self).other = mine[0]
        return data


class LosingRetryAfter(Hop):
    def head(self, status, headers):
        status, headers = super().head(status, headers)
        headers.pop("retry-after", None)
        return status, headers


class ChangingTheStatus(Hop):
    def head(self, status, headers):
        status, headers = super().head(status, headers)
        return (500 if status == 529 else status), headers


class WithoutTypeError(Hop):
    def error(self, body, fields):
        return body.replace(b'{"type":"error","error":', b'{"error":')


class DroppingPings(Hop):
    def changed(self, data):
        return re.sub(rb'event: ping\ndata: {"type": ?"ping" *}\n\n', b"", data)


class DroppingUnknownEvents(Hop):
    def changed(self, data):
        return re.sub(rb"event: (message_annotation|pong)\n.*\n\n", b"", data)


class RenamingTheModel(Hop):
    def changed(self, data):
        return re.sub(rb'("message":\{)"model":"[^"]*"', rb'\1"model":"house-model"', data)


class EndingASilence(Hop):
    silence = 1.0

    def end(self, client, broken, *, last):
        if isinstance(broken, TimeoutError):
            broken = None
        return super().end(client, broken, last=last)


class CuttingLongLines(Hop):
    def changed(self, data):
        return data.replace(b"0123456789" * 6500, b"")


class CountingTheCacheTwice(Hop):
    """A bridge to Chat Completions that takes `prompt_tokens` for the tokens beside the cache."""

    def forward(self, client, path, body, fields, *, last):
        asked = json.dumps(json.loads(body) | {"stream": False})
        connection = http.client.HTTPConnection(self.upstream)
        with contextlib.closing(connection):
            connection.request("POST", "/v1/chat/completions", asked, {"content-type": "application/json"})
            answer = json.loads(connection.getresponse().read())
        message, usage = answer["choices"][0]["message"], answer["usage"]
        reply = {
            "id": answer["id"],
            "type": "message",
            "role": "assistant",
            "model": answer["model"],
            "content": [{"type": "text", "text": message["content"] or ""}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": usage["prompt_tokens"],
                "cache_read_input_tokens": usage["prompt_tokens_details"]["cached_tokens"],
                "output_tokens": usage["completion_tokens"],
            },
        }
        return self.answer(client, 200, {"content-type": "application/json"}, json.dumps(reply).encode())
