"""See, record, check and replay the raw event stream of the Claude Messages API."""

from inspector._version import __version__
from inspector.readings.check import Finding, assert_clean, check

__all__ = ["Finding", "__version__", "assert_clean", "check"]
