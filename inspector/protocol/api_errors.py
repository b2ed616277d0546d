"""The API's errors: type, HTTP status and message, in one table.

Types and statuses come from https://platform.claude.com/docs/en/api/errors and from anthropic 2.12. The
messages are those of the API, or similar: inspector needs them for the errors that it makes itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["API_ERRORS", "ERROR_TYPES", "ApiError", "error_for_status", "error_payload", "status_of"]


class ApiError(NamedTuple):
    """One kind of error: its `type` in the error object, its HTTP `status`, its usual message."""

    type: str
    status: int
    message: str


API_ERRORS = (
    ApiError("invalid_request_error", 400, "Invalid request"),
    ApiError("authentication_error", 401, "invalid x-api-key"),
    ApiError("billing_error", 402, "Your account cannot be billed"),
    ApiError("permission_error", 403, "Your account has no permission for this"),
    ApiError("not_found_error", 404, "Not found"),
    ApiError("conflict_error", 409, "Conflict"),
    ApiError("memory_path_conflict_error", 409, "Conflict"),
    ApiError("memory_precondition_failed_error", 412, "Precondition failed"),
    ApiError("request_too_large", 413, "Request exceeds the maximum size"),
    ApiError("rate_limit_error", 429, "This request would exceed your account's rate limit"),
    ApiError("api_error", 500, "Internal server error"),
    ApiError("timeout_error", 504, "Request timed out"),
    ApiError("overloaded_error", 529, "Overloaded"),
)
"""Every kind of error that this version knows. The API may add others."""

ERROR_TYPES = frozenset(error.type for error in API_ERRORS)
"""The error types that this version knows."""

_BY_TYPE = {error.type: error for error in API_ERRORS}
_BY_STATUS = {error.status: error for error in reversed(API_ERRORS)}


def status_of(type_: str) -> int:
    """Return the HTTP status of an error type; 500 for an unknown type."""
    return _BY_TYPE[type_].status if type_ in _BY_TYPE else 500


def error_for_status(status: int) -> ApiError:
    """Return the error that the API sends with an HTTP status; a general error for any other status."""
    general = ApiError("api_error" if status >= 500 else "invalid_request_error", status, "Error")
    return _BY_STATUS.get(status, general)


def error_payload(type_: str, message: str | None = None) -> dict[str, Any]:
    """Return an error in the API's own shape: the body of a response, or the payload of an `error` event.

    `message` None means the usual message of the type.
    """
    if message is None:
        message = _BY_TYPE[type_].message if type_ in _BY_TYPE else "Error"
    return {"type": "error", "error": {"type": type_, "message": message}}
