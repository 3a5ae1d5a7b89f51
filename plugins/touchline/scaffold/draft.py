"""A proposal as lines: what would be written, and what is unsure about each."""

from dataclasses import dataclass, field
from typing import Any, Final

NOTHING: Final = object()
"""In the place of a value: the line holds doubts only."""


@dataclass
class Line:
    """`key: value` of the source file, or only the doubts that stand in its place."""

    key: str
    value: Any = NOTHING
    doubts: list[str] = field(default_factory=list)
    is_missing: bool = False
    """A required contract column that nothing gives."""


@dataclass
class Draft:
    """A whole proposal for one export of one source."""

    preamble: list[str]
    source: list[Line]
    export: list[Line]
    entity: str
    map: list[Line]

    @property
    def is_mapped(self) -> bool:
        return any(line.value is not NOTHING for line in self.map)

    @property
    def missing(self) -> list[str]:
        return [line.key for line in self.map if line.is_missing]

    @property
    def doubts(self) -> list[tuple[str, str]]:
        """(what, why) of everything unsure, in the order of the file."""
        lines = [*self.source, *self.export, *self.map]
        return [(line.key, doubt) for line in lines for doubt in line.doubts]
