"""Values that a company states to name nobody: a till's default phone, a test address.

The dbt seed `shared_identifiers` holds them in plain. It is not loaded into the warehouse, where plain values would lie
beside their tokens: it is read here, and only tokens leave.
"""

import csv
from pathlib import Path

from touchline.contracts import PersonalKind
from touchline.errors import TouchlineError
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

SEED = Path("seeds") / "shared_identifiers.csv"
COLUMNS = ("brand", "kind", "value", "note")
_PERSONAL = {"email": PersonalKind.EMAIL, "phone": PersonalKind.PHONE}


def stated_defaults(dbt_project: Path, token_key: bytes) -> frozenset[tuple[str, str]]:
    """The seed's rows as (brand or '*', node). Phones need their country code.

    Raises TouchlineError naming the row, never the value, when a row cannot be read.
    """
    tokeniser = Tokeniser(token_key, None)
    with (dbt_project / SEED).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise _error(1, f"the header is not {','.join(COLUMNS)}")
        return frozenset((row["brand"], _node(row, number, tokeniser)) for number, row in enumerate(reader, 2))


def _node(row: dict[str, str], number: int, tokeniser: Tokeniser) -> str:
    kind, value = row["kind"], (row["value"] or "").strip()
    if not row["brand"] or not value:
        raise _error(number, "brand or value is empty")
    if kind == "loyalty":
        return f"loyalty/{value}"
    if kind not in _PERSONAL:
        raise _error(number, "the kind is not email, phone or loyalty")
    try:
        return f"{kind}/{tokeniser.token(_PERSONAL[kind], value)[0]}"
    except BadValue as error:
        raise _error(number, f"the value is {error}") from None


def _error(line: int, what: str) -> TouchlineError:
    return TouchlineError(
        f"The seed of shared identifiers cannot be read: {what}",
        where=f"dbt_project/{SEED}, line {line}",
        todo="correct the line; phones are written with their country code (+49…)",
    )
