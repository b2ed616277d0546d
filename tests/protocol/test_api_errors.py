"""The table of errors agrees with the installed SDK: its types, and the statuses of its exceptions."""

from __future__ import annotations

import typing

import anthropic
import pytest

from inspector.protocol.api_errors import API_ERRORS, ERROR_TYPES, error_for_status, error_payload, status_of


def test_every_type_the_sdk_knows_is_in_the_table():
    shared = pytest.importorskip("anthropic.types.shared")
    if not hasattr(shared, "ErrorType"):
        pytest.skip("this SDK has no list of error types")
    assert set(typing.get_args(shared.ErrorType)) - ERROR_TYPES == set()


WITHOUT_A_CLASS = {402, 412}
"""Statuses for which older SDKs raise `APIStatusError` itself."""


@pytest.mark.parametrize("error", API_ERRORS, ids=lambda error: error.type)
def test_the_sdk_raises_an_exception_of_that_status(error):
    raised = vars(anthropic._exceptions).values()
    known = {each.status_code for each in raised if isinstance(getattr(each, "status_code", None), int)}
    assert error.status in known | WITHOUT_A_CLASS | {500}


def test_a_type_has_one_status_and_an_unknown_one_is_a_server_error():
    assert [status_of(error.type) for error in API_ERRORS] == [error.status for error in API_ERRORS]
    assert status_of("brand_new_error") == 500


@pytest.mark.parametrize(
    ("status", "type_"),
    [(400, "invalid_request_error"), (409, "conflict_error"), (529, "overloaded_error")],
)
def test_a_status_gives_the_error_that_the_api_sends_with_it(status, type_):
    assert error_for_status(status).type == type_


@pytest.mark.parametrize(("status", "type_"), [(418, "invalid_request_error"), (503, "api_error")])
def test_any_other_status_gives_a_general_error(status, type_):
    assert error_for_status(status) == (type_, status, "Error")


def test_a_payload_has_the_usual_text_unless_it_is_given_one():
    assert error_payload("overloaded_error")["error"] == {"type": "overloaded_error", "message": "Overloaded"}
    assert error_payload("overloaded_error", "Busy")["error"]["message"] == "Busy"
    assert error_payload("brand_new_error")["error"]["message"] == "Error"
