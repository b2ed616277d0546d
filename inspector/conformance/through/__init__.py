"""The probes of a hop, a module for each group. Importing a module registers its probes, in this order.

What a scripted upstream plays behind the hop is compared with what comes out in front.
"""

from inspector.conformance.through import whole_streams, failures, connections  # noqa: F401, I001 - in order

__all__: list[str] = []
