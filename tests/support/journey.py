"""One path through a tiny warehouse: what arrives and what is asked of it, with the promises checked on the way."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from support.against_reference import differences_from_full, differences_from_reference
from support.reference import Load
from support.reference.staged import KEYS
from support.tiny_warehouse import TinyWarehouse
from support.world import CLOCK, SNAPSHOTS, VERSIONS
from touchline.errors import TouchlineError

Row = dict[str, Any]
CLOCKS = {"corner": "till", "annex": "booth"}


class Journey:
    """Delivers to one warehouse, builds, publishes and rolls back; knows what must be live at any moment."""

    def __init__(
        self, empty: Callable[[str], TinyWarehouse], as_of: datetime, log: Callable[[str], None] = print
    ) -> None:
        self.empty, self.log = empty, log
        log("--- a new path")
        self.house = empty("tiny_kept")
        self.versions: dict[tuple[Any, ...], dict[int, Row]] = {}
        self.files = 0
        self.built: dict[int, dict[str, str]] = {}
        """Digest of every table of each build that was published."""
        self.live: int | None = None
        self.before: int | None = None
        for brand in CLOCKS:
            self.advance(brand, as_of)

    def copy(self) -> "Journey":
        """The same journey, which goes on by itself in what is the same warehouse by now."""
        again = copy.copy(self)
        again.house = self.house.copy()
        again.versions, again.built = copy.deepcopy(self.versions), copy.deepcopy(self.built)
        return again

    @property
    def loads(self) -> list[Load]:
        return self.house.deliveries

    def deliver(self, source: str, export: str, rows: Iterable[tuple[int, Row]]) -> Load:
        """One file of (version, record); a version of a key that is taken by other values moves up."""
        versioned = [self._versioned(source, export, number, row) for number, row in rows]
        return self.deliver_rows(source, export, versioned)

    def deliver_rows(self, source: str, export: str, rows: list[Row]) -> Load:
        # a later file of a snapshot is a later snapshot, unless it was extracted before
        self.files += 1
        is_snapshot = (source, export) in SNAPSHOTS
        load = Load(source, export, VERSIONS + timedelta(hours=self.files), rows, is_snapshot)
        self.log(f"deliver {source}.{export} {[self._short(row) for row in rows]}")
        self.house.deliver(load)
        return load

    def deliver_older_snapshot(self, source: str, export: str, rows: Iterable[tuple[int, Row]]) -> None:
        """A snapshot that was extracted before all others arrives after them."""
        self.files += 1
        versioned = [self._versioned(source, export, number, row) for number, row in rows]
        self.log(f"older snapshot {source}.{export} {[self._short(row) for row in versioned]}")
        self.house.deliver(Load(source, export, VERSIONS - timedelta(hours=self.files), versioned, is_snapshot=True))

    def redeliver(self, load: Load) -> None:
        """The same bytes again are no load."""
        assert not self.house.deliver(load)

    def deliver_again(self, load: Load, order: Callable[[list[Row]], list[Row]]) -> None:
        """The same records in other files: reversed, or a part of them."""
        if not load.is_snapshot and load.export != CLOCK and (rows := order(load.rows)):
            self.log(f"again in other files: {load.source}.{load.export} of load {load.load_id}")
            self.house.deliver(replace(load, rows=rows, state="accepted", is_overridden=False))

    def delete(self, load: Load, number: int) -> None:
        """The newest version of a record says that it is gone."""
        row = load.rows[number % len(load.rows)]
        if load.export != CLOCK and not load.is_snapshot:
            newest = max(self._known(load.source, load.export, row)) + 1
            self.deliver(load.source, load.export, [(newest, row | {"is_deleted": True})])

    def correct(self, load: Load, number: int, row: Row) -> None:
        """A newer version of a record that was delivered before: all its values may be others."""
        old = load.rows[number % len(load.rows)]
        newest = max(self._known(load.source, load.export, old)) + 1
        keys = {name: old[name] for name in KEYS[load.export]}
        if load.source == "desk" and load.export == "contacts" and old["contact_id"] != row["contact_id"]:
            return  # the e-mail of one contact must not become another's
        self.deliver(load.source, load.export, [(newest, row | keys)])

    def advance(self, brand: str, at: datetime) -> None:
        """Time goes on (or a late clock is read), and no other record comes."""
        self.files += 1
        row = {"queue_ticket_id": f"t{self.files}", "location_id": "L0", "joined_at": at, "outcome": "served"}
        self.log(f"clock of {brand}: {at:%m-%d %H:%M:%S}")
        self.house.deliver(
            Load(CLOCKS[brand], CLOCK, VERSIONS, [row | {"source_updated_at": VERSIONS, "is_deleted": False}])
        )

    def toggle(self, load: Load, *, answered: bool) -> None:
        """Withdraw an accepted load; of a withdrawn one answer for it, let that expire, or accept it again."""
        house = self.house
        if load.state == "accepted":
            clocks = [
                other
                for other in self.loads
                if (other.source, other.export, other.state) == (load.source, CLOCK, "accepted")
            ]
            if load.export != CLOCK or len(clocks) > 1:
                self.log(f"withdraw load {load.load_id}")
                house.withdraw(load)
        elif load.is_overridden:
            self.log(f"the override of load {load.load_id} expires")
            house.let_override_expire(load)
        elif answered:
            self.log(f"somebody answers for load {load.load_id}")
            house.answer_for(load)
        else:
            self.log(f"accept load {load.load_id} again")
            house.accept_again(load)

    def build(self, *, publish: bool = True, meanwhile: Callable[[], Any] | None = None, **order: Any) -> int:
        """A build that succeeds and is compared with the reference, published or not."""
        build_id = self.house.build(meanwhile=meanwhile, **order)
        self.log(f"build {build_id}{', published' if publish else ''} {order or ''}")
        wrong = differences_from_reference(self.house, "marts_next")
        assert not wrong, "\n".join(wrong[:60])
        if publish:
            self.built[build_id] = self.house.digests("marts_next")
            self.house.publish(build_id)
            self.live, self.before = build_id, self.live
        self.check_live()
        return build_id

    def build_and_fail(self, **fault: Any) -> None:
        self.log(f"build fails: {fault}")
        with pytest.raises(TouchlineError, match=r"stopped after|0 dbt node\(s\) failed"):
            self.house.build(**fault)
        self.check_live()

    def roll_back(self) -> None:
        if self.before is not None:
            assert self.house.rollback() == self.before
            self.live, self.before = self.before, self.live
            self.log(f"rolled back to build {self.live}")
            self.check_live()

    def check_live(self) -> None:
        """What readers see is the build that was published or rolled back to last, and all of it."""
        if self.live is not None:
            assert self.house.slot("marts") == self.live
            assert self.house.digests("marts") == self.built[self.live]

    def check_full(self, seed: int = 1) -> None:
        """All that is kept is what a full refresh makes of the same files."""
        wrong = differences_from_full(
            self.house, "marts_next" if self.house.slot("marts_next") else "marts", self.empty, seed
        )
        assert not wrong, "\n".join(wrong[:60])

    def _versioned(self, source: str, export: str, number: int, row: Row) -> Row:
        taken = self._known(source, export, row)
        row = {name: value for name, value in row.items() if name != "source_updated_at"}
        row.setdefault("is_deleted", False)
        while number in taken and taken[number] != row:
            number += 1
        taken[number] = row
        return row | {"source_updated_at": VERSIONS + timedelta(minutes=number)}

    def _known(self, source: str, export: str, row: Row) -> dict[int, Row]:
        return self.versions.setdefault((source, export, *(row[name] for name in KEYS[export])), {})

    @staticmethod
    def _short(row: Row) -> str:
        minutes = int((row["source_updated_at"] - VERSIONS).total_seconds() // 60)
        skipped = ("source_updated_at", "is_deleted")
        values = ", ".join(f"{k}={v}" for k, v in row.items() if k not in skipped and v is not None)
        return f"v{minutes}{' DELETED' if row['is_deleted'] else ''} {values}"


Beginning = Callable[[], Journey]
"""Gives a journey that has come so far already, a copy each time."""
