"""See, record, check and replay the raw event stream of the Claude Messages API."""

from inspector._version import __version__

__all__ = ["__version__"]
