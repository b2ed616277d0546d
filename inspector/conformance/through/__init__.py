"""The probes of a hop, a module for each group. Importing a module registers its probes, in this order.

What a scripted upstream plays behind the hop is compared with what comes out in front.
"""

import importlib

__all__: list[str] = []

for _module in ("whole_streams", "broken_behind", "several_requests"):
    importlib.import_module(f"{__name__}.{_module}")
