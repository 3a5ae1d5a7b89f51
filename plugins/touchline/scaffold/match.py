"""Which contract the columns of a sample resemble most, and which export column each contract column takes."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from touchline.contracts import Column as Target
from touchline.contracts import ColumnType, Contract, PersonalKind
from touchline.errors import TouchlineError
from touchline.scaffold.columns import SHARE, Column
from touchline.scaffold.names import normalised, singular, tokens
from touchline.scaffold.synonyms import COLUMNS, CONSTANTS, ENTITIES, WORDS

EXACT, SYNONYM, PREFIXED, SIMILAR, CONTENT = 1.0, 0.9, 0.8, 0.7, 0.5
_CLOSE = 0.1
_MANY = 8
"""More columns than these prove no more."""
_SUFFIXES = {
    "_at": ("", "_on", "_date", "_time", "_timestamp", "_datetime"),
    "_date": ("", "_on", "_at", "_day"),
    "_seconds": ("", "_sec", "_secs", "_s", "_duration", "_time"),
    "_id": ("_no", "_number", "_code", "_nr", "_key"),
    "_code": ("", "_id", "_name"),
}


@dataclass(frozen=True)
class Match:
    """An export column for a contract column; `confidence` is one of the levels above."""

    column: Column
    confidence: float


@dataclass(frozen=True)
class Fit:
    """How the sample fits one contract. `refused`: contract column → why a column of that name was not taken."""

    contract: Contract
    matches: Mapping[str, Match]
    refused: Mapping[str, str]
    score: float

    @property
    def name(self) -> str:
        return f"{self.contract.kind}.{self.contract.entity}"


def known_names(contracts: Iterable[Contract]) -> frozenset[str]:
    """Every normalised name a header could hold."""
    names = {column.name for contract in contracts for column in contract.columns}
    return frozenset(names | {name for others in COLUMNS.values() for name in others.split()})


def best_fits(
    columns: Collection[Column], contracts: Collection[Contract], kind: str | None, entity: str | None, hints: str
) -> list[Fit]:
    """Fits, best first, of the contracts that `kind` and `entity` leave; the others are close rivals.

    `hints` are names (of the file, of the source) that may tell the entity.
    Raises TouchlineError for an unknown kind or entity, and if nothing fits and no entity was given.
    """
    chosen = [c for c in contracts if kind in (None, c.kind) and entity in (None, c.entity)]
    if not chosen:
        known = ", ".join(sorted(f"{c.kind}.{c.entity}" for c in contracts if kind in (None, c.kind)))
        raise TouchlineError(f"No contract for {kind or 'any kind'}, {entity or 'any entity'}", todo=f"known: {known}")
    fits = sorted((_fit(columns, contract, hints) for contract in chosen), key=lambda fit: -fit.score)
    if not fits[0].matches and len(chosen) > 1:
        known = ", ".join(sorted(fit.name for fit in fits))
        raise TouchlineError("No contract resembles the columns", todo=f"give --kind and --entity, one of: {known}")
    return [fits[0], *(fit for fit in fits[1:] if fit.matches and fit.score > fits[0].score - _CLOSE)]


def _fit(columns: Collection[Column], contract: Contract, hints: str) -> Fit:
    candidates = []
    refused: dict[str, str] = {}
    for order, target in enumerate(contract.columns):
        for position, column in enumerate(columns):
            confidence = _confidence(column.name, target.name, contract)
            if not confidence:
                continue
            if why := misfit(target, column):
                refused.setdefault(target.name, why)
            else:
                rank = _rank(column.name, target.name, contract)
                candidates.append((-confidence, not target.is_required, rank, order, position, target, column))
    matches: dict[str, Match] = {}
    taken: set[str] = set()
    for minus, *_, target, column in sorted(candidates, key=lambda item: item[:5]):
        if target.name not in matches and column.name not in taken:
            matches[target.name] = Match(column, -minus)
            taken.add(column.name)
    _match_personal(columns, contract, matches, taken)
    refused = {name: why for name, why in refused.items() if name not in matches}
    return Fit(contract, matches, refused, _score(columns, contract, matches, hints))


def _match_personal(
    columns: Collection[Column], contract: Contract, matches: dict[str, Match], taken: set[str]
) -> None:
    """Columns that hold e-mail addresses or phone numbers, whatever they are called, if just one is left."""
    for target in contract.columns:
        if target.personal is None or target.personal is PersonalKind.TEXT or target.name in matches:
            continue
        kinds = (
            {PersonalKind.EMAIL, PersonalKind.PHONE} if target.personal is PersonalKind.ENDPOINT else {target.personal}
        )
        left = [column for column in columns if column.personal in kinds and column.name not in taken]
        if len(left) == 1:
            matches[target.name] = Match(left[0], CONTENT)
            taken.add(left[0].name)


def _confidence(name: str, target: str, contract: Contract) -> float:
    plain = normalised(name)
    if plain == target:
        return EXACT
    if plain in _synonyms(target, contract.kind, contract.entity):
        return SYNONYM
    thing = singular(contract.entity)
    if plain == "id":
        return SIMILAR if target == f"{thing}_id" else 0.0
    if plain == f"{thing}_{target}" or target == f"{thing}_{plain}":
        return PREFIXED
    for suffix, others in _SUFFIXES.items():
        if target.endswith(suffix) and plain in {target.removesuffix(suffix) + other for other in others}:
            return SIMILAR
    return SIMILAR if re.fullmatch(rf"(is|has)_{re.escape(plain)}", target) else 0.0


@cache
def _synonyms(target: str, kind: str, entity: str) -> tuple[str, ...]:
    keys = (f"{kind}.{entity}.{target}", target)
    return tuple(name for key in keys for name in COLUMNS.get(key, "").split())


def _rank(name: str, target: str, contract: Contract) -> int:
    """Names that are listed first are meant more often."""
    known = _synonyms(target, contract.kind, contract.entity)
    plain = normalised(name)
    return known.index(plain) if plain in known else 0


def required(contract: Contract) -> list[Target]:
    """Columns a mapping must give: no contract default, and no default of the source."""
    return [c for c in contract.columns if c.is_required and c.default is None and c.name != "currency"]


def constant_for(contract: Contract, target: Target) -> str | bool | int | None:
    """The value assumed for a required column that no export column gives."""
    return CONSTANTS.get(f"{contract.kind}.{contract.entity}.{target.name}") if target.is_required else None


def _score(columns: Collection[Column], contract: Contract, matches: Mapping[str, Match], hints: str) -> float:
    """Share of the header explained and of the required columns found, and whether names speak of the entity."""
    needed = required(contract)
    explained = sum(match.confidence for match in matches.values()) / len(columns)
    found = sum(
        matches[c.name].confidence if c.name in matches else 0.3 if constant_for(contract, c) is not None else 0.0
        for c in needed
    ) / (len(needed) or 1)
    lost_key = 0.15 * sum(not _may_be_key(key, contract, matches) for key in contract.key) / (len(contract.key) or 1)
    return 0.3 * explained + 0.2 * min(1, len(matches) / _MANY) + 0.5 * found + _hinted(contract, hints) - lost_key


def _hinted(contract: Contract, hints: str) -> float:
    """What the names of file and source add: the entity's own words, or other words for it."""
    words = {singular(word) for word in tokens(hints)}
    spoken = {singular(word) for word in tokens(contract.entity)}
    if spoken <= words:
        return 0.1 * len(spoken)
    return 0.1 if words & set(ENTITIES.get(f"{contract.kind}.{contract.entity}", "").split()) else 0.0


