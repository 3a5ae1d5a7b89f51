"""Keeps the warehouse small: `compaction` of schema `raw`, `history` of what ran, `horizon` of what can be built."""

from touchline.maintenance.run import Maintained, maintain

__all__ = ["Maintained", "maintain"]
