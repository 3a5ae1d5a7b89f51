"""Plain weak attributes as the model compares them. What is here must reach no log, no file and no error."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

MAX_BEARERS = 100
"""What more contacts share (a default, a common name, a city) suggests no pairs; it still counts in those compared."""
RARE_BEARERS = 0.005
"""A word of a name is rare if at most this share of the contacts bears it."""
_TOGETHER = ("name and year", "name and place", "year and place", "year and word", "place and word")
_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")


@dataclass(frozen=True, repr=False)
class Contact:
    """A node of the identity graph with its attributes as delivered, normalised by landing."""

    node: str
    full_name: str | None = None
    birth_year: str | None = None
    postal_code: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(repr=False)
class Prepared:
    """A contact as the model compares it; None where nothing is known. `keys`: contacts that share one are compared."""

    node: str
    full_name: str | None
    birth_year: str | None
    postal_code: str | None
    email: str | None
    phone: str | None
    words: list[str] | None
    rare_words: list[str] | None = None
    name_key: str | None = None
    year_place_key: str | None = None
    email_key: str | None = None
    phone_key: str | None = None
    keys: list[str] = field(default_factory=list)


def prepare(contacts: Iterable[Contact]) -> list[Prepared]:
    """The contacts in the order of their nodes, comparable."""
    found = sorted((_prepared(contact) for contact in contacts), key=lambda row: row.node)
    bearers = Counter(word for row in found for word in row.words or ())
    most = max(2, RARE_BEARERS * len(found))
    keyed = [_keys(row) for row in found]
    usual = {key for key, count in Counter(key for keys in keyed for key in keys).items() if count <= MAX_BEARERS}
    for row, keys in zip(found, keyed, strict=True):
        row.rare_words = [word for word in row.words if bearers[word] <= most] if row.words else None
        row.keys = [key for key in keys if key in usual]
        row.name_key = _only(f"name {row.full_name}", usual)
        row.year_place_key = _only(f"year and place {row.birth_year} {row.postal_code}", usual)
        row.email_key, row.phone_key = _only(f"email {row.email}", usual), _only(f"phone {row.phone}", usual)
    return found


def agreeing_pairs(prepared: Sequence[Prepared]) -> int:
    """Pairs that are one person by every appearance: name and year, name and place, e-mail or phone are the same."""
    groups: dict[str, list[int]] = {}
    for number, row in enumerate(prepared):
        for key in row.keys:
            if key.startswith(("name and ", "email ", "phone ")):
                groups.setdefault(key, []).append(number)
    return len({pair for members in groups.values() for pair in combinations(members, 2)})


def pairs_by(keys: Iterable[str | None]) -> int:
    """How many pairs share a key."""
    return sum(count * (count - 1) // 2 for count in Counter(key for key in keys if key).values())


def _prepared(contact: Contact) -> Prepared:
    words = sorted(set(_words(contact.full_name or "")))
    year = _YEAR.search(contact.birth_year or "")
    return Prepared(
        node=contact.node,
        full_name=" ".join(words) or None,
        birth_year=year[0] if year else None,
        postal_code="".join(_WORD.findall((contact.postal_code or "").casefold())) or None,
        email=(contact.email or "").casefold() or None,
        phone=re.sub(r"\D", "", contact.phone or "") or None,
        # A single Latin letter is an initial, a single Chinese character may be a name.
        words=[word for word in words if len(word) > 1 or not word.isascii()] or None,
    )


def _words(text: str) -> Iterator[str]:
    """Words without case, accents and order: forms have no rule for which name comes first."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    yield from _WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))


def _keys(row: Prepared) -> list[str]:
    """Everything known of a contact, alone and two and two."""
    single = [("name", row.full_name), ("year", row.birth_year), ("place", row.postal_code)]
    single += [("email", row.email), ("phone", row.phone), *(("word", word) for word in row.words or ())]
    known = [(kind, value) for kind, value in single if value]
    pairs = [(one, other) for one, other in combinations(known, 2) if f"{one[0]} and {other[0]}" in _TOGETHER]
    return [
        *(f"{kind} {value}" for kind, value in known),
        *(f"{one[0]} and {other[0]} {one[1]} {other[1]}" for one, other in pairs),
    ]


def _only(key: str, usual: set[str]) -> str | None:
    return key if key in usual else None
