"""The checks, a module for each group. Importing a module registers its checks, in this order."""

from inspector.resilience.client_checks import (  # noqa: F401 - the order in which checks are listed
    accepting,
    giving_up,
    retrying,
    tools_and_text,
)
from inspector.resilience.client_findings import CLIENT_CHECKS

__all__ = ["CLIENT_CHECKS"]
