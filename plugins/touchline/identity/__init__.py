"""Who is who among the records of a build.

`components` decides, as a pure function, with the guards of `guards` over the arrays of `graph`. `store` keeps the
state of the build resolved last and solves anew what changed (`increment`); `redirects` keeps old customer ids valid.
"""

from touchline.identity.components import ComponentTooLargeError, customer_id, resolve_components
from touchline.identity.frames import EDGES, NODES, IdentityRules
from touchline.identity.rules import load_rules
from touchline.identity.store import IdentitySummary, resolve

__all__ = [
    "EDGES",
    "NODES",
    "ComponentTooLargeError",
    "IdentityRules",
    "IdentitySummary",
    "customer_id",
    "load_rules",
    "resolve",
    "resolve_components",
]
