"""A name before `=` or `:` makes a value a secret, unless that is a word, a variable or made up."""

from __future__ import annotations

import json

import pytest

from inspector.redact import Mask, scan
from inspector.redact.prefilter import may_hold_secret

HIDDEN = [
    ("AWS_SECRET_ACCESS_KEY=", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ1xW9kLm2", ""),
    ('export MY_API_KEY="', "Zq8d7f6a5s4d3f2a1Zq8d7f6a5", '"'),
    ("DB_PASSWORD=", "Zq8d7f6a5s4d3f", ""),
    ("DB_PASSWORD=", "correct-horse-battery", ""),
    ("MY_API_KEY=", "qWmZpRtKvXbNcHdLfGsJ", ""),
    ("DB_PASSWORD='", "12345678", "'"),
    ("docker run -e APIKEY=", "Zq8d7f6a5s4d3f", " image"),
    ("(with GH_TOKEN=", "Zq8d7f6a5s4d3f", "), once"),
    ('CLIENT_SECRET = "', "Zq8d7f6a5s4d3f", '"'),
    (r"MY_API_KEY=\u0022", "Zq8d7f6a5s4d3f", r"\u0022"),
    ("x-api-key: ", "Zq8d7f6a5s4d3f2a1Zq8d7f6a5", ""),
    ("curl -H 'X-Api-Key:", "Zq8d7f6a5s4d3f", "' https://h/"),
    ("api-key: ", "Zq8d7f6a5s4d3f", ""),
    ("Authorization: ", "Zq8d7f6a5s4d3f", ""),
    ("authorization: Token ", "Zq8d7f6a5s4d3f", ""),
]
SHOWN = """
    API_KEY=your-key-here|API_KEY=<your key>|API_KEY=xxxxxxxxxxxx|API_KEY=sk-xxxxxxxx|API_KEY=************
    API_KEY=$OTHER_KEY_1|API_KEY=${OTHER_KEY_1}|API_KEY=$(pass show key1)|API_KEY={{ vault.key1 }}
    API_KEY=process.env.KEY_1|API_KEY=os.environ["KEY_1"]|API_KEY=os.getenv("KEY_1")|API_KEY=read_key1("file")
    API_KEY=None|API_KEY=undefined|API_KEY=my_variable|API_KEY=short1|API_KEY=|API_KEY="" or other1234
    DB_PASSWORD=postgresql|DB_PASSWORD=changeme|DB_PASSWORD=test-password|API_KEY=test-key-123|API_KEY=sk-ant-...
    PRIVATE_KEY=/etc/ssl/key1.pem|GOOGLE_APPLICATION_CREDENTIALS=~/Keys/key1.json|TOKEN=https://h/token1
    NEXT_TOKEN=text_delta|STOP_TOKEN = "<|endoftext|>"|SECRET = "this is a secret 1"|API_KEY = compute12345
    MAX_TOKENS=1024000000|PASSWORD_FILE=a0123456789|KEY=a0123456789|PWD=/home/a0123456789
    password: Zq8d7f6a5s4d3f|the password is Zq8d7f6a5s4d3f|api_key=Zq8d7f6a5s4d3f|token=Zq8d7f6a5s4d3f
    x-api-key: required|authorization: none-at-all|api-key: $KEY_12345|Authorization: Bearer $TOKEN_1234
"""
TABLE = [text.strip() for line in SHOWN.strip().splitlines() for text in line.replace("<|", "<¦").split("|")]


def nested(text, depth):
    return nested(json.dumps({"t": text, "n": 1}), depth - 1) if depth else text


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(("before", "secret", "after"), HIDDEN)
def test_what_is_called_like_a_secret_is_hidden_at_every_depth(before, secret, after, depth):
    text = nested(f"first\n{before}{secret}{after}\nHOME=/root\n", depth)
    masked = Mask().text(text)
    assert masked == nested(f"first\n{before}{'*' * len(secret)}{after}\nHOME=/root\n", depth)
    assert [kind for _, kind in scan(text.encode())] == ["assignment"]
    assert Mask().text(masked) == masked and not list(scan(masked.encode()))
    assert may_hold_secret(text.encode())


@pytest.mark.parametrize("text", TABLE)
def test_what_only_looks_like_an_assignment_of_a_secret_is_shown(text):
    text = text.replace("¦", "|")
    for whole in (text, nested(f"a\n{text}\nb", 1)):
        assert Mask().text(whole) == whole


def test_a_key_that_its_shape_gives_away_keeps_its_prefix_and_its_kind():
    text = b"OPENAI_API_KEY=sk-proj-q7W2e9R4t1Y6u3I8o5P0 x-api-key: sk-ant-api03-q7W2e9R4t1Y6"
    assert [kind for _, kind in scan(text)] == ["key", "key"]
    assert b"=sk-proj-****" in Mask()(text)


def test_the_value_is_hidden_as_it_comes():
    part = Mask().part
    assert part(b"A_API_KEY=Zq8") == b"A_API_KEY=Zq8"
    assert part(b"A_API_KEY=Zq8d") == b"A_API_KEY=****"
    assert part(b"A_API_KEY=your") == b"A_API_KEY=your"
    assert part(b"A_API_KEY=proc") == b"A_API_KEY=proc"


def test_a_long_value_costs_no_more_than_its_length():
    steps = [len(list(scan(b"API_KEY=" * count))) for count in (1000, 2000)]
    assert steps[1] <= 2 * steps[0] + 2
