"""A parameter reads its value from text, or says what it expected."""

from __future__ import annotations

import pytest

from inspector import faults
from inspector.faults import parameters as p

CHOICE = p.choice("mode", "how", {"soft": "a little", "hard": "a lot"})
CHOICES = p.choices("fields", "which", "id", "model", "role")
COUNT = p.count("times", "how often", 3, least=1, most=5_000_000)
SIGNED = p.count("delta", "how many more", 1, least=-10)
FRACTION = p.fraction("ratio", "which part", 0.5, most=1)
SECONDS = p.seconds("secs", "how long", 15.0)
FOREVER = p.seconds("secs", "how long; default: forever", None, forever=True)
SWITCH = p.switch("named", "whether", False)
TEXT = p.text("text", "what", "hello")
SOME_TEXT = p.text("to", "what", None, least=1)
NAME = p.identifier("type", "which", "a_b")


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (CHOICE, "hard", "hard"),
        (CHOICES, "model+id", "model+id"),
        (COUNT, "4", 4),
        (COUNT, "2k", 2000),
        (COUNT, "2kB", 2000),
        (COUNT, "3M", 3_000_000),
        (SIGNED, "-5", -5),
        (SIGNED, "+5", 5),
        (FRACTION, "0.25", 0.25),
        (FRACTION, "1e-1", 0.1),
        (SECONDS, "15", 15.0),
        (SECONDS, ".5s", 0.5),
        (SECONDS, "250ms", 0.25),
        (SECONDS, "2m", 120.0),
        (SECONDS, "1h", 3600.0),
        (FOREVER, "forever", None),
        (FOREVER, "3s", 3.0),
        (SWITCH, "yes", True),
        (SWITCH, "true", True),
        (SWITCH, "no", False),
        (SWITCH, "false", False),
        (TEXT, "", ""),
        (TEXT, "é 💥 = @", "é 💥 = @"),
        (NAME, "rate.limit-error_2", "rate.limit-error_2"),
    ],
)
def test_a_value_is_read(parameter, text, value):
    assert parameter.read(text) == value
    assert type(parameter.read(text)) is type(value)


@pytest.mark.parametrize(
    ("parameter", "text", "expected"),
    [
        (CHOICE, "medium", "one of soft, hard"),
        (CHOICES, "id+name", "one or more of id, model, role, joined by +"),
        (COUNT, "0", "a whole number from 1 to 5000000"),
        (COUNT, "6M", "a whole number from 1 to 5000000"),
        (COUNT, "1.5", "a whole number from 1 to 5000000"),
        (COUNT, "-1", "a whole number from 1 to 5000000"),
        (SIGNED, "-11", "a whole number from -10 to 100000000"),
        (FRACTION, "1.1", "a number from 0 to 1"),
        (FRACTION, "nan", "a number from 0 to 1"),
        (FRACTION, "half", "a number from 0 to 1"),
        (SECONDS, "forever", "a time such as 15s, 250ms or 2m"),
        (SECONDS, "5 s", "a time such as 15s, 250ms or 2m"),
        (FOREVER, "5x", "a time such as 15s, 250ms or 2m, or forever"),
        (SWITCH, "maybe", "yes or no"),
        (TEXT, "two\nlines", "text on one line"),
        (SOME_TEXT, "", "text on one line, not empty"),
        (NAME, "a b", "a name of letters, digits, _, . and -"),
        (NAME, "", "a name of letters, digits, _, . and -"),
    ],
)
def test_a_value_that_cannot_be_read_says_what_was_expected(parameter, text, expected):
    with pytest.raises(ValueError) as error:
        parameter.read(text)
    assert str(error.value) == f"expected {expected}"


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (CHOICE, "how; default: soft"),
        (FRACTION, "which part; default: 0.5"),
        (SECONDS, "how long; default: 15"),
        (FOREVER, "how long; default: forever"),
        (SWITCH, "whether; default: no"),
    ],
)
def test_the_help_has_the_default(parameter, text):
    assert parameter.help == text


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_every_default_can_be_written(kind):
    for parameter in kind.parameters:
        if parameter.default is not None:
            assert parameter.read(parameter.default_text) == parameter.default
        assert "default: " in parameter.help


@pytest.mark.parametrize("kind", faults.FAULTS.values(), ids=lambda kind: kind.name)
def test_every_option_has_a_meaning(kind):
    for parameter in kind.parameters:
        words = [word for word in parameter.options if word.islower()]
        assert all(parameter.read(word) == word for word in words)
        assert all(parameter.options.values())
        assert (
            "|" not in parameter.shape
            or parameter.options
            or parameter.shape
            in (
                "yes|no",
                "SECONDS|forever",
            )
        )
