"""Dates in files of other tools, and the form that a recording's head has."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["moment_of", "stamp"]


def moment_of(value: object) -> datetime | None:
    """Return the UTC time that a date of ISO 8601 or of HTTP means; None if it is neither.

    A date without a zone is taken as UTC.
    """
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(str(value))
            zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return zoned.astimezone(UTC)
        except (ValueError, OverflowError, TypeError):
            continue
    return None


def stamp(moment: datetime | None) -> str:
    """Write a UTC time as a recording's head has it; empty for None."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else ""
