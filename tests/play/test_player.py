"""What answers a request, whatever the door."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from conftest import ROOT
from small_recordings import MESSAGES, START, STOP, chunks_of, large_lines, small, stream

from inspector import End, Ending, FormatError, Recording, UsageError, load, save
from inspector.play import sources as sources_module
from inspector.play.made_up import MADE_UP_HEADER
from inspector.play.player import Player
from inspector.play.received import IncomingRequest
from inspector.play.sources import sources
from inspector.play.whole_message import whole_message
from inspector.recording import Request, dump

HELLO = ROOT / "recordings" / "hello.jsonl"
STREAM = b'{"stream":true}'
COUNT = "/v1/messages/count_tokens"


def player(*recordings, **options):
    return Player(sources(recordings or [HELLO]), **options)


def ask(path="/v1/messages", body=STREAM, method="POST", name=None):
    return IncomingRequest(method, path, body, [(b"X-Inspector-Recording", name)] if name else [])


def seen(answer):
    """The status and the body of what an answer plays."""
    recording = answer.source.recording()
    return recording.response.status, recording.body


def made_up(answer):
    return answer.source.head.response.headers.get(MADE_UP_HEADER)


def error_message(answer):
    status, body = seen(answer)
    return status, json.loads(body)["error"]["message"]


# From recordings.


def test_a_request_for_a_stream_gets_the_recording():
    answer = player().answer(ask())
    assert (answer.recording, answer.miss, made_up(answer)) == (str(HELLO), None, None)
    assert answer.source.recording() == load(HELLO)


@pytest.mark.parametrize("body", [b"{}", b'{"stream":false}', b'{"stream":"true"}'])
def test_a_request_for_no_stream_gets_the_whole_message(body):
    answer = player().answer(ask(body=body))
    status, message = seen(answer)
    assert (status, json.loads(message)) == (200, load(HELLO).message())
    assert (answer.recording, made_up(answer)) == (str(HELLO), None)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]"])
def test_a_body_that_is_no_request_gets_what_was_recorded(body):
    assert player().answer(ask(body=body)).source.recording() == load(HELLO)


def test_only_messages_have_a_whole_message():
    answer = player(match="any").answer(ask("/v1/complete", b"{}"))
    assert answer.source.recording() == load(HELLO)


def test_a_whole_message_is_derived_once():
    playing = player(loop=True)
    assert playing.answer(ask(body=b"{}")).source is playing.answer(ask(body=b"{}")).source


def test_a_recorded_message_is_played_as_it_is():
    whole = small(b'{"type":"message"}', headers={"content-type": "application/json"})
    answer = player(whole).answer(ask(body=b"{}"))
    assert seen(answer) == (200, b'{"type":"message"}')
    assert made_up(answer) is None


def test_json_that_answered_a_request_for_a_stream_answers_one_again():
    whole = message_of_no_stream()
    odd = replace(whole, head=replace(whole.head, request=Request(url="/v1/messages", body=STREAM)))
    answer = player(odd, strict=True).answer(ask())
    assert (seen(answer), made_up(answer)) == ((200, whole.body), None)


def message_of_no_stream():
    """A recording of the whole message, for a request without a stream."""
    whole = whole_message(load(HELLO))
    return replace(
        whole, head=replace(whole.head, request=Request(url="/v1/messages", body=b'{"model":"m"}'))
    )


@pytest.mark.parametrize("match", ["order", "any"])
def test_a_message_recorded_without_a_stream_becomes_one_that_says_so(match):
    answer = player(message_of_no_stream(), match=match).answer(ask())
    assert (answer.miss, made_up(answer)) == (None, "stream")
    assert answer.source.recording().message() == load(HELLO).message()


def test_strict_makes_no_stream_of_a_message():
    answer = player(message_of_no_stream(), strict=True).answer(ask())
    assert "was recorded without streaming, and strict forbids making up the events" in answer.miss


def test_by_body_a_request_for_no_stream_may_have_the_body_of_a_stream():
    body = json.loads(load(HELLO).request.body)
    del body["stream"]
    assert player(match="body").answer(ask(body=json.dumps(body).encode())).recording == str(HELLO)
    missed = player(match="body").answer(ask(body=json.dumps({**body, "model": "x"}).encode()))
    assert 'body.model is "x", recorded was "claude-haiku-4-5".' in missed.miss
    assert "stream" not in missed.miss


def test_a_name_is_in_the_header_or_is_the_model():
    playing = player(HELLO, ROOT / "recordings" / "tool_use.jsonl", match="name")
    assert playing.answer(ask(name=b"hello")).recording == str(HELLO)
    assert playing.answer(ask(body=b'{"model":"tool_use"}')).recording.endswith("tool_use.jsonl")


def test_with_loop_the_recordings_begin_again():
    playing = player(small(b"1"), small(b"2"), loop=True)
    assert [seen(playing.answer(ask()))[1] for _ in range(5)] == [b"1", b"2", b"1", b"2", b"1"]


def test_a_gateways_path_is_known_by_its_end():
    assert player().answer(ask("/anthropic/v1/messages?beta=true")).recording
    assert player().answer(ask("https://gateway.test/team/v1/messages")).recording


def test_every_recorded_path_is_answered():
    playing = player(
        small(b"fine", method="GET", url="https://x/health"),
        small(b"files", method="GET", url="https://x/v1/files"),
    )
    assert seen(playing.answer(ask("/health", b"", "GET"))) == (200, b"fine")
    assert seen(playing.answer(ask("/v1/files", b"", "HEAD"))) == (200, b"")
    assert seen(playing.answer(ask("/v1/files", b"", "GET"))) == (200, b"files")


# Misses.


def test_a_path_without_a_recording_is_a_miss_that_the_sdk_does_not_retry():
    answer = player().answer(ask("/v2/else"))
    message = (
        "inspector: no recording is for POST /v2/else. Recorded paths are /v1/messages. "
        "Give the client a base URL without a path."
    )
    assert (error_message(answer), answer.miss, answer.recording) == ((404, message), message, None)
    assert answer.source.head.response.headers["x-should-retry"] == "false"


def test_a_path_without_its_v1_is_explained():
    answer = player().answer(ask("/messages"))
    assert answer.miss.endswith("This client puts no /v1 before its paths: end its base URL with /v1.")


@pytest.mark.parametrize("match", ["name", "any"])
def test_by_name_and_any_the_path_does_not_matter(match):
    assert player(match=match).answer(ask("/else", name=b"hello")).recording == str(HELLO)


@pytest.mark.parametrize("target", ["", "*", "//[", "http://[", "/v1/messages\x00", "host:443"])
def test_a_strange_target_is_a_miss(target):
    assert player().answer(ask(target)).miss


def test_a_recording_that_cannot_be_read_any_more_is_an_error_that_says_so(tmp_path):
    lines = large_lines()[1]
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(lines[:500]) + b"no line of a recording\n" + b"".join(lines[500:]))
    answer = player(file).answer(ask(body=b"{}"))
    assert error_message(answer)[0] == 500
    assert answer.miss.startswith(f"inspector: a recording cannot be played: {file}:501: ")


def test_a_session_that_cannot_be_read_further_is_an_error_that_says_so(tmp_path):
    file = tmp_path / "session.jsonl"
    file.write_bytes(b"".join([*large_lines()[1], *dump(small(b"1")), b"no line of a recording\n", b"{}\n"]))
    playing = player(file)
    assert playing.answer(ask()).recording == str(file)
    answer = playing.answer(ask())
    assert error_message(answer)[0] == 500
    assert answer.miss.startswith(f"inspector: a recording cannot be played: {file}:")
    with pytest.raises(FormatError):
        playing.complete()


# What is made up.


def test_tokens_are_counted_by_a_guess_if_no_recording_counts_them():
    answer = player().answer(ask(COUNT, b"x" * 400))
    assert (seen(answer), made_up(answer)) == ((200, b'{"input_tokens":100}'), "token count")
    assert (answer.recording, answer.miss) == (None, None)
    recorded = small(b'{"input_tokens":7}', url=f"https://x{COUNT}")
    answer = player(recorded).answer(ask(COUNT))
    assert (seen(answer), made_up(answer)) == ((200, b'{"input_tokens":7}'), None)


def test_the_models_are_those_of_the_recorded_requests():
    playing = player(stream(START, model="b"), stream(START, model="a"), stream(START, model="b"))
    answer = playing.answer(ask("/v1/models?limit=5", b"", "GET"))
    page = json.loads(seen(answer)[1])
    assert [model["id"] for model in page.pop("data")] == ["b", "a"]
    assert page == {"has_more": False, "first_id": "b", "last_id": "a"}
    assert made_up(answer) == "list of models"
    assert json.loads(seen(playing.answer(ask("/v1/models/a", b"", "GET")))[1])["id"] == "a"
    assert playing.answer(ask("/v1/models/other", b"", "GET")).miss
    assert len(playing.unused) == 3


@pytest.mark.parametrize(
    "request_, what",
    [
        (ask(COUNT), "token count"),
        (ask("/v1/models", b"", "GET"), "list of models"),
        (ask("/v1/models/claude-haiku-4-5", b"", "GET"), "model"),
    ],
)
@pytest.mark.parametrize("match", ["order", "body", "name", "any"])
def test_strict_refuses_what_is_made_up(request_, what, match):
    answer = player(strict=True, match=match).answer(request_)
    assert error_message(answer) == (404, answer.miss)
    assert answer.miss == (
        f"inspector: no recording answers {request_.method} {request_.url}, and strict forbids making up "
        f"the {what}. Record this request, or leave strict out."
    )
    assert made_up(answer) is None


def test_strict_plays_what_was_recorded():
    recorded = small(b'{"input_tokens":7}', url=f"https://x{COUNT}")
    playing = player(recorded, HELLO, HELLO, strict=True)
    assert playing.answer(ask(COUNT)).recording
    assert playing.answer(ask()).recording
    assert json.loads(seen(playing.answer(ask(body=b"{}")))[1]) == load(HELLO).message()


# HEAD.


@pytest.mark.parametrize(
    "path, status, what",
    [
        ("/", 200, "answer to side traffic"),
        ("http://nowhere.test", 200, "answer to side traffic"),
        ("/v1/models", 200, "list of models"),
        ("/v1/messages", 405, None),
        ("/else", 404, None),
    ],
)
def test_head_has_no_body_and_uses_nothing_up(path, status, what):
    playing = player()
    answer = playing.answer(ask(path, b"", "HEAD"))
    assert (seen(answer), made_up(answer)) == ((status, b""), what)
    assert (answer.recording, answer.miss) == (None, None)
    assert playing.unused == [str(HELLO)]


def test_head_of_what_is_made_up_is_refused_by_strict():
    answer = player(strict=True).answer(ask("/v1/models", b"", "HEAD"))
    assert (seen(answer), "strict" in answer.miss) == ((404, b""), True)


# What is remembered.


def test_requests_are_numbered_and_remembered_with_their_answers():
    playing = player(keep=2)
    for path in ("/v1/messages", "/v1/models", "/v1/messages"):
        request = ask(path, b"", "GET" if "models" in path else "POST")
        answer = playing.answer(request)
        playing.remember(request, answer, seen(answer)[0])
    kept = [(each.number, each.path, each.recording, each.status) for each in playing.requests]
    assert kept == [(2, "/v1/models", None, 200), (3, "/v1/messages", None, 404)]
    assert [each.number for each in playing.misses] == [3]


def test_processes_that_share_a_port_number_apart():
    numbers = []
    for process in range(3):
        playing = player(loop=True)
        playing.share_numbers(process, 3)
        numbers.append([playing.remember(ask(), playing.answer(ask()), 200).number for _ in range(2)])
    assert numbers == [[1, 4], [2, 5], [3, 6]]


# Threads.


@pytest.mark.parametrize("match", ["order", "body", "any"])
def test_threads_get_each_recording_once(match):
    count = 200
    playing = player(*[small(b"%d" % number, body=STREAM) for number in range(count)], match=match)
    taken = []
    together = threading.Barrier(8)

    def work():
        together.wait(60)
        for _ in range(count // 8 + 5):
            taken.append(playing.answer(ask()))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    played = [int(answer.source.recording().body) for answer in taken if answer.miss is None]
    assert sorted(played) == list(range(count))
    assert len(taken) - len(played) == 40


def test_a_request_that_comes_while_another_is_matched_gets_another_recording():
    taken = []

    class Heads(list):
        """Has a second request come in the middle of the first."""

        other = None

        def __getitem__(self, position):
            if self.other is None:
                self.other = threading.Thread(target=lambda: taken.append(playing.answer(ask()).recording))
                self.other.start()
                self.other.join(0.05)
            return super().__getitem__(position)

    playing = player(HELLO, ROOT / "recordings" / "tool_use.jsonl")
    playing._heads = heads = Heads(playing._heads)
    taken.append(playing.answer(ask()).recording)
    heads.other.join(10)
    assert sorted(taken) == [str(HELLO), str(ROOT / "recordings" / "tool_use.jsonl")]


# Large files.


@pytest.fixture
def loads(monkeypatch):
    """The files that were read whole."""
    read, load_all = [], sources_module.load_all
    monkeypatch.setattr(sources_module, "load_all", lambda path: (read.append(path), load_all(path))[1])
    return read


@pytest.fixture
def large(tmp_path):
    """A large session of two recordings."""
    file = tmp_path / "large.jsonl"
    file.write_bytes(b"".join(large_lines()[1]))
    save(small(b"and more"), file.with_name("more.jsonl"))
    file.write_bytes(file.read_bytes() + file.with_name("more.jsonl").read_bytes())
    return file


def test_the_first_request_in_order_is_answered_without_reading_a_large_file(large, loads):
    playing = player(large)
    assert chunks_of(playing.answer(ask()).source.recording()) == large_lines()[0]
    assert loads == []
    assert seen(playing.answer(ask()))[1] == b"and more"
    assert playing.answer(ask()).miss
    assert loads == [large]


@pytest.mark.parametrize(
    "options, request_",
    [({"match": "any"}, ask()), ({"match": "body"}, ask(body=b"{}")), ({}, ask("/v1/models", b"", "GET"))],
)
def test_a_request_that_may_need_any_recording_finds_all_of_a_large_file(large, loads, options, request_):
    playing = player(large, **options)
    playing.answer(request_)
    assert len(playing.sources) == 2
    assert loads == [large]


def test_what_was_not_played_is_named_also_in_a_large_file(large):
    playing = player(large)
    playing.answer(ask())
    assert playing.unused == [f"{large}#2"]


# Wrong use.


@pytest.mark.parametrize(
    "recordings, options, message",
    [
        (
            [HELLO],
            {"match": "x"},
            "match='x' is not known; known are order, request, body, name, any, or a function",
        ),
        ([], {}, "no recordings to play: name at least one"),
    ],
)
def test_options_without_meaning_are_refused(recordings, options, message):
    with pytest.raises(UsageError) as raised:
        Player(sources(recordings), **options)
    assert str(raised.value) == message


def test_a_recording_without_a_response_is_an_answer():
    head = stream(START).head.__class__("", stream(START, STOP).request)
    lost = Recording(head, (), End(0.1, Ending.RESET))
    for body in (STREAM, b"{}"):
        assert player(lost).answer(ask(body=body)).source.head.response is None


def test_the_url_of_a_recording_does_not_have_to_be_one():
    assert player(small(b"1", url="")).answer(ask()).recording
    assert player(small(b"1", url=MESSAGES + "/")).answer(ask()).recording


def test_a_miss_does_not_name_a_member_that_neither_request_has(tmp_path):
    file = tmp_path / "one.jsonl"
    file.write_text('{"recording":1,"request":{"body":{"messages":[{"role":"user","content":"one"}]}}}\n')
    two = ask(body=b'{"messages":[{"role":"user","content":"two"}]}')
    (difference,) = player(file, match="request").answer(two).differences
    assert difference.startswith("body.messages[0].content")
