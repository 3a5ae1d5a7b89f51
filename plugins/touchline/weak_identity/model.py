"""The probability that two contacts are one person, after Fellegi and Sunter (1969), by Splink over DuckDB in memory.

Nothing is learnt from labels: how often attributes agree among all pairs (u) comes from a seeded sample, how often
among the same person's (m) by expectation maximisation, each within contacts that agree on something else. One thread,
rows in order: the same contacts give the same scores, bit by bit.
"""

import json
import logging
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from touchline.errors import TouchlineError
from touchline.weak_identity.attributes import Contact, Prepared, agreeing_pairs, pairs_by, prepare
from touchline.weak_identity.comparisons import BLOCKS, COLUMNS, settings

KEPT_FROM = 0.5
"""Pairs of a lower probability are no evidence and are not kept."""
ASSUMED_RECALL = 0.6
"""Share of the duplicates that agree by every appearance; it sets the prior, and a wrong one shifts all odds alike."""
MIN_PAIRS = 20
"""Fewer pairs teach nothing."""
SAMPLED_PAIRS = 1_000_000
_SEED = 1
_LEAST_U = 0.02
"""Of what was sampled: u is not believed to be less, or one agreement would decide alone."""
_NO_SPILL: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    # Plain values stay in memory: nothing is spilled, attached, downloaded.
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True)
class Pair:
    """Two nodes, the left one first in byte order. `weight`: logarithm to base 2 of the odds."""

    left_node: str
    right_node: str
    weight: float
    probability: float


@dataclass(frozen=True)
class Scored:
    """Pairs from KEPT_FROM on. `prior`: share of all pairs taken for one person; None: too few to learn from."""

    contacts: int
    pairs: list[Pair]
    prior: float | None


def score_contacts(contacts: Iterable[Contact], kept_from: float = KEPT_FROM) -> Scored:
    """Score all pairs of contacts that have something in common. TouchlineError if the extra is not installed."""
    require_extra()
    prepared = prepare(contacts)
    agreeing = agreeing_pairs(prepared)
    blocks = [name for name in BLOCKS if pairs_by(getattr(row, name) for row in prepared) >= MIN_PAIRS]
    # Each attribute is learnt from contacts that agree on others: it takes two different ways to agree.
    if agreeing < MIN_PAIRS or len(blocks) < 2 or "name_key" not in blocks:
        return Scored(len(prepared), [], None)
    total = len(prepared) * (len(prepared) - 1) / 2
    prior = min(agreeing / ASSUMED_RECALL / total, 0.5)
    with _quiet():
        pairs = _predict(prepared, prior, blocks, kept_from)
    return Scored(len(prepared), pairs, prior)


def require_extra() -> str:
    """Splink's version; TouchlineError where the extra is not installed."""
    try:
        import duckdb  # noqa: F401 - asked for, not used
        import splink
    except ImportError:
        raise TouchlineError(
            "Weak evidence is scored by Splink, which is not installed", todo="pip install 'touchline[weak-identity]'"
        ) from None
    return str(splink.__version__)


def _predict(prepared: list[Prepared], prior: float, blocks: Sequence[str], kept_from: float) -> list[Pair]:
    import duckdb
    import pandas as pd
    from splink import block_on

    used = [name for name in COLUMNS if any(getattr(row, name) for row in prepared)]
    contacts = pd.DataFrame([vars(row) for row in prepared])
    try:
        with duckdb.connect(":memory:", config=_NO_SPILL) as database:
            frequencies = {name: _frequencies(database, prepared, name) for name in used}
            linker = _linker(database, contacts, settings(used, prior), frequencies)
            linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=_SEED)
            for name in blocks:
                linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
            linker = _linker(database, contacts, _apart(linker, prior), frequencies)
            found = linker.inference.predict(threshold_match_probability=kept_from).as_record_dict()
    except Exception as error:  # noqa: BLE001 - whatever they raise, its words may quote values
        todo = "free memory if there are very many contacts; else report it"
        raise TouchlineError(f"Splink failed: {type(error).__name__}", where="weak evidence", todo=todo) from None
    return sorted((_pair(row) for row in found), key=lambda pair: (pair.left_node, pair.right_node))


def _linker(database: Any, contacts: Any, model: Any, frequencies: dict[str, str]) -> Any:
    from splink import DuckDBAPI, Linker

    linker: Any = Linker(contacts, model, DuckDBAPI(connection=database), set_up_basic_logging=False)
    for name, table in frequencies.items():
        linker.table_management.register_term_frequency_lookup(table, name, overwrite=True)
    return linker


def _apart(linker: Any, prior: float) -> dict[str, Any]:
    """The trained model with u of different persons' pairs: those sampled are of the same person, too, now and then.

    All pairs are a mixture, prior * m + (1 - prior) * u; where there are few contacts, duplicates weigh in it.
    """
    model: dict[str, Any] = json.loads(json.dumps(linker.misc.save_model_to_json()))
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            m, sampled = level.get("m_probability"), level.get("u_probability")
            if isinstance(m, float) and isinstance(sampled, float):
                level["u_probability"] = max((sampled - prior * m) / (1 - prior), _LEAST_U * sampled)
    return model


def _frequencies(database: Any, prepared: list[Prepared], name: str) -> str:
    """Table of how many of the others bear each value: a value borne twice is rarer than it looks beside itself."""
    import pandas as pd

    counts = Counter(value for row in prepared if (value := getattr(row, name)))
    others = max(counts.total() - 1, 1)
    rows = [(value, max(count - 1, 0.5) / others) for value, count in sorted(counts.items())]
    database.register("counted", pd.DataFrame(rows, columns=[name, f"tf_{name}"]))
    database.execute(f"create table frequencies_of_{name} as select * from counted")
    database.unregister("counted")
    return f"frequencies_of_{name}"


def _pair(row: dict[str, Any]) -> Pair:
    left, right = sorted((row["node_l"], row["node_r"]))
    return Pair(left, right, round(row["match_weight"], 6), round(row["match_probability"], 9))


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink tells its queries and progress, at whatever level the caller listens."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
