"""Planted faults: repeated deliveries, older versions, broken records and mistyped personal data."""

import numpy as np

from touchline.synthetic.draw import between, pick
from touchline.synthetic.entities import Entity
from touchline.synthetic.writer import ExportFile, Record

BAD_INSTANT, BAD_AMOUNT, BAD_ENUM, BAD_EMAIL, BAD_PHONE = (
    "2026-02-30T25:61:00Z",
    "12,5O",
    "telegraph",
    "@@",
    "555-CALL",
)
PERSONAL = {"email": BAD_EMAIL, "phone": BAD_PHONE}


def repeat_records(file: ExportFile, share: float, rng: np.random.Generator) -> None:
    """Deliver a share of the file's records a second time, identical in every field."""
    originals = list(file.records)
    for _ in range(_share_of(len(originals), share)):
        _insert(file, list(pick(rng, originals)), rng)
        file.repeated += 1


def add_older_versions(file: ExportFile, versions: list[Record], rng: np.random.Generator) -> None:
    """Add earlier states of records that the file also holds in a later state."""
    for version in versions:
        _insert(file, version, rng)
        file.older_versions += 1


def mistype_personal_data(file: ExportFile, dirt: float, rng: np.random.Generator) -> None:
    """Mistype optional e-mails and phones in place; the rest of the record stays valid.

    Only records with a loyalty id are chosen, so a mistyped value does not cut a person's last link.
    """
    columns = file.entity.columns
    if "loyalty_id" not in columns or dirt <= 0:
        return
    loyalty, key = columns.index("loyalty_id"), columns.index(file.entity.key[0])
    for column, bad in PERSONAL.items():
        position = columns.index(column)
        filled = [record for record in file.records if record[loyalty] and record[position]]
        if not filled:
            continue
        chosen = rng.choice(len(filled), size=_share_of(len(filled), dirt), replace=False)
        for index in sorted(chosen.tolist()):
            filled[index][position] = bad
            file.bad_values.setdefault(column, []).append(filled[index][key])


def break_records(file: ExportFile, dirt: float, rng: np.random.Generator) -> None:
    """Add broken copies of records, one fault each; all good records stay in the file."""
    faults = _faults(file.entity)
    originals = list(file.records)
    for position in range(_share_of(len(originals), dirt)):
        reason = faults[position % len(faults)]
        record = _renamed(file.entity, list(pick(rng, originals)), position)
        _insert(file, _broken(file.entity, record, reason), rng)
        file.broken[reason] = file.broken.get(reason, 0) + 1


def _share_of(count: int, share: float) -> int:
    """Return the rounded share, at least one when anything is to be planted at all."""
    return max(1, round(count * share)) if share > 0 and count else 0


def _faults(entity: Entity) -> list[str]:
    possible = {
        "bad_timestamp": entity.instant,
        "non_numeric_amount": entity.amount,
        "missing_key": True,
        "invalid_enum": entity.enum,
        "too_many_fields": True,
    }
    return [reason for reason, column in possible.items() if column]


def _renamed(entity: Entity, record: Record, position: int) -> Record:
    """Give the copy a key of its own, so that nothing can mistake it for its original."""
    column = entity.columns.index(entity.key[-1] if entity.name == "transaction_lines" else entity.key[0])
    numbered = str(900 + position) if entity.key[-1] == "line_no" else f"{record[column]}-X{position}"
    record[column] = numbered
    return record


def _broken(entity: Entity, record: Record, reason: str) -> Record:
    if reason == "too_many_fields":
        return [*record, "surplus"]
    values = {
        "bad_timestamp": (entity.instant, BAD_INSTANT),
        "non_numeric_amount": (entity.amount, BAD_AMOUNT),
        "missing_key": (entity.key[0], ""),
        "invalid_enum": (entity.enum, BAD_ENUM),
    }
    column, value = values[reason]
    record[entity.columns.index(column or entity.key[0])] = value
    return record


def _insert(file: ExportFile, record: Record, rng: np.random.Generator) -> None:
    file.records.insert(between(rng, 0, len(file.records)), record)