def _may_be_key(key: Target, contract: Contract, matches: Mapping[str, Match]) -> bool:
    """Whether a column is found and, if it is the whole key, hardly ever repeats."""
    if key.name not in matches:
        return False
    return len(contract.key) > 1 or not matches[key.name].column.repeats


def misfit(target: Target, column: Column) -> str | None:
    """Why the values of the column cannot be those of the contract column, in words without values."""
    if column.personal and target.personal is None:
        return "its values look personal, and this contract column is not protected"
    if not column.present:
        return None
    match target.type:
        case ColumnType.TIMESTAMP:
            is_fit, what = bool(column.moments or column.days or column.times or column.epoch), "timestamps"
        case ColumnType.DATE:
            is_fit, what = bool(column.moments or column.days), "dates"
        case ColumnType.INTEGER:
            is_fit, what = column.is_whole, "whole numbers"
        case ColumnType.NUMERIC:
            is_fit, what = column.is_decimal, "numbers"
        case ColumnType.BOOLEAN:
            is_fit, what = column.yes_no_share >= SHARE, "yes/no words"
        case ColumnType.TEXT:
            return _text_misfit(target, column)
    return None if is_fit else f"its values are no {what}"


def _text_misfit(target: Target, column: Column) -> str | None:
    if target.personal in (PersonalKind.EMAIL, PersonalKind.PHONE) and column.personal is not target.personal:
        return f"its values do not look like {target.personal} values"
    if target.allowed:
        words = translations(target, column)
        known = sum(value in words for value in column.present)
        return None if known >= 0.5 * len(column.present) else "its values are none the contract allows"
    is_moment = column.moments or column.days
    return "its values are dates" if is_moment and target.name.endswith(("_id", "_ref", "_code")) else None


def translations(target: Target, column: Column) -> dict[str, str]:
    """Value in the export → allowed value, for values that are allowed words or known other words for them."""
    allowed = target.allowed or frozenset()
    meant = {other: word for word in sorted(allowed) for other in WORDS.get(word, "").split()}
    meant |= {word: word for word in allowed}
    found = {}
    for value in sorted(set(column.present)):
        word = value if value in allowed else meant.get(normalised(value))
        if word is not None:
            found[value] = word
    return found
