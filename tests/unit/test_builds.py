"""Frozen load sets and the `as_of` of each brand."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from touchline import builds, warehouse
from touchline.errors import TouchlineError
from touchline.mapping import Source
from touchline.settings import Settings

JUNE_1, JUNE_2, JUNE_3 = (datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2, 3))


@pytest.fixture
def owner(settings: Settings) -> Engine:
    return warehouse.engine(settings)


def source(name: str, brand: str = "default", required: bool = False) -> Source:
    export = {"name": "e", "files": ["*"], "into": [{"entity": "contacts"}]}
    fields: dict[str, Any] = {"source": name, "kind": "crm", "description": "t", "owner": "t", "exports": [export]}
    return Source.model_validate(fields | {"brand": brand, "required": required})


def add_load(
    owner: Engine,
    name: str,
    through: datetime | None,
    export: str = "e",
    state: str = "accepted",
    records: int = 0,
) -> int:
    with owner.begin() as connection:
        return connection.execute(
            text("""
                insert into ops.loads (source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
                    mapping_fingerprint, started_at, state, complete_through, records, loaded)
                values (:source, :export, 'crm', 'x', 'f', gen_random_uuid()::text, 1, now(), 'm', now(),
                    :state, :through, :records, :records)
                returning load_id
            """),
            {"source": name, "export": export, "state": state, "through": through, "records": records},
        ).scalar_one()


def as_of(owner: Engine, build: builds.Build) -> dict[str, datetime]:
    with owner.connect() as connection:
        rows = connection.execute(
            text("select brand, as_of from ops.build_brands where build_id = :id"), {"id": build.build_id}
        )
        return {row.brand: row.as_of for row in rows}


def test_a_build_holds_the_accepted_loads_only(owner: Engine) -> None:
    accepted = add_load(owner, "a", JUNE_1)
    for state in ("loaded", "rejected", "refused"):
        add_load(owner, "a", JUNE_2, state=state)
    build = builds.freeze(owner, [source("a")], "code")
    with owner.connect() as connection:
        assert connection.scalars(text("select load_id from ops.build_loads")).all() == [accepted]
    assert build.loads == 1


def test_as_of_is_where_all_required_sources_are_complete(owner: Engine) -> None:
    add_load(owner, "a", JUNE_3)
    add_load(owner, "b", JUNE_2)
    add_load(owner, "optional", JUNE_1)
    build = builds.freeze(owner, [source("a", required=True), source("b", required=True), source("optional")], "code")
    assert as_of(owner, build) == {"default": JUNE_2}


def test_without_required_sources_all_loaded_ones_count(owner: Engine) -> None:
    add_load(owner, "a", JUNE_3)
    add_load(owner, "b", JUNE_2)
    assert as_of(owner, builds.freeze(owner, [source("a"), source("b")], "code")) == {"default": JUNE_2}


def test_a_source_is_complete_where_its_slowest_export_is(owner: Engine) -> None:
    add_load(owner, "a", JUNE_1, export="calls")
    add_load(owner, "a", JUNE_3, export="calls")
    add_load(owner, "a", JUNE_2, export="cases")
    add_load(owner, "a", None, export="locations")
    assert as_of(owner, builds.freeze(owner, [source("a")], "code")) == {"default": JUNE_2}


def test_brands_have_an_as_of_of_their_own(owner: Engine) -> None:
    add_load(owner, "a", JUNE_1)
    add_load(owner, "b", JUNE_3)
    build = builds.freeze(owner, [source("a", "one", True), source("b", "two", True)], "code")
    assert as_of(owner, build) == {"one": JUNE_1, "two": JUNE_3}


def test_as_of_is_never_beyond_what_was_asked_for(owner: Engine) -> None:
    add_load(owner, "a", JUNE_3)
    assert as_of(owner, builds.freeze(owner, [source("a")], "code", JUNE_1)) == {"default": JUNE_1}


def test_as_of_is_never_beyond_load_time(owner: Engine) -> None:
    add_load(owner, "a", datetime(2999, 1, 1, tzinfo=UTC))
    build = builds.freeze(owner, [source("a")], "code")
    assert as_of(owner, build) == {"default": build.as_of}


def test_a_required_source_without_load_stops_its_brand(owner: Engine) -> None:
    add_load(owner, "a", JUNE_1)
    with pytest.raises(TouchlineError, match="Required sources have no accepted load: b"):
        builds.freeze(owner, [source("a"), source("b", required=True)], "code")
    # A brand nobody has delivered anything for does not.
    builds.freeze(owner, [source("a"), source("b", "other", required=True)], "code")


def test_loads_of_a_source_nobody_describes_stop_the_build(owner: Engine) -> None:
    add_load(owner, "gone", JUNE_1)
    with pytest.raises(TouchlineError, match="Loads of gone"):
        builds.freeze(owner, [source("a")], "code")


def test_a_build_is_needed_for_new_loads_or_new_code_only(owner: Engine) -> None:
    assert not builds.needs_build(owner, "code"), "nothing is loaded"
    add_load(owner, "a", JUNE_1)
    assert builds.needs_build(owner, "code")
    build = builds.freeze(owner, [source("a")], "code")
    assert builds.needs_build(owner, "code"), "not published yet"
    builds.set_state(owner, build.build_id, "published")
    assert not builds.needs_build(owner, "code")
    assert builds.needs_build(owner, "other code")
    add_load(owner, "a", JUNE_2)
    assert builds.needs_build(owner, "code")


@pytest.mark.parametrize(
    ("known", "fresh", "is_full"),
    [
        (150_000, [90_000, 70_000], True),
        (150_000, [150_000], False),  # as many again are not more
        (10, [99_999], False),  # few
        (10, [100_000], True),
        (150_000, [], False),
    ],
)
def test_tables_are_made_anew_when_most_is_new(owner: Engine, known: int, fresh: list[int], is_full: bool) -> None:
    add_load(owner, "a", JUNE_1, records=known)
    published = builds.freeze(owner, [source("a")], "code")
    builds.set_state(owner, published.build_id, "published")
    for records in fresh:
        add_load(owner, "a", JUNE_2, records=records)
    build = builds.freeze(owner, [source("a")], "code")
    assert builds.order(owner, build.build_id).is_full_refresh is is_full


def test_what_was_never_published_is_not_known(owner: Engine) -> None:
    """The first build makes its tables anew in any case; after one that failed, only some may be there."""
    add_load(owner, "a", JUNE_1, records=150_000)
    failed = builds.freeze(owner, [source("a")], "code")
    builds.set_state(owner, failed.build_id, "failed")
    build = builds.freeze(owner, [source("a")], "code")
    assert builds.order(owner, build.build_id).is_full_refresh is False
