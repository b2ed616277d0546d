"""The address of the manual, and of the pages that it makes from the registries.

The manual has a page for each rule, each fault and each command. A finding links to the page of its rule.
"""

from __future__ import annotations

__all__ = ["MANUAL", "command_page", "fault_page", "page", "rule_page"]

MANUAL = "https://sse-inspector.readthedocs.io/en/stable/"
"""Where the manual of the last release is."""


def page(name: str) -> str:
    """Return the address of a page that is written by hand, such as `tables` or `guides/cut_stream`."""
    return f"{MANUAL}{name}.html"


def rule_page(rule_id: str) -> str:
    """Return the address of a rule's page."""
    return f"{MANUAL}rules/{rule_id}.html"


def fault_page(name: str) -> str:
    """Return the address of a fault's page."""
    return f"{MANUAL}faults/{name}.html"


def command_page(name: str) -> str:
    """Return the address of a command's page, which also explains its options."""
    return f"{MANUAL}commands/{name}.html"
