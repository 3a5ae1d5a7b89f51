"""What tells one state of a file from another without reading it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Stamp:
    """Size in bytes, time of the last change and, where a store gives one, the tag of this version (ETag)."""

    size: int
    modified_at: datetime
    etag: str | None = None

    def is_same(self, other: "Stamp") -> bool:
        """Whether both are of the same bytes. Tags decide where both have one: times come in many precisions."""
        if self.etag and other.etag:
            return (self.size, self.etag) == (other.size, other.etag)
        return (self.size, self.modified_at) == (other.size, other.modified_at)


def stamp_of(path: Path) -> Stamp:
    """The stamp of a local file; raises OSError."""
    status = path.stat()
    return Stamp(status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))
