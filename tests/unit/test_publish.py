"""The schema swap: readers see one whole audited build, and can go back."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import Engine, text

from touchline import builds, publish, queries, warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings
from touchline.warehouse import Role


@pytest.fixture
def owner(settings: Settings) -> Engine:
    return warehouse.engine(settings)


@pytest.fixture
def build(settings: Settings, owner: Engine) -> Callable[..., int]:
    """Make a build whose only mart holds its own number; `state` as given."""

    def make(state: str = "audited") -> int:
        with owner.begin() as connection:
            build_id = connection.scalar(
                text(
                    "insert into ops.builds (as_of, is_as_of_given, code_fingerprint, state)"
                    " values (now(), false, 'x', :state) returning build_id"
                ),
                {"state": state},
            )
        publish.prepare_slot(owner, build_id)
        with warehouse.engine(settings, Role.BUILDER).begin() as connection:
            # The slot was used before.
            connection.exec_driver_sql("drop table if exists marts_next.rpt_test")
            connection.exec_driver_sql(f"create table marts_next.rpt_test as select {build_id}::bigint as build_id")
        return int(build_id)

    return make


def seen(settings: Settings) -> int:
    _, rows = queries.read(settings, "select build_id from marts.rpt_test")
    return int(rows[0][0])


def test_readers_see_what_was_published_last(settings: Settings, owner: Engine, build: Callable[..., int]) -> None:
    first = build()
    publish.publish(owner, first)
    assert seen(settings) == first
    second = build()
    assert seen(settings) == first, "a build in the making is not seen"
    publish.publish(owner, second)
    assert seen(settings) == second


def test_rollback_returns_to_the_build_before_and_back_again(
    settings: Settings, owner: Engine, build: Callable[..., int]
) -> None:
    first = build()
    publish.publish(owner, first)
    second = build()
    publish.publish(owner, second)
    assert publish.rollback(owner).build_id == first
    assert seen(settings) == first
    publish.rollback(owner)
    assert seen(settings) == second
    kinds = [
        row for (row,) in owner.connect().execute(text("select kind from ops.publications order by 1, publication_id"))
    ]
    assert kinds == ["publish", "publish", "rollback", "rollback"]


def test_the_way_back_stays_open_while_the_next_build_is_made(
    settings: Settings, owner: Engine, build: Callable[..., int]
) -> None:
    for _ in range(3):
        publish.publish(owner, build())
    build("building")
    assert publish.rollback(owner).build_id == 2
    assert seen(settings) == 2


@pytest.mark.parametrize("state", ["building", "failed", "published"])
def test_only_an_audited_build_is_published(owner: Engine, build: Callable[..., int], state: str) -> None:
    build_id = build(state)
    with pytest.raises(TouchlineError, match="not ready to publish"):
        publish.publish(owner, build_id)


def test_a_slot_that_holds_another_build_is_not_published(owner: Engine, build: Callable[..., int]) -> None:
    first = build()
    build()
    with pytest.raises(TouchlineError, match="not ready to publish"):
        publish.publish(owner, first)


def test_nothing_to_roll_back_to(owner: Engine) -> None:
    with pytest.raises(TouchlineError, match="no previous build"):
        publish.rollback(owner)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from marts_next.rpt_test",
        "select * from marts_previous.rpt_test",
        "select * from raw.crm_contacts",
        "select * from vault.values",
        "select * from quarantine.records",
        "select * from ops.loads",
        "create table marts.mine (a int)",
        "delete from marts.rpt_test",
        "set role touchline_builder",
        "do $$ begin perform set_config('role', 'touchline_loader', false); perform * from raw.crm_contacts; end $$",
        "select 1; select 2",
    ],
)
def test_bi_reader_sees_published_marts_and_nothing_else(
    settings: Settings, owner: Engine, build: Callable[..., int], sql: str
) -> None:
    publish.publish(owner, build())
    publish.publish(owner, build())
    build("building")
    with pytest.raises(TouchlineError):
        queries.read(settings, sql)


def test_the_builder_cannot_touch_a_published_mart(
    settings: Settings, owner: Engine, build: Callable[..., int]
) -> None:
    publish.publish(owner, build())
    with (
        warehouse.engine(settings, Role.BUILDER).connect() as connection,
        pytest.raises(Exception, match="permission denied for schema marts"),
    ):
        connection.exec_driver_sql("create table marts.mine (a int)")


def test_an_open_reader_neither_blocks_nor_breaks(settings: Settings, owner: Engine, build: Callable[..., int]) -> None:
    first = build()
    publish.publish(owner, first)
    url = warehouse.libpq_url(warehouse.database_url(settings, Role.READER))
    with psycopg.connect(url) as reader:
        assert reader.execute("select build_id from marts.rpt_test").fetchone() == (first,)
        second = build()
        publish.publish(owner, second)
        # READ COMMITTED: the next statement of the same transaction resolves the name anew.
        assert reader.execute("select build_id from marts.rpt_test").fetchone() == (second,)
        publish.publish(owner, build())
        with pytest.raises(TouchlineError, match="held tables of an older build"):
            build()  # the reader still holds a lock on the first build's table


def test_latest_publication(owner: Engine, build: Callable[..., int]) -> None:
    assert builds.latest_publication(owner) is None
    published = publish.publish(owner, build())
    assert builds.latest_publication(owner) == published
