"""Contacts for weak evidence: public sets with known duplicates, and made-up people."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from touchline.weak_identity.attributes import Contact
from touchline.weak_identity.model import Pair

FIRST = ("Anna", "Boris", "Chloe", "Dario", "Elena", "Farid", "Greta", "Hugo")
LAST = ("Quastel", "Rimbaud", "Sorensen", "Tanaka", "Umbridge", "Vasquez", "Wolff", "Xylander", "Yilmaz", "Zoller")


def fake_1000(folder: Path) -> dict[str, tuple[str, Contact]]:
    """Node → (person, contact) of Splink's fake_1000: names, year of the date of birth, city for post code, e-mail."""
    with (folder / "identity" / "fake_1000.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["unique_id"]: (
                row["cluster"],
                Contact(
                    row["unique_id"], f"{row['first_name']} {row['surname']}", row["dob"][:4], row["city"], row["email"]
                ),
            )
            for row in csv.DictReader(file)
        }


def febrl_dataset1(folder: Path) -> dict[str, tuple[str, Contact]]:
    """Node → (person, contact) of FEBRL's dataset1: names, year of the date of birth, post code, and nothing else."""
    with (folder / "identity" / "dataset1.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name.strip(): value.strip() for name, value in row.items()} for row in csv.DictReader(file)]
    return {
        row["rec_id"]: (
            row["rec_id"].split("-")[1],
            Contact(row["rec_id"], f"{row['given_name']} {row['surname']}", row["date_of_birth"][:4], row["postcode"]),
        )
        for row in rows
    }


def precision_and_recall(
    known: dict[str, tuple[str, Contact]], pairs: Sequence[Pair], threshold: float
) -> tuple[float, float]:
    """Share of the pairs from a threshold on that are one person's; share of all pairs of one person among them."""
    found = [pair for pair in pairs if pair.probability >= threshold]
    right = sum(known[pair.left_node][0] == known[pair.right_node][0] for pair in found)
    of_one_person = sum(n * (n - 1) // 2 for n in Counter(person for person, _ in known.values()).values())
    return right / len(found), right / of_one_person


def people(duplicated: int = 40) -> list[tuple[str, str, str, str]]:
    """(contact, name, year, post code): 80 people, each at a place of their own, some of them entered twice."""
    made = []
    for number in range(len(FIRST) * len(LAST)):
        name = f"{FIRST[number % 8]} {LAST[number // 8]}"
        row = (name, str(1950 + number % 37), f"{10007 + 131 * number}")
        made.append((f"c{number}", *row))
        if number < duplicated:
            # Half of the second entries have a slip in the post code.
            place = row[2] if number % 2 else f"{row[2][:-1]}X"
            made.append((f"d{number}", f"{LAST[number // 8].upper()}, {FIRST[number % 8]}", row[1], place))
    return made
