"""Writes the exports that are measured: sales of a chain of stores, clean, one percent bad, or in Chinese."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = {
    "transaction_id": "text",
    "location_id": "text",
    "register_id": "text",
    "employee_id": "text",
    "loyalty_id": "text",
    "email": "text",
    "channel": "text",
    "closed_at": "timestamptz",
    "status": "text",
    "subtotal": "numeric(14,2)",
    "discount": "numeric(14,2)",
    "tax": "numeric(14,2)",
    "total": "numeric(14,2)",
    "currency": "text",
}
KINDS = ("clean", "bad", "chinese")
_CUSTOMERS = 100_000
_BAD_SHARE = 0.01
_WORDS = {
    "clean": ("store-", "register-", "employee-", "L"),
    "chinese": ("上海南京路店-", "收银台-", "员工王伟-", "会员"),
}


def write_export(path: Path, kind: str, records: int) -> None:
    """One csv file; equal arguments give equal bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(COLUMNS) + "\n")
        file.writelines(_lines(kind, records))


def _lines(kind: str, records: int) -> Iterator[str]:
    rng = random.Random(7)
    store, register, employee, loyalty = _WORDS.get(kind, _WORDS["clean"])
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for number in range(records):
        customer = rng.randrange(_CUSTOMERS)
        known = rng.random()
        subtotal = rng.randrange(100, 60_000)
        discount = subtotal // 10 if number % 5 == 0 else 0
        tax = (subtotal - discount) // 12
        moment = start + timedelta(seconds=number * 31_536_000 // records)
        fields = [
            f"T{number:09}",
            f"{store}{number % 300:03}",
            f"{register}{number % 7}",
            f"{employee}{number % 2500:04}",
            f"{loyalty}{customer:06}" if known < 0.5 else "",
            f"customer{customer}@example.com" if known < 0.3 else "",
            ("store", "store", "store", "web", "app")[number % 5],
            f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "completed",
            *(f"{cents // 100}.{cents % 100:02}" for cents in (subtotal, discount, tax, subtotal - discount + tax)),
            "USD",
        ]
        if kind == "bad" and rng.random() < _BAD_SHARE:
            fields = _spoilt(fields, number)
        yield ",".join(fields) + "\n"


def _spoilt(fields: list[str], number: int) -> list[str]:
    """What goes wrong in real exports: a time or an amount that is none, a field too many, an unknown status."""
    place, text = ((7, "yesterday"), (12, "12,5O"), (3, "a,b"), (8, "DONE"))[number % 4]
    return [*fields[:place], text, *fields[place + 1 :]]
