"""What a person who is to be erased is named by."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from touchline.contracts import PersonalKind
from touchline.errors import TouchlineError
from touchline.landing.tokens import Tokeniser
from touchline.landing.values import BadValue

KINDS = ("email", "phone", "loyalty", "customer")
_NOTE = "#"


@dataclass(frozen=True)
class Identifier:
    """`kind`: email, phone (E.164), loyalty (a loyalty id) or customer (the warehouse's customer_id). `value` in its
    normal form; it is shown nowhere.
    """

    kind: str
    value: str = field(repr=False)


def read_identifiers(lines: Iterable[str], where: str) -> list[Identifier]:
    """One identifier a line, `<kind> <value>`; an address or a number with its country code names its own kind.

    Empty lines and those that begin with # are left out. Raises TouchlineError, which names the line and no value.
    """
    found = []
    for number, line in enumerate(lines, 1):
        if (text := line.strip()) and not text.startswith(_NOTE):
            found.append(_read(text, f"{where}, line {number}"))
    if not found:
        raise TouchlineError("Nobody is named", where=where, todo="give an identifier a line")
    return found


def _read(text: str, where: str) -> Identifier:
    kind, _, value = text.partition(" ")
    if kind not in KINDS:
        kind, value = ("email" if "@" in text else "phone" if text.startswith("+") else ""), text
    if not kind or not value.strip():
        todo = f"write its kind before it: {', '.join(KINDS)}"
        raise TouchlineError("Not an identifier", where=where, todo=todo)
    if kind not in list(PersonalKind):
        return Identifier(kind, value.strip())
    try:
        return Identifier(kind, Tokeniser(b"", None).normalise(PersonalKind(kind), value.strip())[1])
    except BadValue as error:
        wanted = "a phone number needs its country code, as in +49…"
        raise TouchlineError(f"The identifier is {error}", where=where, todo=wanted) from None
