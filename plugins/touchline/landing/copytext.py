"""Postgres' COPY text: how a typed row is written, and the digest that identifies what it says."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from touchline.landing.values import Value

NULL = r"\N"
SEPARATOR = "\t"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_DIGEST = hashlib.blake2b(digest_size=16)


def encode(value: Value | UUID) -> str:
    """One value as a COPY field; equal values give equal text."""
    match value:
        case None:
            return NULL
        case str():
            return value.translate(_ESCAPES)
        case bool():
            return "t" if value else "f"
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.isoformat(" ")
        case UUID():
            return value.hex
        case _:
            return str(value)


def line(values: Iterable[Value | UUID]) -> str:
    """Values as the fields of one row, without the line end."""
    return SEPARATOR.join(map(encode, values))


def payload_hashes(lines: Sequence[bytes]) -> list[str]:
    """BLAKE2b-128 of each row's COPY text, in hexadecimal."""
    digests = []
    for text in lines:
        # A copy of an empty state is made quicker than a new one.
        digest = _DIGEST.copy()
        digest.update(text)
        digests.append(digest.hexdigest())
    return digests
