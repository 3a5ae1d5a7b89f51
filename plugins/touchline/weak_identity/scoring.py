"""Takes weak attributes out of the vault, and lets nothing but scores back out.

The values are opened in this process and stay in its memory. Reading and writing are done by `touchline_matcher`, who
sees a view of sealed attributes, may empty and fill two tables of scores, and may not even read those.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from touchline import custody, warehouse
from touchline.errors import TouchlineError
from touchline.keys import VaultKeys
from touchline.locks import Lock
from touchline.settings import Settings
from touchline.warehouse import Role
from touchline.weak_identity import model
from touchline.weak_identity.attributes import Contact
from touchline.weak_view import ATTRIBUTES, VIEW, is_there

THRESHOLD = 0.8
"""Pairs from here on are shown for review; docs/identity.md has precision and recall at this and other thresholds."""

Progress = Callable[[str], None]

_READ = text(f"select build_id, brand, node, {', '.join(ATTRIBUTES)} from {VIEW} order by brand, node")
_PAIRS = text("""
    insert into identity.weak_pairs (
        brand, left_node, right_node, match_weight, match_probability, build_id, model_version, scored_at
    )
    values (:brand, :left_node, :right_node, :weight, :probability, :build_id, :model_version, :scored_at)
""")
_SCORINGS = text("""
    insert into identity.weak_scorings (brand, contacts, pairs, prior, build_id, model_version, scored_at)
    values (:brand, :contacts, :pairs, :prior, :build_id, :model_version, :scored_at)
""")


@dataclass(frozen=True)
class Scoring:
    """One brand, scored. `pairs`: those kept; `prior`: share of all pairs taken for one person, None where there were
    too few contacts to learn from.
    """

    brand: str
    contacts: int
    pairs: int
    prior: float | None
    build_id: int
    model_version: str
    scored_at: datetime


def score(settings: Settings, progress: Progress = lambda _: None) -> list[Scoring]:
    """Score the CRM contacts of the build resolved last, brand by brand, in place of the scores before.

    All or nothing. Raises TouchlineError where the extra is not installed, for keys that are not the warehouse's, and
    while files are loaded under a move of tokens or a person is being erased.
    """
    version = model_version(model.require_extra())
    owner, matcher = warehouse.engine(settings), warehouse.engine(settings, Role.MATCHER)
    _require_attributes(owner)
    custody.require_settled(owner)
    keys = custody.held_keys(settings, owner)
    # Held until the scores are in: whoever is erased is erased before this reads, or after it has written.
    busy = "Tokens are being moved, or a person is being erased"
    with warehouse.advisory_lock(owner, Lock.TOKENS, busy, is_shared=True):
        build_id, brands = _read(matcher, keys)
        scored = {}
        for brand, contacts in brands.items():
            scored[brand] = model.score_contacts(contacts)
            progress(f"{brand}: {len(scored[brand].pairs)} pairs of {scored[brand].contacts} contacts")
        return _write(matcher, build_id, version, scored)


def _require_attributes(owner: Engine) -> None:
    with owner.connect() as connection:
        if not is_there(connection):
            what = f"Weak evidence compares {', '.join(ATTRIBUTES)} of CRM contacts, and the contract lacks some"
            todo = "add the columns to the contract of crm contacts and run `touchline upgrade`"
            raise TouchlineError(what, where=VIEW, todo=todo)


def model_version(splink: str) -> str:
    """Splink's version and a digest of this package's code: other settings are another model."""
    code = b"\x1f".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return f"splink {splink}, {hashlib.sha256(code).hexdigest()[:12]}"


def _read(matcher: Engine, keys: VaultKeys) -> tuple[int, dict[str, list[Contact]]]:
    """(build, contacts by brand), opened."""
    brands = defaultdict(list)
    build_id = None
    with matcher.connect() as connection:
        for row in connection.execution_options(yield_per=10_000).execute(_READ):
            values = {name: _opened(keys, sealed) for name in ATTRIBUTES if (sealed := getattr(row, name))}
            brands[row.brand].append(Contact(row.node, **values))
            build_id = row.build_id
    if build_id is None:
        todo = "run `touchline run` first; weak evidence compares the contacts of a CRM"
        raise TouchlineError("There is no CRM contact to compare", where=VIEW, todo=todo)
    return build_id, dict(brands)


def _opened(keys: VaultKeys, sealed: Any) -> str:
    return keys.decrypt(bytes(sealed)).decode()


def _write(matcher: Engine, build_id: int, version: str, scored: dict[str, model.Scored]) -> list[Scoring]:
    at = datetime.now(UTC)
    with matcher.begin() as connection:
        connection.execute(text("delete from identity.weak_pairs"))
        done = []
        for brand, found in scored.items():
            done.append(Scoring(brand, found.contacts, len(found.pairs), found.prior, build_id, version, at))
            common = {"brand": brand, "build_id": build_id, "model_version": version, "scored_at": at}
            if found.pairs:
                connection.execute(_PAIRS, [asdict(pair) | common for pair in found.pairs])
            connection.execute(_SCORINGS, asdict(done[-1]))
    return done
