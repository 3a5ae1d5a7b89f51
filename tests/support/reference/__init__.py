"""What the marts mean, in plain Python over lists of dictionaries: slow, small, and written from the definitions.

Sources: the descriptions of the models, docs/ and the contracts. Nothing here reads SQL or a database.
"""

from support.reference.marts import expected_marts
from support.reference.staged import Load, frozen_loads

__all__ = ["Load", "expected_marts", "frozen_loads"]
