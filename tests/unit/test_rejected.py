"""Rejected loads: no build uses one until it is checked again or somebody answers for it, and then for a time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from touchline import builds, rejected, warehouse
from touchline.errors import TouchlineError
from touchline.settings import Settings

TOMORROW = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def owner(settings: Settings) -> Engine:
    return warehouse.engine(settings)


@pytest.fixture
def load_id(owner: Engine) -> int:
    with owner.begin() as connection:
        return connection.execute(
            text("""
                insert into ops.loads (source, export, kind, brand, file_name, sha256, size_bytes, extracted_at,
                    mapping_fingerprint, started_at, state, reason)
                values ('s', 'e', 'crm', 'b', 'f.csv', 'x', 1, now(), 'm', now(), 'rejected', 'too many bad records')
                returning load_id
            """)
        ).scalar_one()


def test_a_rejected_load_is_listed_and_not_built_upon(owner: Engine, load_id: int) -> None:
    [listed] = rejected.rejected_loads(owner)
    assert (listed["load_id"], listed["reason"], listed["accepted_until"]) == (load_id, "too many bad records", None)
    assert not builds.needs_build(owner, "code")


def test_an_override_counts_until_it_expires(owner: Engine, load_id: int) -> None:
    rejected.accept(owner, load_id, reason="known fault of the till", accepted_by="ana", expires_at=TOMORROW)
    assert builds.needs_build(owner, "code")
    past = "update ops.overrides set accepted_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
    with owner.begin() as connection:
        connection.execute(text(past))
    assert not builds.needs_build(owner, "code")


def test_who_and_why_is_kept(owner: Engine, load_id: int) -> None:
    rejected.accept(owner, load_id, reason="known fault", accepted_by="ana", expires_at=TOMORROW)
    with owner.connect() as connection:
        kept = connection.execute(text("select load_id, reason, accepted_by from ops.overrides")).one()
    assert tuple(kept) == (load_id, "known fault", "ana")


def test_a_recheck_puts_it_before_the_judge_again(owner: Engine, load_id: int) -> None:
    rejected.recheck(owner, load_id)
    with owner.connect() as connection:
        assert connection.scalar(text("select state from ops.loads")) == "loaded"
    with pytest.raises(TouchlineError, match="not a rejected load"):
        rejected.recheck(owner, load_id)


def test_only_a_rejected_load_can_be_accepted(owner: Engine, load_id: int) -> None:
    with pytest.raises(TouchlineError, match="not a rejected load"):
        rejected.accept(owner, load_id + 1, reason="x", accepted_by="ana", expires_at=TOMORROW)
