"""Erases persons: `identifiers` says who is meant, `people` finds what they are known by, `traces` looks where they are
written in plain words, `journal` remembers apart from the database, `run` leads. What severs rows: `tombstones`.
"""

from touchline.erasure.identifiers import Identifier, read_identifiers
from touchline.erasure.journal import require_applied
from touchline.erasure.run import Erased, erase, erase_again

__all__ = ["Erased", "Identifier", "erase", "erase_again", "read_identifiers", "require_applied"]
