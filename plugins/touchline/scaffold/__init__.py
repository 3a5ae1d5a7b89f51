"""Proposes a source file from a sample of an export, and says what it is unsure of."""

from touchline.scaffold.propose import Written, new_source

__all__ = ["Written", "new_source"]
