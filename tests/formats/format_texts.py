"""One exchange in every format that is imported, written by hand as its tool writes it."""

from __future__ import annotations

import base64
import gzip
import json

import yaml

from inspector.recording import load
from inspector.recording.bundled import bundled_recording

TOOL = load(bundled_recording("tool_use"))
BODY = TOOL.body
REQUEST = json.dumps({"model": "claude-sonnet-5", "stream": True, "messages": []})
URL = "https://api.anthropic.com/v1/messages"
SECRET = "sk-ant-api03-" + "Ab3" * 20
HEADERS = {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_1"}


def lists(headers):
    return {name: [value] for name, value in headers.items()}


TEXT = BODY.decode()


def vcrpy(body=TEXT, url=URL, **headers):
    return {
        "interactions": [
            {
                "request": {
                    "body": REQUEST,
                    "headers": {"x-api-key": [SECRET], "content-type": ["application/json"]},
                    "method": "POST",
                    "uri": url,
                },
                "response": {
                    "body": {"string": body},
                    "headers": lists({**HEADERS, **headers}),
                    "status": {"code": 200, "message": "OK"},
                },
            }
        ],
        "version": 1,
    }


def go_vcr(version=2):
    response = {"body": BODY.decode(), "headers": lists(HEADERS), "status": "200 OK", "code": 200}
    response |= {"duration": "1m2.5s"} if version > 1 else {"duration": ""}
    request = {"body": REQUEST, "form": {}, "headers": {}, "url": URL, "method": "POST"}
    return {"version": version, "interactions": [{"request": request, "response": response}]}


def ruby_vcr(body):
    request = {"method": "post", "uri": URL, "body": {"encoding": "UTF-8", "string": REQUEST}, "headers": {}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": lists(HEADERS), "body": body}
    exchange = {"request": request, "response": response, "recorded_at": "Wed, 19 Aug 2026 14:34:12 GMT"}
    return {"http_interactions": [exchange], "recorded_with": "VCR 6.4.0"}


def har(content=None, **entry):
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mitmproxy", "version": "12"},
            "entries": [
                {
                    "startedDateTime": "2026-08-19T14:34:12.500+00:00",
                    "time": 1500.0,
                    "request": {
                        "method": "POST",
                        "url": URL,
                        "httpVersion": "HTTP/2",
                        "headers": [{"name": "X-Api-Key", "value": SECRET}, {"name": ":path", "value": "/"}],
                        "postData": {"mimeType": "application/json", "text": REQUEST},
                    },
                    "response": {
                        "status": 200,
                        "httpVersion": "h2",
                        "headers": [{"name": name, "value": value} for name, value in HEADERS.items()],
                        "content": content or {"mimeType": "text/event-stream", "text": BODY.decode()},
                    },
                    "timings": {"blocked": -1, "send": 100, "wait": 400, "receive": 1000},
                    **entry,
                }
            ],
        }
    }


def httpmock():
    pairs = [{"name": name, "value": value} for name, value in HEADERS.items()]
    when = {"path": "/v1/messages", "method": "POST", "header": [], "body": REQUEST}
    return {"when": when, "then": {"status": 200, "header": pairs, "body": BODY.decode()}}


def yaml_text(value):
    return yaml.safe_dump(value, allow_unicode=True).encode()


def json_text(value):
    return json.dumps(value, indent=2).encode()


def toml_text():
    body = json.dumps(BODY.decode())
    return f"""version = 1

[[interactions]]
[interactions.request]
method = "POST"
uri = "{URL}"
body = {json.dumps(REQUEST)}

[interactions.response]
status = 200
body = {body}

[interactions.response.headers]
content-type = ["text/event-stream"]
""".encode()


def one_exchange(body, **more):
    """An exchange of a library that is not known by name."""
    request = {
        "method": "POST",
        "url": URL,
        "headers": {},
        "body": {"b64": base64.b64encode(REQUEST.encode()).decode()},
    }
    return {"request": request, "response": {"status": 200, "headers": HEADERS, "body": body}, **more}


CHUNKS = [{"b64": base64.b64encode(BODY[at : at + 500]).decode()} for at in range(0, len(BODY), 500)]
CODED = base64.b64encode(gzip.compress(BODY)).decode()

SAME_BODY = {
    "vcrpy.yaml": yaml_text(vcrpy()),
    "vcrpy.json": json_text(vcrpy()),
    "vcrpy_one_line.json": json.dumps(vcrpy()).encode(),
    "vcrpy_gzip.yaml": yaml_text(vcrpy(gzip.compress(BODY), **{"content-encoding": "gzip"})),
    "vcrpy_decoded.yaml": yaml_text(vcrpy(**{"content-encoding": "gzip"})),
    "cassetter.toml": toml_text(),
    "go_vcr_1.yaml": yaml_text(go_vcr(1)),
    "go_vcr_2.yaml": yaml_text(go_vcr(2)),
    "ruby_vcr.yml": yaml_text(ruby_vcr({"encoding": "UTF-8", "string": BODY.decode()})),
    "ruby_vcr_base64.json": json_text(
        ruby_vcr({"encoding": "ASCII-8BIT", "base64_string": base64.b64encode(BODY).decode()})
    ),
    "httpmock.yaml": yaml_text(httpmock()),
    "chunks.json": json_text(one_exchange(None, chunks=CHUNKS, captured_at="2026-10-09T01:59:07Z")),
    "entries.json": json_text(
        {"meta": {}, "entries": [one_exchange({"kind": "text", "value": BODY.decode()})]}
    ),
    "list.yml": yaml_text([one_exchange(BODY.decode())]),
    "interactions.toml": toml_text().replace(b"version = 1\n\n", b""),
    "browser.har": json_text(har()),
    "base64.har": json_text(har({"encoding": "base64", "text": base64.b64encode(BODY).decode()})),
    "polly.har": json_text(har({"encoding": "base64", "text": json.dumps([CODED]), "_isBinary": True})),
}
"""Files whose one exchange has `BODY` as its body."""
SAME_BODY["polly.har"] = SAME_BODY["polly.har"].replace(
    b'"name": "request-id"', b'"name": "content-encoding",\n"value": "gzip"}, {"name": "request-id"'
)


def har_events():
    """What Chromium saves of an event stream: its events, each with its time, and no text."""
    start = 1787150052.5
    messages = [
        {
            "time": start + 0.6 + number / 10,
            "eventName": block.event,
            "eventId": "",
            "data": block.data.decode(),
        }
        for number, block in enumerate(TOOL.blocks)
    ]
    return har({"mimeType": "text/event-stream", "size": 0}, _eventSourceMessages=messages)


def aimock():
    return {
        "fixtures": [
            {"match": {"userMessage": "hello"}, "response": {"content": "Hello!", "reasoning": "Short."}},
            {
                "match": {"toolName": "get_weather"},
                "response": {"toolCalls": [{"name": "get_weather", "arguments": {"city": "Oslo"}}]},
            },
            {"match": {"model": "x"}, "response": {"error": {"message": "Overloaded"}, "status": 529}},
            {"match": {"endpoint": "embedding"}, "response": {"embedding": [0.5]}},
        ]
    }
