"""Mistakes that a type checker must find: each in a line that says `wrong`. `test_typing.py` reads it."""

from __future__ import annotations

import anthropic
import httpx

import inspector

inspector.tap(3)  # wrong
inspector.tap("recordings/").write()  # wrong
httpx.Client(event_hooks=inspector.tap)  # wrong
anthropic.DefaultHttpxClient(event_hooks=inspector.tap)  # wrong
print(inspector.load("recordings/hello.jsonl").response.status)  # wrong
print(inspector.load("recordings/hello.jsonl").end.how)  # wrong
inspector.save("recordings/hello.jsonl", 3)  # wrong
inspector.replay(speed="fast")  # wrong
