"""Logs of requests and answers: Bedrock's invocation logs, and exports of LiteLLM and Langfuse.

Bedrock writes one record a line, gzip'd, into S3 or CloudWatch
(https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html). A stream is an array of
its events, and other output one object. LiteLLM and Langfuse keep what the program gave them: a record counts
if the place of its answer holds the raw chunks, as an array of events or as the text of the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from inspector import _json
from inspector.formats import payload_arrays
from inspector.formats.documents import Document
from inspector.formats.interaction import SAVED, Interaction, as_bytes, as_list, as_mapping
from inspector.formats.moments import moment_of, stamp
from inspector.recording import Absent, End, Ending

__all__ = ["bedrock_interactions", "chunk_interactions", "claims_bedrock", "claims_chunks"]

_BEDROCK = (SAVED | {Absent.SPELLING}) - {Absent.SENT}
_ANSWERS = (
    "response",
    "raw_response",
    "original_response",
    "complete_streaming_response",
    "output",
    "chunks",
)
_REQUESTS = ("proxy_server_request", "request", "input", "raw_request")
_STREAM = ("event: message_start", "event:message_start", 'data: {"type":"message_start"')


def claims_bedrock(value: Any) -> bool:
    """Whether a document is a record of Bedrock's log."""
    record = as_mapping(value)
    return record.get("schemaType") == "ModelInvocationLog" or {"modelId", "operation", "output"} <= {*record}


def bedrock_interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield the exchange of each record."""
    for line, value in documents:
        for record in as_list(value) if isinstance(value, list) else [value]:
            yield _invocation(as_mapping(record), line)


def _invocation(record: Mapping[str, Any], line: int) -> Interaction:
    given, output = as_mapping(record.get("input")), as_mapping(record.get("output"))
    region, model = str(record.get("region") or "us-east-1"), str(record.get("modelId") or "")
    answer = output.get("outputBodyJson")
    call = "invoke-with-response-stream" if isinstance(answer, list) else "invoke"
    claude = isinstance(answer, list) and payload_arrays.claims(answer)
    error = record.get("errorCode")
    body = given.get("inputBodyJson")
    text = as_bytes(answer) if answer is not None and not isinstance(answer, list) else b""
    return Interaction(
        line=line,
        at=stamp(moment_of(record.get("timestamp"))),
        url=f"https://bedrock-runtime.{region}.amazonaws.com/model/{quote(model, safe=':.-')}/{call}",
        request_body=None if body is None else _json.dumps(body),
        status=0 if error else 200,
        response_headers=[("x-amzn-requestid", str(record.get("requestId") or ""))],
        reads=[(0.0, text)] if text else [],
        payloads=[(0.0, _json.dumps(event)) for event in as_list(answer)] if claude else None,
        end=End(0.0, Ending.RESET, str(error)) if error else End(0.0, Ending.COMPLETE),
        absent=_BEDROCK,
        recorder={"name": "Bedrock's invocation log"},
    )


def claims_chunks(value: Any) -> bool:
    """Whether a document is a record, or an array of records, one of which has raw chunks."""
    return any(_chunks(as_mapping(record)) is not None for record in _records(value)[:100])


def chunk_interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield the exchange of each record; those without raw chunks have no response."""
    for line, value in documents:
        for record in _records(value):
            yield _chunked(as_mapping(record), line)


def _records(value: Any) -> list[Any]:
    """Return the records of a document: one, an array of them, or what Langfuse's API answers."""
    data = as_mapping(value).get("data")
    return next((each for each in (value, data) if isinstance(each, list)), [value])


def _chunked(record: Mapping[str, Any], line: int) -> Interaction:
    answer = _chunks(record)
    at = moment_of(record.get("startTime") or record.get("start_time"))
    absent = SAVED | {Absent.SPELLING}
    text = as_bytes(answer) if isinstance(answer, str) else b""
    body = next(filter(None, (_request(record.get(name)) for name in _REQUESTS)), None)
    return Interaction(
        line=line,
        at=stamp(at),
        url="/v1/messages" if answer is not None else str(record.get("name") or ""),
        request_body=None if body is None else _json.dumps(body),
        status=200 if answer is not None else 0,
        reads=[(0.0, text)] if text else [],
        payloads=[(0.0, _payload(event)) for event in answer] if isinstance(answer, list) else None,
        absent=(absent - {Absent.SENT} if at else absent) | (frozenset() if body else {Absent.REQUEST}),
    )


def _chunks(record: Mapping[str, Any]) -> list[Any] | str | None:
    """Return the raw chunks of a record: events, or the text of a stream; None if it has none."""
    for name in _ANSWERS:
        value = _parsed(record.get(name))
        for each in (value, *(as_mapping(value).get(inner) for inner in ("chunks", "events", "body"))):
            if isinstance(each, list) and each and all(isinstance(part, str) for part in each):
                each = "".join(each)
            if isinstance(each, str) and each.lstrip().startswith(_STREAM):
                return each
            if isinstance(each, list) and payload_arrays.claims(each):
                return each
    return None


def _parsed(value: Any) -> Any:
    """Return what a text holds if it is JSON: Langfuse keeps what goes in and comes out as text."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return _json.loads(value.encode("utf-8", "surrogatepass"))
    except ValueError:
        return value


def _request(value: Any) -> Mapping[str, Any] | None:
    value = _parsed(value)
    for each in (value, as_mapping(value).get("body")):
        if isinstance(as_mapping(each).get("messages"), list):
            return as_mapping(each)
    return None


def _payload(event: Any) -> bytes:
    return as_bytes(event) if isinstance(event, str) else _json.dumps(event)
