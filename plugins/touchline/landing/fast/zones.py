"""Offsets of a zone for whole columns of local times, taken from the same rules as the exact judge's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_HOUR = 3600
_FIRST_HOUR = int(datetime(1900, 1, 1, tzinfo=UTC).timestamp()) // _HOUR
_HOURS = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) // _HOUR - _FIRST_HOUR
_UNKNOWN = np.iinfo(np.int32).max
CHANGES = _UNKNOWN - 1
"""The offset is not the same all through this hour."""
_PROBES = (timedelta(0), timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=45))
_LAST = timedelta(minutes=59, seconds=59, microseconds=999_999)


class LocalOffsets:
    """Seconds east of UTC of the local hours of one zone, 1900 to 2099; looked up once each."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._table = np.full(_HOURS, _UNKNOWN, np.int32)

    def of(self, local_seconds: NDArray[np.int64]) -> NDArray[np.int32]:
        """Offsets of wall-clock times given as seconds since 1970 as if they were UTC; CHANGES where in doubt."""
        hours = local_seconds // _HOUR - _FIRST_HOUR
        offsets = self._table[hours]
        unknown = offsets == _UNKNOWN
        if unknown.any():
            for hour in np.unique(hours[unknown]).tolist():
                self._table[hour] = self._offset(hour)
            offsets = self._table[hours]
        return offsets

    def _offset(self, hour: int) -> int:
        start = datetime.fromtimestamp((hour + _FIRST_HOUR) * _HOUR, UTC).replace(tzinfo=None)
        found = {(start + after).replace(tzinfo=self._zone).utcoffset() for after in (*_PROBES, _LAST)}
        offset = found.pop()
        if found or offset is None or offset.microseconds:
            return CHANGES
        return round(offset.total_seconds())
