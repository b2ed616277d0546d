"""What a redaction takes, and what it says of what it does not take."""

from __future__ import annotations

import pytest

from inspector.redact import CONTENT, Redaction


@pytest.mark.parametrize("what", ["prompts,outputs", ["prompts", "outputs"], ["prompts, outputs"]])
def test_names_come_as_a_list_or_with_commas(what):
    redaction = Redaction(what)
    assert redaction.content == {"prompts", "outputs"}
    assert redaction.ids and redaction.whole


def test_by_default_only_ids_are_hidden_as_they_come():
    assert Redaction().ids and not Redaction().whole
    assert not Redaction("no-ids").ids
    assert Redaction(patterns={"ticket": r"T-\d+"}).whole


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"what": "prompt"}, f"'prompt' cannot be redacted; known are {', '.join(CONTENT)}, no-ids"),
        ({"patterns": {"a": "("}}, r"'\('.* is no regular expression for RE2: missing \)"),
        ({"patterns": {"a b": "x"}}, "'a b' is no name for a pattern"),
    ],
)
def test_a_wrong_choice_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Redaction(**arguments)
