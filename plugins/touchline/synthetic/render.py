"""Values as export text: ISO 8601 instants with offset, decimal-point money, true/false, empty for null."""

from datetime import UTC, datetime, tzinfo

Row = dict[str, str]


def instant(epoch: int | None, zone: tzinfo | None = None) -> str:
    """Return an instant with seconds and offset: ``Z`` without a zone, else the zone's local offset."""
    if epoch is None:
        return ""
    if zone is None:
        return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return datetime.fromtimestamp(epoch, zone).isoformat()


def day(epoch: int | None) -> str:
    """Return the UTC date of an instant."""
    return "" if epoch is None else datetime.fromtimestamp(epoch, UTC).date().isoformat()


def month(epoch: int) -> str:
    """Return the UTC month of an instant as ``YYYY-MM``."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m")


def money(cents: int | None) -> str:
    """Return an amount of cents with two decimals."""
    if cents is None:
        return ""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def flag(value: bool | None) -> str:
    """Return true, false or empty."""
    return "" if value is None else str(value).lower()


def number(value: int | None) -> str:
    """Return an integer or empty."""
    return "" if value is None else str(value)
