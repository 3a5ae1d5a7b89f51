"""Who is who among the records of a build: `graph` decides, `store` reads and writes."""

from touchline.identity.graph import EDGES, NODES, IdentityRules, Resolution, resolve_components
from touchline.identity.store import IdentitySummary, resolve

__all__ = ["EDGES", "NODES", "IdentityRules", "IdentitySummary", "Resolution", "resolve", "resolve_components"]
